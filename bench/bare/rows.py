"""The floor's rows and what is done with them."""

from typing import Any, ClassVar

from django.db import models, transaction
from django.utils import timezone


class Waiting(models.Model):
    """One row of the floor's only queue."""

    objects: ClassVar[Any] = models.Manager()
    reference = models.CharField(max_length=100)
    due_at = models.DateTimeField()
    claimed_by = models.IntegerField(null=True)
    decided = models.BooleanField(default=False)

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return self.reference


class Content(models.Model):
    """What was posted with it."""

    objects: ClassVar[Any] = models.Manager()
    waiting = models.ForeignKey(Waiting, models.CASCADE)
    data = models.JSONField()

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return str(self.pk)


class Decision(models.Model):
    """How it was decided."""

    objects: ClassVar[Any] = models.Manager()
    waiting = models.ForeignKey(Waiting, models.CASCADE)
    outcome = models.CharField(max_length=60)

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return self.outcome


@transaction.atomic
def claim_next(person: int) -> int | None:
    """The most urgent row, claimed: two statements."""
    free = Waiting.objects.filter(claimed_by=None).order_by("due_at", "id")
    row = free.select_for_update(skip_locked=True).first()
    if row is None:
        return None
    Waiting.objects.filter(pk=row.pk).update(claimed_by=person)
    return int(row.pk)


@transaction.atomic
def decide(waiting_id: int, outcome: str) -> None:
    """A decision: two statements."""
    Decision.objects.create(waiting_id=waiting_id, outcome=outcome)
    Waiting.objects.filter(pk=waiting_id).update(decided=True)


@transaction.atomic
def open_case(data: dict[str, Any]) -> int:
    """A case: two inserts."""
    row = Waiting.objects.create(reference=data["reference"], due_at=timezone.now())
    Content.objects.create(waiting=row, data=data)
    return int(row.pk)
