"""The same walk through two houses: whatever can be asked of one is asked of the other in the same way.

The answers must be the same: status, headers and body.
"""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from cases.models import Case
from tests.conftest import copied_database
from tests.reviews.two_houses import ONE, OTHER, MakePerson, Scenario, build
from tests.reviews.walks import Walk, alike, words


def answers_are_the_same(
    scenario: Scenario, blocker: DjangoDbBlocker, make_person: MakePerson, settings: Any
) -> None:
    """Fails with the first request that the houses answer otherwise."""
    walks = []
    for said in (ONE, OTHER):
        settings.UNDO_SECONDS = 0
        with copied_database(blocker):
            case, me = build(scenario, said, make_person)
            settings.UNDO_SECONDS = 600
            walks.append(walk(scenario, case, me, Client()))
    one, other = (walked.answers for walked in walks)
    assert [asked for asked, _ in one] == [asked for asked, _ in other]
    for (asked, here), (_, there) in zip(one, other, strict=True):
        alike(asked, here, there)


def walk(scenario: Scenario, case: Case, me: User, client: Client) -> Walk:
    """Everything, in every situation that comes before the reviewer has said their word."""
    client.force_login(me)
    walked = Walk(client, case, me)
    walked.everything()
    walked.post("take_over", {})
    walked.post("give", {"person": me.pk})
    walked.post("claim", {})
    walked.everything()
    walked.post("field", {"act": "illegible"})
    walked.post("verdict", {"verdict": "approve"})
    walked.post("verdict", {"verdict": "decline", **words("decline")})
    walked.post(
        "verdict", {"verdict": "approve", **words("approve"), "version": 1, "confirmed": "yes"}
    )
    walked.post("give_back", {})
    walked.post("merge", {"take:verdict": "sent"})
    walked.post("give_back", {})
    walked.post("verdict", {"verdict": "approve", **words("approve"), "confirmed": "yes"})
    walked.post("start", {})
    walked.post("hold", {"until": str(timezone.localdate() + timedelta(days=2)), "words": "Later."})
    walked.everything()
    walked.post("take_up", {})
    walked.post("claim", {})
    if scenario.judgements_before:
        walked.post("verdict", {"verdict": "decline", **words("decline"), "confirmed": "yes"})
        walked.everything()
        walked.post("verdict", {"verdict": "decline", **words("decline"), "confirmed": "yes"})
        walked.post("undo", {})
        walked.get(f"/cases/{case.pk}/")
    walked.post("escalate", {"note": "Above me."})
    walked.get(f"/cases/{case.pk}/")
    walked.get("/")
    return walked
