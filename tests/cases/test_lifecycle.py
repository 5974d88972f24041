"""The life of a case: its table is complete, moves are fenced, leases end, nothing is lost."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from celery.signals import before_task_publish
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from structlog.testing import capture_logs

from accounts.models import ApiClient
from audit.models import ClockTimestamp, Event
from cases import lifecycle
from cases.lifecycle import MOVES, IllegalMove, Step, StepTaken, move, take_step
from cases.management.commands.lifecycle_diagram import DIAGRAM, diagram
from cases.models import Case, Pipeline, Status
from cases.tasks import sweep
from tests.casefiles import TESTER, due_now, found, quarantined_case, received_case, scored_case

BUILT = {
    Status.RECEIVED: received_case,
    Status.SCORED: scored_case,
    Status.QUARANTINED: quarantined_case,
}


@pytest.fixture
def client_(make_upstream: Callable[..., Any]) -> ApiClient:
    client: ApiClient = make_upstream().client
    return client


@pytest.fixture
def case(loan: Pipeline, client_: ApiClient) -> Case:
    return received_case(loan, client_)


@pytest.fixture
def rung() -> Iterator[list[tuple[str, str]]]:
    """Which tasks were rung for, and for which case; nothing of it stays in the broker."""
    heard: list[tuple[str, str]] = []

    def hear(sender: str, body: Any, **_: Any) -> None:
        heard.append((sender, *body[0]))

    before_task_publish.connect(hear, weak=False)
    yield heard
    before_task_publish.disconnect(hear)
    current_app.control.purge()


# ---------------------------------------------------------------- the table


def test_every_status_has_its_moves_and_can_be_reached() -> None:
    assert set(MOVES) == {None, *Status}
    reached, new = set[Status](), set(MOVES[None])
    while new - reached:
        reached |= new
        new = {to for status in reached for to in MOVES[status]}
    assert reached == set(Status)


def test_every_move_is_an_event_of_the_case() -> None:
    for moves in MOVES.values():
        assert all(event.startswith(("case.", "decision.")) for event in moves.values())
    names = {(to, event) for moves in MOVES.values() for to, event in moves.items()}
    again = {(Status.RECEIVED, "case.supplemented"), (Status.IN_REVIEW, "decision.superseded")}
    assert len({to for to, _ in names}) == len(names - again), "one status, entered by one event"


def test_every_step_follows_a_status_and_is_a_task() -> None:
    assert set(settings.CASE_STEPS) <= {status.value for status in Status}
    for path in settings.CASE_STEPS.values():
        assert import_string(path).name == path
    waiting_for_people = {Status.IN_REVIEW, Status.ANNOUNCED}
    for status, moves in MOVES.items():
        if status and moves:
            assert status in settings.CASE_STEPS or status in waiting_for_people


def test_whatever_fails_can_go_to_a_person_until_there_is_a_decision() -> None:
    for status in (Status.RECEIVED, Status.READ, Status.SCORED):
        assert Status.QUARANTINED in MOVES[status]
    assert Status.IN_REVIEW in MOVES[Status.QUARANTINED]


def test_the_diagram_in_the_docs_is_the_table() -> None:
    assert (settings.BASE_DIR / DIAGRAM).read_text() == diagram()
    for status in Status:
        assert status in diagram()


def test_the_diagram_is_written_by_its_command(tmp_path: Path) -> None:
    call_command("lifecycle_diagram", tmp_path / "lifecycle.md", verbosity=0)
    assert (tmp_path / "lifecycle.md").read_text() == diagram()


# ---------------------------------------------------------------- moves


def test_a_new_case_is_received_and_rung_for(
    loan: Pipeline,
    client_: ApiClient,
    rung: list[tuple[str, str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        case = received_case(loan, client_)
    assert (case.status, case.version, case.step_attempts) == (Status.RECEIVED, 1, 0)
    assert case.step_due_at is not None
    assert case.step_due_at > case.created_at
    event = Event.objects.get(case_id=case.pk)
    assert (event.type, event.actor_kind, event.pipeline) == ("case.received", "client", "loan")
    assert rung == [("inference.tasks.read_case", str(case.pk))]


def test_a_move_changes_status_version_and_step_and_tells_of_it(
    case: Case, rung: list[tuple[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        move(case, Status.READ, by=TESTER, data={"pages": 3}, commitments={"words": "f0"})
    after = found(case)
    assert (after.status, after.version) == (case.status, case.version) == (Status.READ, 2)
    event = Event.objects.get(case_id=case.pk, type="case.read")
    assert event.data == {"pages": 3, "version": 2}
    assert event.commitments == {"words": "f0"}
    assert event.pipeline == "loan"
    assert rung == [("inference.tasks.score_case", str(case.pk))]


def test_every_other_move_is_refused(case: Case) -> None:
    for before in Status:
        for to in set(Status) - set(MOVES[before]):
            case.status = before
            with pytest.raises(IllegalMove, match=f"{before} to {to}"), transaction.atomic():
                move(case, to, by=TESTER)
    assert found(case).version == 1
    assert Event.objects.filter(case_id=case.pk).count() == 1


def test_a_case_that_has_changed_meanwhile_is_not_moved(case: Case) -> None:
    old = found(case)
    with transaction.atomic():
        move(case, Status.READ, by=TESTER)
    for stale in (old, Case(pk=old.pk, status=Status.READ, version=1)):
        with pytest.raises(IllegalMove, match="has changed"), transaction.atomic():
            move(stale, next(iter(MOVES[Status(stale.status)])), by=TESTER)
    assert found(case).status == Status.READ


def test_a_status_without_a_step_is_due_never(loan: Pipeline, client_: ApiClient) -> None:
    case = scored_case(loan, client_)
    with transaction.atomic():
        move(case, Status.IN_REVIEW, by=TESTER)
    assert found(case).step_due_at is None


# ---------------------------------------------------------------- steps


def test_a_step_is_taken_once(case: Case) -> None:
    step = take_step(case.pk, Status.RECEIVED)
    assert step.attempt == 1
    with pytest.raises(StepTaken):
        take_step(case.pk, Status.RECEIVED)
    with pytest.raises(StepTaken):
        take_step(case.pk, Status.READ)
    with pytest.raises(StepTaken):
        take_step(uuid.uuid4(), Status.RECEIVED)
    after = found(case)
    assert after.step_token == step.token
    assert after.version == 1, "a lease is no change of the case"


def test_of_many_workers_one_takes_the_step(
    own_database: str, make_upstream: Callable[..., Any]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    case = received_case(loan, make_upstream().client)

    def attempt(_: int) -> Step | None:
        try:
            return take_step(case.pk, Status.RECEIVED)
        except StepTaken:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as workers:
        taken = [step for step in workers.map(attempt, range(64)) if step]
    assert len(taken) == 1
    assert found(case).step_attempts == 1
    assert found(case).step_token == taken[0].token


def test_a_worker_that_lost_its_lease_changes_nothing(case: Case) -> None:
    lost = take_step(case.pk, Status.RECEIVED)
    due_now(case)
    step = take_step(case.pk, Status.RECEIVED)
    assert step.attempt == 2
    before = Case.objects.values().get(pk=case.pk)
    with pytest.raises(StepTaken):
        lifecycle.renew_step(lost)
    with pytest.raises(StepTaken):
        lifecycle.finish_step(lost)
    with pytest.raises(IllegalMove), transaction.atomic():
        move(found(case), Status.READ, by=TESTER, step=lost)
    lifecycle.fail_step(lost, error="too late")
    assert Case.objects.values().get(pk=case.pk) == before
    assert not Event.objects.filter(type="step.failed").exists()
    with transaction.atomic():
        move(found(case), Status.READ, by=TESTER, step=step)
    assert found(case).status == Status.READ


def test_a_withdrawal_ends_the_lease_of_whoever_works_on_it(case: Case) -> None:
    step = take_step(case.pk, Status.RECEIVED)
    with transaction.atomic():
        move(found(case), Status.WITHDRAWN, by=TESTER)
    with pytest.raises(StepTaken):
        lifecycle.renew_step(step)


def test_a_renewed_lease_lasts_longer(case: Case) -> None:
    step = take_step(case.pk, Status.RECEIVED)
    Case.objects.filter(pk=case.pk).update(step_due_at=ClockTimestamp() + timedelta(seconds=1))
    lifecycle.renew_step(step)
    due = found(case).step_due_at
    assert due is not None
    left = due - timezone.now()
    assert timedelta(seconds=settings.STEP_LEASE_SECONDS - 60) < left


def test_a_finished_step_leaves_the_status_and_frees_the_case(case: Case) -> None:
    lifecycle.finish_step(take_step(case.pk, Status.RECEIVED))
    after = found(case)
    assert (after.status, after.step_token, after.step_due_at) == (Status.RECEIVED, None, None)


def test_a_failed_step_is_tried_again_later_and_then_goes_to_a_person(case: Case) -> None:
    waits = []
    for attempt in range(1, settings.STEP_ATTEMPTS + 1):
        step = take_step(case.pk, Status.RECEIVED)
        assert step.attempt == attempt
        with connection.cursor() as cursor:
            lifecycle.fail_step(step, error=f"error {attempt}")
            cursor.execute(
                "SELECT step_due_at - clock_timestamp() FROM cases_case WHERE id = %s", [case.pk]
            )
            waits.append(cursor.fetchone()[0])
    after = found(case)
    assert waits[0] < waits[1]
    assert (after.status, after.step_error) == (Status.QUARANTINED, "error 3")
    assert (after.step_token, after.step_attempts) == (None, 0)
    types = list(Event.objects.filter(case_id=case.pk).values_list("type", flat=True))
    assert types == ["case.received", *["step.failed"] * 3, "case.quarantined"]
    last = Event.objects.filter(type="case.quarantined").get()
    assert last.data["error"] == "error 3"
    assert last.actor_id == "inference.tasks.read_case"


def test_a_step_after_the_decision_is_tried_until_it_works(
    loan: Pipeline, client_: ApiClient
) -> None:
    case = quarantined_case(loan, client_)
    for _ in range(settings.STEP_ATTEMPTS + 2):
        lifecycle.fail_step(take_step(case.pk, Status.QUARANTINED), error="no queue")
    assert found(case).status == Status.QUARANTINED
    assert found(case).step_due_at is not None


# ---------------------------------------------------------------- the sweep


def test_the_sweep_rings_for_what_is_overdue_and_for_nothing_else(
    loan: Pipeline,
    client_: ApiClient,
    rung: list[tuple[str, str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    unheard, worked_on, lost = (received_case(loan, client_) for _ in range(3))
    unrouted, fresh = scored_case(loan, client_), received_case(loan, client_)
    take_step(worked_on.pk, Status.RECEIVED)
    dead = take_step(lost.pk, Status.RECEIVED)
    for case in (unheard, lost, unrouted):
        due_now(case)
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    assert rung == [
        ("inference.tasks.read_case", str(unheard.pk)),
        ("inference.tasks.read_case", str(lost.pk)),
        ("reviews.tasks.route_case", str(unrouted.pk)),
    ]
    assert found(fresh).step_attempts == 0
    with pytest.raises(StepTaken):
        lifecycle.renew_step(dead)
    assert take_step(lost.pk, Status.RECEIVED).attempt == 2
    with pytest.raises(StepTaken):
        take_step(worked_on.pk, Status.RECEIVED)


def test_while_workers_are_busy_the_sweep_does_not_pile_up_its_bells(
    case: Case, rung: list[tuple[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    due_now(case)
    with django_capture_on_commit_callbacks(execute=True):
        assert lifecycle.ring_overdue() == 1
        assert lifecycle.ring_overdue() == 0
    assert len(rung) == 1


def test_the_longest_overdue_are_rung_for_first(loan: Pipeline, client_: ApiClient) -> None:
    made = [received_case(loan, client_) for _ in range(3)]
    for hours, case in zip((1, 3, 2), made, strict=True):
        Case.objects.filter(pk=case.pk).update(
            step_due_at=ClockTimestamp() - timedelta(hours=hours)
        )
    assert lifecycle.ring_overdue(limit=2) == 2
    left = Case.objects.filter(step_due_at__lt=ClockTimestamp())
    assert [each.pk for each in left] == [made[0].pk]


def test_without_a_broker_a_case_is_kept_and_found_by_the_sweep(
    loan: Pipeline,
    client_: ApiClient,
    rung: list[tuple[str, str]],
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as away:
        away.setitem(current_app.conf, "broker_write_url", f"redis+socket://{tmp_path}/nobody")
        away.setattr(current_app.amqp, "_producer_pool", None)
        with capture_logs() as logs, django_capture_on_commit_callbacks(execute=True):
            case = received_case(loan, client_)
    assert [line["event"] for line in logs] == ["doorbell_unheard"]
    assert logs[0]["case"] == str(case.pk)
    rung.clear()
    due_now(case)
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    assert rung == [("inference.tasks.read_case", str(case.pk))]
