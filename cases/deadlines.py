"""Deadlines: they rest while a case waits for something that nobody here can hurry, and come nearer
where it turns out to be urgent.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from django.db.models import F

from audit.models import ClockTimestamp
from cases.models import Case


def put_off(case: Case, length: timedelta) -> None:
    """Moves a case's deadline on. Must run in a transaction, with the event of why.

    That changes what the upstream sees, so the case has another version.
    """
    changed = {"due_at": F("due_at") + length, "version": F("version") + 1}
    Case.objects.filter(pk=case.pk).update(**changed)
    case.refresh_from_db(fields=["due_at", "version"])


def begin_anew(case: Case) -> None:
    """Gives a case all the time of its priority again, from now on.

    As putting off it changes what the upstream sees. Must run in a transaction, with the event of why.
    """
    minutes = cast(Mapping[str, int], case.definition.sla_minutes)
    length = timedelta(minutes=minutes[case.priority])
    changed = {"due_at": ClockTimestamp() + length, "version": F("version") + 1}
    Case.objects.filter(pk=case.pk).update(**changed)
    case.refresh_from_db(fields=["due_at", "version"])


def bring_forward(case: Case, within: timedelta) -> bool:
    """Makes a case due `within` a time from now; False where it is due sooner, or at once, already.

    As putting off it changes what the upstream sees. Must run in a transaction, with the event of why.
    """
    then = ClockTimestamp() + within
    later = Case.objects.filter(pk=case.pk, due_at__gt=then)
    if not later.update(due_at=then, version=F("version") + 1):
        return False
    case.refresh_from_db(fields=["due_at", "version"])
    return True
