"""How long things are kept: legal holds, and disposals of what has been kept long enough."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline


class LegalHold(models.Model):
    """Nothing of a case, or of a pipeline where `case` is empty, is erased while the hold lasts.

    `matter` is what it is for, such as a court's file number; it goes with the case that it held.
    """

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="legal_holds")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="legal_holds")
    matter = models.CharField(max_length=200)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["case"], name="legal_hold_live", condition=Q(lifted_at=None)),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(lifted_by=None, lifted_at=None)
                | Q(lifted_by__isnull=False, lifted_at__isnull=False),
                name="legal_hold_lifted_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"hold {self.pk} on {self.case_id or self.pipeline}"


class Disposal(models.Model):
    """What is to go: a person's cases by their request, or what the schedule says has been kept enough.

    One asks and another approves; then its cases are erased one by one, or, of `events`, those classes
    of events that are past their time (`filter` says which and before when).
    """

    class Kind(models.TextChoices):
        REQUEST = "request", _("Somebody asked to be erased")
        SCHEDULE = "schedule", _("Kept long enough")
        EVENTS = "events", _("Events kept long enough")

    class Status(models.TextChoices):
        ASKED = "asked", _("Waits for approval")
        REFUSED = "refused", _("Refused")
        APPROVED = "approved", _("Being carried out")
        DONE = "done", _("Done")

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="disposals")
    kind = models.CharField(max_length=8, choices=Kind)
    status = models.CharField(max_length=8, choices=Status, default=Status.ASKED)
    filter = models.JSONField(default=dict)
    counted = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["id"], name="disposal_at_work", condition=Q(status="approved")),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["request", "schedule", "events"]),
                name="disposal_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "refused", "approved", "done"]),
                name="disposal_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="asked", answered_by=None, answered_at=None)
                | ~Q(status="asked") & Q(answered_by__isnull=False, answered_at__isnull=False),
                name="disposal_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("asked_by")),
                name="disposal_answered_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False)
                | ~Q(status="done") & Q(done_at=None),
                name="disposal_done_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"disposal {self.pk} of {self.pipeline}"


class DisposalCase(models.Model):
    """One case of a disposal: erased, or kept, and why."""

    class Result(models.TextChoices):
        WAITS = "", _("Waits")
        ERASED = "erased", _("Erased")
        HELD = "held", _("Kept: a legal hold")
        OPEN = "open", _("Kept: not closed")
        BEFORE = "before", _("Was erased before")

    disposal = models.ForeignKey(Disposal, models.PROTECT, related_name="cases")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    result = models.CharField(max_length=6, choices=Result, default=Result.WAITS, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["disposal", "case"], name="a_case_once_a_disposal"),
            models.CheckConstraint(
                condition=Q(result="", done_at=None)
                | Q(result__in=["erased", "held", "open", "before"], done_at__isnull=False),
                name="disposal_case_result_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} in disposal {self.disposal_id}"
