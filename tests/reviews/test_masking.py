"""Masks: what is personal is hidden from some roles until they say what for."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from accounts.roles import Role, give_role
from audit.models import Event
from cases.models import Case, Pipeline
from reviews import masking
from reviews.masking import NothingToUnmask, hidden_from, unmask
from reviews.presenting.masks import MASK, NOTHING, Hidden, masked_data
from tests.casefiles import LOAN_DATA, TESTER, waiting_case
from tests.conftest import Upstream
from tests.loans import loan_in_review
from tests.reviews.test_case_page import text

NAME = LOAN_DATA["applicant"]["name"]
PURPOSE = "Audit sample"


def post(client: Client, case: Case, act: str, /, **sent: str) -> HttpResponse:
    answer: HttpResponse = client.post(f"/cases/{case.pk}/{act}/", sent, follow=True)  # type: ignore[assignment]  # stubs
    return answer


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    return waiting_case(loan, make_upstream().client)


@pytest.fixture
def auditor(make_person: Callable[..., User]) -> User:
    return make_person(Role.AUDITOR)


def test_a_mask_lies_over_single_values_of_the_data_alone() -> None:
    hidden = Hidden(pointers=frozenset({"/applicant/name", "/a~1b"}))
    data = {"applicant": {"name": "Ada", "age": 3}, "a/b": 1, "loan": {"name": "x"}}
    assert masked_data(data, hidden) == {
        "applicant": {"name": MASK, "age": 3},
        "a/b": MASK,
        "loan": {"name": "x"},
    }


def test_who_has_another_role_beside_is_not_masked(case: Case, auditor: User) -> None:
    hidden = hidden_from(auditor, case)
    assert {"applicant_name", "iban"} <= hidden.fields
    assert {"/applicant/name", "/applicant/address"} <= hidden.pointers
    assert hidden.papers
    give_role(Role.REVIEWER, to=auditor, by=TESTER)
    assert hidden_from(auditor, case) == NOTHING


def test_the_record_shows_dots_until_a_purpose_is_given(
    client: Client, case: Case, auditor: User
) -> None:
    client.force_login(auditor)
    page = text(client.get(f"/cases/{case.pk}/"))
    assert NAME not in page
    assert "Lindenallee" not in page
    assert "DE89" not in page.replace(" ", "")
    assert MASK in page
    answer = post(client, case, "unmask", what="iban", purpose="Curiosity")
    assert "what for" in text(answer)
    answer = post(client, case, "unmask", what="iban", purpose=PURPOSE)
    assert "DE89" in text(answer).replace(" ", "")
    assert NAME not in text(answer)
    post(client, case, "unmask", what="all", purpose=PURPOSE)
    assert NAME in text(client.get(f"/cases/{case.pk}/"))
    event = Event.objects.filter(type="case.unmasked").latest("id")
    assert event.data == {"what": "all", "purpose": PURPOSE}
    assert event.actor_id == str(auditor.pk)


def test_papers_are_not_given_out_while_they_are_masked(
    client: Client, case: Case, auditor: User
) -> None:
    client.force_login(auditor)
    assert post(client, case, "words", q="Lindenallee").status_code == 403
    unmask(case, "papers", purpose=PURPOSE, person=auditor, by=auditor.actor)
    assert post(client, case, "words", q="Lindenallee").status_code == 200


def test_masked_papers_say_so_and_are_not_said_to_be_missing(
    client: Client, loan: Pipeline, make_upstream: Callable[[], Upstream], auditor: User
) -> None:
    case = loan_in_review(make_upstream().client)
    client.force_login(auditor)
    page = text(client.get(f"/cases/{case.pk}/"))
    assert "The papers are masked" in page
    assert "could not be rendered" not in page
    assert "data-search" not in page
    assert "data-region-tool" not in page
    unmask(case, "papers", purpose=PURPOSE, person=auditor, by=auditor.actor)
    page = text(client.get(f"/cases/{case.pk}/"))
    assert "The papers are masked" not in page
    assert "data-search" in page


def test_a_look_ends_by_itself(case: Case, auditor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    unmask(case, "iban", purpose=PURPOSE, person=auditor, by=auditor.actor)
    assert "iban" not in hidden_from(auditor, case).fields
    monkeypatch.setattr(masking, "UNMASKED", timedelta(0))
    assert "iban" in hidden_from(auditor, case).fields


def test_what_is_not_masked_can_not_be_unmasked(
    case: Case, auditor: User, make_person: Callable[..., User]
) -> None:
    for who, what in ((auditor, "amount"), (make_person(Role.REVIEWER), "iban")):
        with pytest.raises(NothingToUnmask):
            unmask(case, what, purpose=PURPOSE, person=who, by=who.actor)
