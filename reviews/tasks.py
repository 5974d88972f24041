"""The tasks of routing and reviewing."""

from celery import shared_task

from audit.actors import system
from cases import steps
from cases.models import Status
from reviews import (
    claims,
    disposals,
    erasing,
    findingrules,
    gatechecks,
    holding,
    knownanswers,
    proposing,
    reopening,
    replying,
    reserving,
    routes,
    settling,
)
from reviews.adverse import notices
from reviews.trail import exportjobs, exportruns


@shared_task
def route_case(case_id: str) -> None:
    """Decides a scored case, or queues it."""
    steps.run(case_id, Status.SCORED, routes.route_case)


@shared_task
def queue_quarantined_case(case_id: str) -> None:
    """Gives a case that the system could not handle to a person."""
    steps.run(case_id, Status.QUARANTINED, routes.queue_quarantined_case)


@shared_task
def announce_case(case_id: str) -> None:
    """Tells the upstream of a decision, and of the reply that it is to send."""
    steps.run(case_id, Status.DECIDED, replying.announce)


@shared_task
def close_withdrawn_case(case_id: str) -> None:
    """Takes a withdrawn case out of its queue."""
    steps.run(case_id, Status.WITHDRAWN, claims.close_withdrawn)


@shared_task
def return_expired_claims() -> None:
    """Lets cases wait again whose claim has expired."""
    claims.return_expired(by=system("sweep"))


@shared_task
def end_reservations() -> None:
    """Lets anybody take cases again that were kept for somebody for too long, or who may not judge."""
    reserving.end_reservations(by=system("sweep"))


@shared_task
def follow_up_holds() -> None:
    """Lets cases wait again whose follow-up day has come."""
    holding.follow_up_due(by=system("sweep"))


@shared_task
def settle_review(fence: int) -> None:
    """Does what a review leads to, now that it can't be undone any more."""
    settling.settle_review(fence)


@shared_task
def carry_on_reopening(reopening_id: int) -> None:
    """Gives the next cases of a selection back to people."""
    reopening.carry_on_or_ring(reopening_id)


@shared_task
def carry_on_reopenings() -> None:
    """Carries on with selections whose bell nobody heard, or whose worker was lost."""
    reopening.carry_on_unfinished()


@shared_task
def carry_on_disposal(disposal_id: int) -> None:
    """Erases the next cases of a disposal."""
    disposals.carry_on_or_ring(disposal_id)


@shared_task
def carry_on_disposals() -> None:
    """Carries on with disposals whose bell nobody heard, or whose worker was lost."""
    disposals.carry_on_unfinished()


@shared_task
def apply_tombstones() -> None:
    """Keeps outside the database who was erased, and erases again whom a restored backup brought back."""
    erasing.apply_tombstones(by=system("tombstones"))


@shared_task
def keep_known_answers() -> None:
    """Lets cases with a known answer wait among the others, as policies have it."""
    knownanswers.keep_seeded(by=system("known answers"))


@shared_task
def settle_due_reviews() -> None:
    """Settles the reviews whose bell nobody heard."""
    settling.settle_due()


@shared_task
def escalate_notices() -> None:
    """Tells supervisors of notices that are owed soon, and of cases that are undecided for too long."""
    notices.escalate_due(by=system("sweep"))


@shared_task
def activate_due_proposals() -> None:
    """Puts policies in force whose time has come."""
    proposing.activate_due_proposals(by=system("sweep"))


@shared_task
def measure_gates() -> None:
    """Measures what live labels show, where there are new ones."""
    gatechecks.measure_gates(by=system("gate"))


@shared_task
def find_rules(kind: str, pk: int, below: int | None = None) -> None:
    """Finds out what the rules of a proposal or a policy version say of past cases."""
    findingrules.find_rules_or_ring(kind, pk, below)


@shared_task(time_limit=6 * 3600)
def make_export(export_id: int) -> None:
    """Makes an export, however large: its lease says whether a worker is lost, not the clock."""
    exportruns.make_export(export_id)


@shared_task
def look_after_exports() -> None:
    """Carries on with exports that nobody makes, and lets kept files go in time."""
    exportjobs.look_after_exports()
