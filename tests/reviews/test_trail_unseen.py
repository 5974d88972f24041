"""To who only reviews, nothing of the trail is there.

Senior reviewers supervise, so they see some of it: what it tells them of cases they judge is walked
in test_blindness.
"""

from collections.abc import Sequence
from uuid import UUID

import pytest
from django.test import Client

from accounts.roles import Role
from audit.models import Event
from reviews.presenting.histories import WORDS
from reviews.veiling import untelling
from tests.reviews.test_sampled_unseen import WHY, build
from tests.reviews.two_houses import MakePerson
from tests.reviews.walks import TRAIL, Walk, addresses_of

NOBODYS: dict[str, Sequence[object]] = {"pk": [1], "id": [UUID(int=1)]}


def test_what_comes_after_a_decision_is_not_told_of_a_sample() -> None:
    """To colleagues who need not judge it, too: what the history hides from a judge alone is not enough."""
    after = [
        type
        for type in WORDS
        if type.startswith(("decision.", "notice.", "receipt.", "reply.", "sample."))
    ]
    assert len(after) > 10
    told = untelling([Event(type=type) for type in ("case.received", *after)])
    assert [event.type for event in told] == ["case.received"]


@pytest.mark.django_db
def test_to_who_reviews_nothing_of_the_trail_is_there(
    client: Client, make_person: MakePerson
) -> None:
    case, _ = build(WHY["decided and drawn"], make_person)
    me = make_person(Role.REVIEWER, username="bruno", first_name="Bruno")
    client.force_login(me)
    walked, before = Walk(client, case, me), Event.objects.count()
    parts = {
        **NOBODYS,
        "case_id": [case.pk],
        "name": ["any"],
        "number": [1],
        "size": [1],
        "form": ["pdf"],
    }
    for name, sent in TRAIL.items():
        for address in addresses_of(name, parts):
            assert client.get(address, follow=True).status_code in (404, 405), address
            walked.keep(address, client.post(address, sent))
    answers = {text for _, text in walked.answers if not text.startswith("405")}
    walked.get("/there/is/no/such/page/")
    assert answers <= {walked.answers[-1][1]}
    assert Event.objects.count() == before
