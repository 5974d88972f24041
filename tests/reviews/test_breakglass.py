"""Emergency access: one case, a reason, an hour, reading alone; told at once, looked at afterwards."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role, grant
from audit import vault
from audit.models import ClockTimestamp, Event
from cases.models import Case, Pipeline
from reviews import breakglass
from reviews.breakglass import LookedAt, NotTheirs, break_glass, review_glass
from reviews.claims import NotWaiting, claim_case
from reviews.models import BrokenGlass, Notice, QueueEntry
from reviews.rights import rights_of, visible_to
from tests.casefiles import waiting_case
from tests.conftest import TESTER, Upstream
from tests.loans import loan_in_review
from tests.threads import in_threads

WHY = "Zimmerei Quandt rings: the account was emptied this morning"


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    return loan_in_review(make_upstream().client)


@pytest.fixture
def outsider(case: Case, make_person: Callable[..., User]) -> User:
    """Somebody who may see no loan but break the glass."""
    made = make_person(first_name="Inês", last_name="Figueiredo")
    with transaction.atomic():
        grant("break_glass", on=case.pipeline, to=made, by=TESTER)
    return made


@pytest.fixture
def visitor(client: Client, outsider: User) -> Client:
    client.force_login(outsider)
    return client


def opened(case: Case, person: User) -> BrokenGlass:
    return break_glass(case, WHY, person=person, rights=rights_of(person), by=person.actor)


def test_a_case_opens_with_a_reason_and_the_supervisors_hear_of_it(
    visitor: Client, case: Case, outsider: User, senior: User
) -> None:
    address = f"/cases/{case.pk}/"
    assert visitor.get(address).status_code == 404
    refused = visitor.post("/glass/open/", {"case": case.reference, "reason": "  "})
    assert refused.status_code == 422
    assert case.reference in refused.content.decode()
    assert not BrokenGlass.objects.exists()
    answer = visitor.post("/glass/open/", {"case": case.reference, "reason": WHY})
    assert answer.headers["Location"] == address
    page = visitor.get(address).content.decode()
    assert "You are reading this case in an emergency" in page
    assert "comment-form" not in page
    assert "Take this case" not in page
    event = Event.objects.get(type="glass.broken")
    assert (event.case_id, event.actor_id, event.pipeline) == (case.pk, str(outsider.pk), "loan")
    assert "Quandt" not in str(event.data)
    assert event.commitments == {
        f"glass:{outsider.pk}": vault.of(case.pk).commitment(f"glass:{outsider.pk}", WHY)
    }
    told = Notice.objects.get(kind=Notice.Kind.GLASS)
    assert (told.person, told.by, told.case) == (senior, outsider, case)


def test_it_is_for_reading_and_for_nothing_else(
    visitor: Client, case: Case, outsider: User
) -> None:
    opened(case, outsider)
    document = case.documents.order_by("position").first()
    assert document is not None
    page = document.pages.get()
    image = visitor.get(f"/cases/{case.pk}/pages/{page.pk}/")
    assert image.status_code == 200
    assert image.headers["Cache-Control"] == "private, no-store"
    assert visitor.get(f"/cases/{case.pk}/papers/{document.pk}/").status_code == 403
    assert visitor.post(f"/cases/{case.pk}/comments/", {"text": "So"}).status_code == 403
    assert visitor.get("/trail/exports/").status_code == 404
    assert visitor.get(f"/cases/{case.pk}/receipt/").status_code == 404
    with pytest.raises(NotWaiting):
        claim_case(case.pk, reviewer=outsider, rights=rights_of(outsider), by=outsider.actor)


def test_it_ends_by_itself_with_its_hour_or_with_the_right(
    case: Case, outsider: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breakglass, "GLASS", breakglass.GLASS / 3600_000)
    opened(case, outsider)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01)")
    assert not visible_to(rights_of(outsider)).exists()
    monkeypatch.undo()
    opened(case, outsider)
    assert visible_to(rights_of(outsider)).get() == case
    outsider.is_active = False
    assert not visible_to(rights_of(outsider)).exists()


def test_others_can_not_break_it_and_nobody_breaks_it_twice(
    case: Case, outsider: User, client: Client, make_person: Callable[..., User]
) -> None:
    assert opened(case, outsider) == opened(case, outsider)
    other = make_person(Role.OPERATOR)
    with pytest.raises(NotTheirs):
        opened(case, other)
    client.force_login(other)
    assert client.get("/glass/").status_code == 404
    sent = {"case": str(case.pk), "reason": WHY}
    assert client.post("/glass/open/", sent).status_code == 404
    assert not visible_to(rights_of(other)).exists()


def test_somebody_else_looks_at_it_once(
    case: Case, outsider: User, senior: User, client: Client, make_person: Callable[..., User]
) -> None:
    glass = opened(case, outsider)
    client.force_login(senior)
    assert WHY in client.get("/glass/").content.decode()
    client.post(f"/glass/{glass.pk}/look/", {"justified": "no"})
    glass.refresh_from_db()
    assert (glass.reviewed_by, glass.justified) == (senior, False)
    event = Event.objects.get(type="glass.reviewed")
    assert event.data == {"glass": glass.pk, "person": outsider.pk, "justified": False}
    auditor = make_person(Role.AUDITOR)
    with pytest.raises(LookedAt):
        review_glass(
            glass.pk, justified=True, reviewer=auditor, rights=rights_of(auditor), by=auditor.actor
        )
    client.force_login(outsider)
    assert client.post(f"/glass/{glass.pk}/look/", {"justified": "yes"}).status_code == 404


def test_who_can_break_nothing_is_asked_for_no_more_statements(
    case: Case, outsider: User, reviewer: User
) -> None:
    with CaptureQueriesContext(connection) as usual:
        rights_of(reviewer)
    with CaptureQueriesContext(connection) as more:
        rights_of(outsider)
    assert (len(usual), len(more)) == (1, 2)


def test_what_an_emergency_opened_stands_in_no_list_of_work(
    visitor: Client, case: Case, outsider: User
) -> None:
    Case.objects.update(due_at=ClockTimestamp())
    QueueEntry.objects.update(due_at=ClockTimestamp())
    opened(case, outsider)
    assert case.reference not in visitor.get("/cases/").content.decode()
    assert f"/cases/{case.pk}/" in visitor.get("/glass/").content.decode()


def test_two_clicks_at_once_are_one_opening(
    own_database: str, make_person: Callable[..., User], make_upstream: Callable[[], Upstream]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    case, hasty = waiting_case(loan, make_upstream().client), make_person()
    with transaction.atomic():
        grant("break_glass", on=loan, to=hasty, by=TESTER)
    first, other = in_threads(2, lambda _: opened(case, hasty))
    assert first == other
    assert Event.objects.filter(type="glass.broken").count() == 1
