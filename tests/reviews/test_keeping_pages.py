"""The pages of what is kept, held and erased: who sees them, and what is done there."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import ApiClient, User
from accounts.roles import Role
from cases.models import Case, Pipeline
from reviews.disposals import ask_for_cases, carry_on
from reviews.models import Disposal, LegalHold
from tests.casefiles import decided_case, waiting_case

MakePerson = Callable[..., User]


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def lucia(db: None, make_person: MakePerson) -> Client:
    """Who asks, signed in."""
    return signed_in(make_person(Role.PRIVACY_OFFICER, first_name="Lucía"))


@pytest.fixture
def mats(db: None, make_person: MakePerson) -> Client:
    """Who approves, signed in."""
    return signed_in(make_person(Role.PRIVACY_OFFICER, first_name="Mats"))


def test_a_request_goes_from_asking_to_the_case_that_is_gone(
    loan: Pipeline, bank: ApiClient, lucia: Client, mats: Client, make_person: MakePerson
) -> None:
    case = decided_case(loan, bank, reference="A-17/3")
    Case.objects.filter(pk=case.pk).update(status="announced", step_due_at=None)
    waits = waiting_case(loan, bank, reference="A-17/4")
    page = lucia.post(
        "/trail/keeping/request/", {"names": f"A-17/3\n{waits.pk}\nA-18".upper()}
    ).text
    assert "A-17/3" in page
    assert "Not found in the pipelines whose records you keep: A-18." in page
    assert "cases were found" in page
    assert page.count("Kept: not closed") == 1
    assert (
        lucia.post("/trail/keeping/request/", {"names": "A-17/3", "ask": "yes"}).status_code == 422
    )
    asked = {"names": "A-17/3", "case": [case.pk, waits.pk], "ask": "yes"}
    answer = lucia.post("/trail/keeping/request/", asked)
    disposal = Disposal.objects.get()
    address = f"/trail/keeping/{disposal.pk}/"
    assert answer["Location"] == address
    assert "somebody else" in lucia.get(address).text
    assert lucia.post(f"{address}approve/", {"confirmed": "yes"}).status_code == 422
    assert mats.post(f"{address}approve/").status_code == 422  # not confirmed
    assert mats.post(f"{address}approve/", {"confirmed": "yes"}).status_code == 302
    carry_on(disposal.pk)
    page = mats.get(address).text
    assert "Erased: 1" in page
    assert "Kept: not closed" in page
    assert "A-17/3" not in page
    assert f"erased-{case.pk.hex[-12:]}" in page
    gone = signed_in(make_person(Role.REVIEWER)).get(f"/cases/{case.pk}/")
    assert gone.status_code == 410
    assert "This case was erased" in gone.text


def test_a_hold_is_placed_and_lifted(
    loan: Pipeline, bank: ApiClient, lucia: Client, make_person: MakePerson
) -> None:
    case = decided_case(loan, bank, reference="A-17/3")
    sent = {"pipeline": "loan", "case": "A-17/3", "matter": "4 O 17/26"}
    assert (
        "There is no such case" in lucia.post("/trail/keeping/holds/", {**sent, "case": "B"}).text
    )
    assert lucia.post("/trail/keeping/holds/", {**sent, "matter": ""}).status_code == 422
    lucia.post("/trail/keeping/holds/", sent)
    hold = LegalHold.objects.get(case=case)
    assert "4 O 17/26" in lucia.get("/trail/keeping/").text
    for role, told in ((Role.AUDITOR, True), (Role.REVIEWER, False)):
        page = signed_in(make_person(role)).get(f"/cases/{case.pk}/").text
        assert ("Held: 4 O 17/26" in page) is told
    lucia.post(f"/trail/keeping/holds/{hold.pk}/lift/")
    assert "4 O 17/26" not in lucia.get("/trail/keeping/").text


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"pipeline": "\0"}, 404), ({"case": "A\0"}, 422), ({"matter": "\0"}, 422)],
)
def test_what_no_database_keeps_places_no_hold(
    loan: Pipeline, lucia: Client, changes: dict[str, str], status: int
) -> None:
    sent = {"pipeline": "loan", "matter": "4 O 17/26", **changes}
    assert lucia.post("/trail/keeping/holds/", sent).status_code == status
    assert not LegalHold.objects.exists()


def test_schedules_are_counted_where_somebody_asks(loan: Pipeline, lucia: Client) -> None:
    page = lucia.get("/trail/keeping/").text
    assert "25 months" in page
    assert "Would go now" not in page
    assert "0 cases" in lucia.get("/trail/keeping/?count=loan").text
    answer = lucia.post("/trail/keeping/run/", {"pipeline": "loan", "what": "cases"})
    assert (answer.status_code, "There is nothing that would go." in answer.text) == (422, True)
    assert lucia.post("/trail/keeping/run/", {"pipeline": "loan", "what": "all"}).status_code == 404


def test_others_read_or_see_nothing_of_it(
    loan: Pipeline, bank: ApiClient, lucia: Client, make_person: MakePerson
) -> None:
    case = decided_case(loan, bank)
    disposal = ask_for_cases(loan, [case.pk], by=User.objects.get(first_name="Lucía"))
    own = f"/trail/keeping/{disposal.pk}/"
    auditor, admin, reviewer = (
        signed_in(make_person(role)) for role in (Role.AUDITOR, Role.PIPELINE_ADMIN, Role.REVIEWER)
    )
    assert auditor.get(own).status_code == 200
    assert "Answer" not in auditor.get("/trail/keeping/").text
    assert auditor.post(f"{own}refuse/").status_code == 422
    assert admin.get("/trail/keeping/").status_code == 200
    assert admin.get(own).status_code == 404
    for address in ("/trail/keeping/", own, "/trail/keeping/request/"):
        assert reviewer.get(address).status_code == 404
    for client in (auditor, admin, reviewer):
        assert client.get("/trail/keeping/request/").status_code == 404
        sent = {"pipeline": "loan", "matter": "4 O 17/26"}
        assert client.post("/trail/keeping/holds/", sent).status_code == 404
        assert client.post("/trail/keeping/run/", {**sent, "what": "cases"}).status_code == 404
    assert not LegalHold.objects.exists()
