"""Blindness: no byte of any answer tells an independent judge what the model or anybody else said.

Two houses are alike but for that. Whatever a reviewer can ask of one is asked of the other in the
same way, and the answers must be the same: status, headers and body.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from cases.models import Case
from reviews.claims import claim_case
from reviews.rights import rights_of
from tests.conftest import copied_database
from tests.reviews.two_houses import ONE, OTHER, SCENARIOS, MakePerson, Scenario, build
from tests.reviews.walks import Walk, words


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


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_answer_tells_what_was_said(
    name: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker, make_person: MakePerson,
    settings: Any,
) -> None:  # fmt: skip
    scenario, walks = SCENARIOS[name], []
    for said in (ONE, OTHER):
        settings.UNDO_SECONDS = 0
        with copied_database(django_db_blocker):
            case, me = build(scenario, said, make_person)
            settings.UNDO_SECONDS = 600
            walks.append(walk(scenario, case, me, Client()))
    one, other = (walked.answers for walked in walks)
    assert [asked for asked, _ in one] == [asked for asked, _ in other]
    for (asked, here), (_, there) in zip(one, other, strict=True):
        assert here == there, f"{name}: {asked}"


def test_the_proof_would_notice(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, make_person: MakePerson
) -> None:
    """After the answer the very same pages differ: so they do tell, and the comparison sees it."""
    scenario, pages = SCENARIOS["the first review of the blind share"], []
    for said in (ONE, OTHER):
        with copied_database(django_db_blocker):
            case, me = build(scenario, said, make_person)
            claim_case(case.pk, reviewer=me, rights=rights_of(me), by=me.actor)
            client = Client()
            client.force_login(me)
            walked = Walk(client, case, me)
            sent = {"verdict": "approve", **words("approve"), "commits": "yes", "confirmed": "yes"}
            walked.get(f"/cases/{case.pk}/")
            walked.post("verdict", sent)
            walked.get(f"/cases/{case.pk}/")
            pages.append([text for _, text in walked.answers])
    assert pages[0][:2] == pages[1][:2]
    assert "0.93" in pages[0][2]
    assert "0.71" in pages[1][2]
