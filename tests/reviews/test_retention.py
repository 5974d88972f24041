"""How long things are kept: what the schedule counts, and that nothing goes by it that has to stay."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError
from django.utils.timezone import now

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.disposing import ranges
from audit.eventclasses import CLASSES, RECORD, class_of
from audit.events import record
from audit.models import Event, Leaf
from audit.selfcheck import check_log
from cases.models import Case, Decision, Pipeline
from reviews.disposals import (
    CannotDispose,
    approve,
    ask_for_due_cases,
    ask_for_due_events,
    carry_on,
    progress_of,
)
from reviews.legalholds import lift_hold, place_hold
from reviews.models import Disposal
from reviews.retention import dry_run
from tests.casefiles import decided_case, scored_case, waiting_case
from tests.pipelines import pipeline_of, store_paper
from tests.seals import seal_all

MONTH = timedelta(days=31)
EVENT = """
    INSERT INTO audit_event (type, actor_kind, actor_id, case_id, pipeline, at, data, commitments)
    VALUES (%s, 'user', '1', %s, %s, %s, '{}', '{}') RETURNING id
"""


@pytest.fixture
def lucia(db: None, make_person: Callable[..., User]) -> User:
    """Somebody who asks."""
    return make_person(Role.PRIVACY_OFFICER, username="lucia")


@pytest.fixture
def mats(db: None, make_person: Callable[..., User]) -> User:
    """Somebody else, who approves."""
    return make_person(Role.PRIVACY_OFFICER, username="mats")


def closed(pipeline: Pipeline, client: ApiClient, months: int) -> Case:
    """A case that was decided so many months ago, with a paper of two pages."""
    case, then = scored_case(pipeline, client), now() - months * MONTH
    store_paper(case, "payslip", 0, b"one", b"two")
    Decision.objects.create(
        case=case, outcome="approve", adverse=False, made_by="policy", decided_at=then
    )
    Case.objects.filter(pk=case.pk).update(
        status="announced", step_due_at=None, created_at=then - timedelta(days=1)
    )
    return case


def event(type: str, months: int, *, case: Case | None = None, pipeline: str = "") -> int:
    """An event of so many months ago; no program of the house could make one."""
    with connections["owner"].cursor() as cursor:
        case_id = case.pk if case else None
        cursor.execute(EVENT, [type, case_id, pipeline, now() - months * MONTH])
        return int(cursor.fetchone()[0])


def test_classes_are_in_the_database_as_in_the_code(db: None) -> None:
    known = [type for types in CLASSES.values() for type in types]
    with connection.cursor() as cursor:
        for type in [*known, "case.decided", "events.disposed"]:
            cursor.execute("SELECT event_class(%s)", [type])
            assert cursor.fetchone() == (class_of(type),)
    assert class_of("case.decided") == RECORD


def test_places_are_told_as_runs() -> None:
    assert ranges([0, 1, 2, 5, 7, 8]) == [[0, 2], [5, 5], [7, 8]]
    assert ranges([]) == []


def test_a_dry_run_counts_what_would_go_and_touches_nothing(
    loan: Pipeline, bank: ApiClient, lucia: User
) -> None:
    old, held = closed(loan, bank, 30), closed(loan, bank, 30)
    closed(loan, bank, 20)
    waiting_case(loan, bank)
    withdrawn = waiting_case(loan, bank)
    Case.objects.filter(pk=withdrawn.pk).update(
        status="withdrawn", step_due_at=None, created_at=now() - 30 * MONTH
    )
    place_hold(loan, case_id=held.pk, matter="4 O 17/26", by=lucia)
    before = Event.objects.count()
    counted = dry_run(loan)
    assert (counted.cases, counted.held) == (2, 1)
    assert (counted.documents, counted.pages) == (1, 2)
    assert counted.size == old.documents.get().size
    assert Event.objects.count() == before
    record("case.withdrawn", by=lucia.actor, case_id=withdrawn.pk)  # its time begins now
    assert dry_run(loan).cases == 1
    said = StringIO()
    call_command("retention", "dry-run", stdout=said)
    assert "loan: 1 cases (1 more are held), 1 documents of 2 pages" in said.getvalue()
    call_command("retention", "show", stdout=said)
    assert "loan: cases kept 25 months\n  events of the class access kept 25" in said.getvalue()


def test_the_time_runs_from_the_last_decision(loan: Pipeline, bank: ApiClient) -> None:
    case = closed(loan, bank, 30)
    Decision.objects.filter(case=case).update(superseded_at=now())
    Decision.objects.create(case=case, outcome="approve", adverse=False, made_by="policy")
    assert dry_run(loan).cases == 0


def test_the_schedule_is_run_when_another_approves(
    loan: Pipeline, bank: ApiClient, lucia: User, mats: User
) -> None:
    with pytest.raises(CannotDispose):
        ask_for_due_cases(loan, by=lucia)  # nothing is old enough
    old, late = closed(loan, bank, 30), closed(loan, bank, 30)
    disposal = ask_for_due_cases(loan, by=lucia)
    assert disposal.counted["cases"] == 2
    assert set(disposal.filter) == {"before"}
    place_hold(loan, case_id=late.pk, matter="4 O 17/26", by=lucia)
    approve(disposal.pk, by=mats)
    carry_on(disposal.pk)
    assert progress_of(disposal).results == {"erased": 1, "held": 1}
    old.refresh_from_db()
    assert old.erased_at is not None


def delete_as_owner(*ids: int) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE id = ANY(%s)", [list(ids)])


def test_events_go_where_two_people_say_so_and_the_log_still_verifies(
    own_database: str, make_upstream: Callable[[], Any], make_person: Callable[..., User]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    lucia, mats = make_person(Role.PRIVACY_OFFICER), make_person(Role.PRIVACY_OFFICER)
    case, held = (decided_case(loan, make_upstream().client) for _ in range(2))
    looked = [event("case.opened", 30, case=case) for _ in range(3)]
    stay = [
        event("case.opened", 30, case=held),
        event("case.opened", 10, case=case),
        event("case.decided", 90, case=case, pipeline="loan"),
        event("case.opened", 90, pipeline="expense-claim"),
    ]
    hold = place_hold(loan, case_id=held.pk, matter="4 O 17/26", by=lucia)
    assert dry_run(loan).all_events == 0  # nothing of it is sealed
    seal_all()
    assert dry_run(loan).events == {"access": 3}
    disposal = ask_for_due_events(loan, by=lucia)
    with pytest.raises(ProgrammingError, match="its rows are facts"):
        delete_as_owner(looked[0])
    approve(disposal.pk, by=mats)
    for each in stay:
        with pytest.raises(ProgrammingError, match="its rows are facts"):
            delete_as_owner(each)
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE id = %s", [looked[0]])
    said = StringIO()
    call_command("retention", "dispose-events", stdout=said)
    assert said.getvalue() == f"disposal {disposal.pk}: 3 events deleted\n"
    assert not Event.objects.filter(pk__in=looked).exists()
    assert Event.objects.filter(pk__in=stay).count() == len(stay)
    positions = [*Leaf.objects.filter(event_id__in=looked).values_list("position", flat=True)]
    gone = Event.objects.get(type="events.disposed")
    assert gone.data["positions"] == ranges(positions)
    assert gone.data["classes"] == ["access", "delivery", "work"]
    assert (gone.data["pipeline"], gone.data["disposal"]) == ("loan", disposal.pk)
    assert Disposal.objects.get().status == "done"
    with pytest.raises(ProgrammingError, match="its rows are facts"):
        delete_as_owner(stay[0])
    lift_hold(hold.pk, by=lucia)
    newest = seal_all()
    assert newest.size == Leaf.objects.count()  # the leaves are there, and so the log goes on
    checked = check_log(newest)
    assert (checked.holds, checked.disposed, checked.accounted) == (True, 3, 3)


def test_a_disposal_that_nobody_was_seen_to_approve_or_that_outruns_the_schedule_takes_nothing(
    own_database: str, make_upstream: Callable[[], Any], make_person: Callable[..., User]
) -> None:
    """As who has the application's role could write one."""
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    lucia, mats = make_person(Role.PRIVACY_OFFICER), make_person(Role.PRIVACY_OFFICER)
    case = decided_case(loan, make_upstream().client)
    old, young = (event("case.opened", months, case=case) for months in (30, 10))
    seal_all()
    forged = Disposal.objects.create(
        pipeline=loan, kind="events", filter={"before": {"access": now().isoformat()}},
        asked_by=lucia, status="approved", answered_by=mats, answered_at=now(),
    )  # fmt: skip
    with pytest.raises(ProgrammingError, match="its rows are facts"):
        delete_as_owner(old)
    with transaction.atomic():
        record("disposal.approved", by=lucia.actor, data={"disposal": forged.pk})
    with pytest.raises(ProgrammingError, match="its rows are facts"):
        delete_as_owner(old)
    with transaction.atomic():
        record("disposal.approved", by=mats.actor, data={"disposal": forged.pk})
    with pytest.raises(ProgrammingError, match="its rows are facts"):
        delete_as_owner(young)  # the schedule has it kept for 25 months
    pipeline_of("loan", retention={"event_months": {"access": 40}})
    with pytest.raises(ProgrammingError, match="its rows are facts"):
        delete_as_owner(old)
    pipeline_of("loan", retention=None)
    with pytest.raises(ProgrammingError, match="its rows are facts"):
        delete_as_owner(old)
    pipeline_of("loan", retention={"event_months": {"access": 25}})
    delete_as_owner(old)
    assert not Event.objects.filter(pk=old).exists()
