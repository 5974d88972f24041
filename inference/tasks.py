"""The tasks of reading and scoring."""

from celery import shared_task

from cases import steps
from cases.models import Status
from inference import reading, scoring


@shared_task
def read_case(case_id: str) -> None:
    """Reads a case's papers."""
    steps.run(case_id, Status.RECEIVED, reading.read_case)


@shared_task
def score_case(case_id: str) -> None:
    """Scores a case that has been read."""
    steps.run(case_id, Status.READ, scoring.score_case)
