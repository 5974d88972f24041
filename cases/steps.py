"""Running one step of a case: taken with a lease, tolerant of a second worker, failing to a person."""

from collections.abc import Callable
from uuid import UUID

import structlog
from django.conf import settings

from cases import lifecycle
from cases.lifecycle import IllegalMove, Step, StepTaken
from cases.models import Case, Status

log = structlog.get_logger("countersign.steps")


class StepFailed(Exception):
    """A step can't be done, in words that hold nothing personal."""


def run(case_id: UUID | str, status: Status, work: Callable[[Case, Step], None]) -> None:
    """Takes the step that follows `status` and does its `work`, which moves the case on itself.

    A worker that died leaves its attempt counted; once the attempts are used up the case goes to a
    person without a further one, because a paper that kills workers would kill the next too.
    """
    try:
        step = lifecycle.take_step(UUID(str(case_id)), status)
    except StepTaken:
        return
    if step.attempt > settings.STEP_ATTEMPTS and Status.QUARANTINED in lifecycle.MOVES[status]:
        lifecycle.fail_step(step, error="the worker was lost at every attempt")
        return
    case = Case.objects.select_related("pipeline_version", "pipeline").get(pk=step.case_id)
    try:
        work(case, step)
    except (StepTaken, IllegalMove):
        log.info("step_overtaken", case=str(step.case_id), status=str(status))
    except StepFailed as error:
        lifecycle.fail_step(step, error=str(error))
    except Exception as error:
        log.error("step_failed", case=str(step.case_id), status=str(status), exc_info=error)
        lifecycle.fail_step(step, error=type(error).__name__)
