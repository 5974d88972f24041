"""Withdrawing: an upstream takes its case back."""

from django.db import transaction

from audit.actors import Actor
from cases import lifecycle
from cases.lifecycle import MOVES, IllegalMove
from cases.models import Case, Status


class NotWithdrawable(Exception):
    """The case is decided, or withdrawn already."""


class VersionChanged(Exception):
    """The case is no longer the one that the sender saw."""


@transaction.atomic
def withdraw(case: Case, *, versions: set[int] | None, by: Actor) -> None:
    """Withdraws a case if its version is one of `versions` (None: whichever it is).

    Raises VersionChanged, and NotWithdrawable where there is nothing left to withdraw.
    """
    if versions is not None and case.version not in versions:
        raise VersionChanged
    if Status.WITHDRAWN not in MOVES[Status(case.status)]:
        raise NotWithdrawable(Status(case.status).label)
    try:
        lifecycle.move(case, Status.WITHDRAWN, by=by)
    except IllegalMove:
        raise VersionChanged from None
