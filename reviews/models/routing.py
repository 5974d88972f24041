"""What sends cases to people: policy versions, queues and the routes that cases took."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline
from inference.models import Prediction


class PolicyVersion(models.Model):
    """A pipeline's thresholds and rules; immutable once active, at most one active at a time.

    One that `restores` an earlier version has that version's content; `restored_by` says who put it
    back, `reason` why.
    """

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="policy_versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    active = models.BooleanField(default=False)
    activated_at = models.DateTimeField(null=True)
    restores = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    restored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reason = models.TextField(default="", db_default="", blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("pipeline", "number")
        constraints = (
            models.UniqueConstraint(fields=["pipeline", "number"], name="one_policy_version"),
            models.UniqueConstraint(
                fields=["pipeline"], condition=Q(active=True), name="one_active_policy"
            ),
            models.CheckConstraint(
                condition=Q(active=False) | Q(activated_at__isnull=False),
                name="policy_active_since",
            ),
            models.CheckConstraint(
                condition=Q(restores=None, restored_by=None, reason="")
                | Q(restores__isnull=False, restored_by__isnull=False) & ~Q(reason=""),
                name="policy_restored_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"policy {self.number} of {self.pipeline}"


class Queue(models.Model):
    """Where cases wait for people; rights are granted here.

    A pinned one comes before all others; its own deadline and alarm are in minutes.
    """

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="queues")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    pinned = models.BooleanField(default=False, db_default=False)
    sla_minutes = models.PositiveIntegerField(null=True)
    alarm_minutes = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("slug",)
        permissions = (
            ("review", "Can review the queue's cases"),
            ("second_review", "Can give a second review and settle conflicts"),
            ("supervise", "Can see who works on what, and reassign"),
        )

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """Where the policy sent a case, and why, in words; with a flag it is never decided there.

    `confidence` is the calibrated one that the policy went by, where there was a prediction.
    """

    class Kind(models.TextChoices):
        AUTOMATIC = "automatic", _("Decided automatically")
        REVIEW = "review", _("Sent to a person")

    case = models.ForeignKey(Case, models.CASCADE, related_name="routes")
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="+")
    prediction = models.ForeignKey(Prediction, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    outcome = models.CharField(max_length=60, default="", blank=True)
    confidence = models.FloatField(null=True)
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    second_review_queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    blind = models.BooleanField(default=False, db_default=False)
    reasons = models.JSONField(default=list)
    flags = models.JSONField(default=list, db_default=[])
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="automatic", queue=None, policy_version__isnull=False)
                & ~Q(outcome="")
                | Q(kind="review", queue__isnull=False, outcome=""),
                name="route_decides_or_queues",
            ),
            models.CheckConstraint(
                condition=Q(kind="review") | Q(flags=[]), name="flagged_route_goes_to_a_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.case_id}"
