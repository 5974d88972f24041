"""Who looked at what of a pipeline: counted from the log, person by person, and signed by an auditor."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role, grant
from audit.events import record
from audit.models import Event
from cases.models import Case, Pipeline
from reviews import accessreviews
from reviews.accessreviews import Period, access_to, first_from
from reviews.models import AccessReview, Unmasking
from reviews.reading import note_papers, record_opened
from tests.conftest import TESTER, Upstream
from tests.loans import loan_in_review


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    return loan_in_review(make_upstream().client)


@pytest.fixture
def auditor(make_person: Callable[..., User], client: Client, db: None) -> User:
    made = make_person(Role.AUDITOR)
    client.force_login(made)
    return made


@transaction.atomic
def told(case: Case, reader: User, type: str, **data: str) -> None:
    """An event of a read."""
    record(type, by=reader.actor, case_id=case.pk, pipeline="loan", data=data)


def test_each_person_is_counted_from_the_log(
    client: Client,
    auditor: User,
    case: Case,
    reviewer: User,
    senior: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accessreviews, "DAY_BEGINS", 24)  # whatever the time is, it is night
    record_opened(case, reader=reviewer)
    paper = case.documents.order_by("position")[0]
    Unmasking.objects.create(case=case, person=reviewer, field="papers", purpose="complaint")
    note_papers(case, paper.pk, reader=reviewer)
    told(case, reviewer, "case.unmasked", what="papers", purpose="complaint")
    told(case, reviewer, "document.downloaded")
    told(case, reviewer, "glass.broken")
    today = timezone.localdate()
    rows = access_to(case.pipeline, Period(today - timedelta(days=7), today))
    row = next(row for row in rows if row.person == reviewer)
    assert (row.cases, row.documents, row.downloads, row.glass) == (1, 1, 1, 1)
    assert (row.odd_hours, row.events, row.purposes) == (5, 5, {"complaint": 1})
    assert row.rights == ("review",)
    unused = {row.person for row in rows if row.unused}
    assert {senior, auditor} <= unused
    assert reviewer not in unused
    before = access_to(case.pipeline, Period(today - timedelta(days=9), today - timedelta(days=8)))
    assert not any(row.events for row in before)
    page = client.get("/trail/access/?pipeline=loan").content.decode()
    assert "complaint" in page
    assert senior.shown_name in page
    reads = client.get(f"/trail/access/{reviewer.pk}/?pipeline=loan").content.decode()
    assert "Took an original away" in reads
    assert case.reference in reads


def test_an_auditor_signs_and_nobody_changes_that(
    client: Client, auditor: User, case: Case, senior: User
) -> None:
    sent = {"pipeline": "loan", "since": "2026-01-01", "until": "2026-01-31"}
    client.post("/trail/access/sign/", sent)
    assert not AccessReview.objects.exists()
    client.post("/trail/access/sign/", {**sent, "looked": "yes"})
    review = AccessReview.objects.get()
    assert (review.reviewed_by, str(review.since)) == (auditor, "2026-01-01")
    event = Event.objects.get(type="access.reviewed")
    assert event.data == {
        "review": review.pk, "since": "2026-01-01", "until": "2026-01-31", **review.figures
    }  # fmt: skip
    with pytest.raises((InternalError, ProgrammingError, IntegrityError)), transaction.atomic():
        AccessReview.objects.update(figures={})
    client.force_login(senior)
    assert client.get("/trail/access/").status_code == 200
    assert client.post("/trail/access/sign/", {**sent, "looked": "yes"}).status_code == 404


def test_a_pipeline_that_is_not_ones_own_is_not_there(
    client: Client, case: Case, make_person: Callable[..., User]
) -> None:
    person = make_person()
    with transaction.atomic():
        grant("break_glass", on=case.pipeline, to=person, by=TESTER)
    client.force_login(person)
    assert client.get("/trail/access/?pipeline=loan").status_code == 404


def test_no_pipeline_of_a_name_that_can_be_none_is_there(client: Client, auditor: User) -> None:
    assert client.get("/trail/access/?pipeline=%00").status_code == 404


@pytest.mark.parametrize("days", ["since=0001-01-01", "until=0001-01-01", "since=9999-12-31"])
def test_no_day_is_too_early_or_too_late(
    client: Client, auditor: User, case: Case, days: str
) -> None:
    for address in ("/trail/access/", f"/trail/access/{auditor.pk}/"):
        assert client.get(f"{address}?pipeline=loan&{days}").status_code == 200


def test_the_first_event_from_a_moment_on_is_found_in_few_steps(case: Case) -> None:
    events = list(Event.objects.order_by("id"))
    for event in (events[0], events[len(events) // 2], events[-1]):
        assert first_from(event.at, events[0].pk, events[-1].pk) == event.pk
