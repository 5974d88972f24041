"""Blindness: no byte of any answer tells who judges first and unseen what the model said.

Who judges after others is walked beside this, in a file of its own: each takes its time.
"""

from typing import Any

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from reviews.claims import claim_case
from reviews.rights import rights_of
from tests.conftest import copied_database
from tests.reviews.two_houses import FIRST_REVIEWS, ONE, OTHER, MakePerson, build
from tests.reviews.two_walks import answers_are_the_same
from tests.reviews.walks import Walk, words


@pytest.mark.parametrize("name", FIRST_REVIEWS)
def test_no_answer_tells_what_was_said(
    name: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker, make_person: MakePerson,
    settings: Any,
) -> None:  # fmt: skip
    answers_are_the_same(FIRST_REVIEWS[name], django_db_blocker, make_person, settings)


def test_the_proof_would_notice(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, make_person: MakePerson
) -> None:
    """After the answer the very same pages differ: so they do tell, and the comparison sees it."""
    scenario, pages = FIRST_REVIEWS["the first review of the blind share"], []
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
