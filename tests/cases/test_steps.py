"""Running a step: taken once, tolerant of a second worker, and what fails ends with a person."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from structlog.testing import capture_logs

from accounts.models import ApiClient
from audit.models import Event
from cases import lifecycle, steps
from cases.lifecycle import Step, StepTaken, move
from cases.models import Case, Pipeline, Status
from cases.steps import StepFailed
from tests.casefiles import TESTER, due_now, found, received_case

SECRET = "Wilhelmina Ößterreicher"


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[..., Any]) -> Case:
    client: ApiClient = make_upstream().client
    return received_case(loan, client)


def moves_on(case: Case, step: Step) -> None:
    with transaction.atomic():
        move(case, Status.READ, by=TESTER, step=step)


def test_a_step_does_its_work_and_moves_the_case(case: Case) -> None:
    seen = []

    def work(case: Case, step: Step) -> None:
        seen.append((case.pk, step.attempt, case.pipeline.slug))
        moves_on(case, step)

    steps.run(str(case.pk), Status.RECEIVED, work)
    assert seen == [(case.pk, 1, "loan")]
    assert found(case).status == Status.READ


@pytest.mark.parametrize("status", [Status.READ, Status.DECIDED])
def test_a_bell_for_a_case_that_is_elsewhere_does_nothing(case: Case, status: Status) -> None:
    steps.run(case.pk, status, refuses)
    steps.run(uuid.uuid4(), Status.RECEIVED, refuses)
    assert found(case).step_attempts == 0


def refuses(case: Case, step: Step) -> None:
    raise AssertionError("there is nothing to do")


def test_a_second_worker_does_nothing_while_the_first_works(case: Case) -> None:
    def work(case: Case, step: Step) -> None:
        steps.run(case.pk, Status.RECEIVED, refuses)
        moves_on(case, step)

    steps.run(case.pk, Status.RECEIVED, work)
    assert found(case).status == Status.READ
    assert Event.objects.filter(case_id=case.pk).count() == 2


def test_of_two_at_once_the_one_that_lost_its_lease_writes_nothing(case: Case) -> None:
    def slow(case: Case, step: Step) -> None:
        due_now(case)
        steps.run(case.pk, Status.RECEIVED, moves_on)
        moves_on(case, step)

    with capture_logs() as logs:
        steps.run(case.pk, Status.RECEIVED, slow)
    assert [line["event"] for line in logs] == ["step_overtaken"]
    assert found(case).status == Status.READ
    assert Event.objects.filter(case_id=case.pk, type="case.read").count() == 1
    assert not Event.objects.filter(type="step.failed").exists()


def test_an_unexpected_error_is_told_by_its_type_alone(case: Case) -> None:
    def work(case: Case, step: Step) -> None:
        raise ValueError(f"can't read {SECRET}")

    for _ in range(settings.STEP_ATTEMPTS):
        with capture_logs() as logs:
            steps.run(case.pk, Status.RECEIVED, work)
        assert logs[0]["event"] == "step_failed"
    after = found(case)
    assert (after.status, after.step_error) == (Status.QUARANTINED, "ValueError")
    assert SECRET not in str(list(Event.objects.values()))


def test_a_failure_in_words_is_told_as_it_is(case: Case) -> None:
    def work(case: Case, step: Step) -> None:
        raise StepFailed("the page can't be read")

    steps.run(case.pk, Status.RECEIVED, work)
    assert found(case).step_error == "the page can't be read"
    assert Event.objects.get(type="step.failed").data["error"] == "the page can't be read"


def test_half_a_steps_work_is_undone_when_it_fails(case: Case) -> None:
    def work(case: Case, step: Step) -> None:
        with transaction.atomic():
            move(case, Status.READ, by=TESTER, step=step)
            raise ZeroDivisionError

    steps.run(case.pk, Status.RECEIVED, work)
    after = found(case)
    assert (after.status, after.version, after.step_attempts) == (Status.RECEIVED, 1, 1)
    assert not Event.objects.filter(type="case.read").exists()


def test_a_paper_that_kills_workers_goes_to_a_person_untried(case: Case) -> None:
    for _ in range(settings.STEP_ATTEMPTS):
        lifecycle.take_step(case.pk, Status.RECEIVED)  # and the worker is gone
        due_now(case)
    steps.run(case.pk, Status.RECEIVED, refuses)
    after = found(case)
    assert after.status == Status.QUARANTINED
    assert after.step_error == "the worker was lost at every attempt"


def test_a_step_may_keep_its_lease_while_it_works(case: Case) -> None:
    def work(case: Case, step: Step) -> None:
        due_now(case)
        lifecycle.renew_step(step)
        with pytest.raises(StepTaken):
            lifecycle.take_step(case.pk, Status.RECEIVED)
        moves_on(case, step)

    steps.run(case.pk, Status.RECEIVED, work)
    assert found(case).status == Status.READ
