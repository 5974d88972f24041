"""Deadlines: they rest while a case waits for something that nobody here can hurry."""

from datetime import timedelta

from django.db.models import F

from cases.models import Case


def put_off(case: Case, length: timedelta) -> None:
    """Moves a case's deadline on. Must run in a transaction, with the event of why.

    That changes what the upstream sees, so the case has another version.
    """
    changed = {"due_at": F("due_at") + length, "version": F("version") + 1}
    Case.objects.filter(pk=case.pk).update(**changed)
    case.refresh_from_db(fields=["due_at", "version"])
