"""Policies, routes, queues, claims, drafts and reviews."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline
from inference.models import Prediction


class PolicyVersion(models.Model):
    """A pipeline's thresholds and rules; immutable once active, at most one active at a time."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="policy_versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    active = models.BooleanField(default=False)
    activated_at = models.DateTimeField(null=True)
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
        )

    def __str__(self) -> str:
        return f"policy {self.number} of {self.pipeline}"


class Queue(models.Model):
    """Where cases wait for people; rights are granted here."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="queues")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)

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
    """Where the policy sent a case, and why, in words."""

    class Kind(models.TextChoices):
        AUTOMATIC = "automatic", "Decided automatically"
        REVIEW = "review", "Sent to a person"

    case = models.ForeignKey(Case, models.CASCADE, related_name="routes")
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="+")
    prediction = models.ForeignKey(Prediction, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    outcome = models.CharField(max_length=60, default="", blank=True)
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    second_review_queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    reasons = models.JSONField(default=list)
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
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.case_id}"


class Stage(models.TextChoices):
    """Which judgement a waiting case asks for."""

    FIRST = "first", "Review"
    SECOND = "second", "Second review"
    ADJUDICATION = "adjudication", "Adjudication"


class QueueEntry(models.Model):
    """A case's one place in a queue. It waits while `claim` is empty."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="queue_entry")
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="entries")
    route = models.ForeignKey(Route, models.CASCADE, related_name="+")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.FIRST)
    round = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField()
    entered_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    claim = models.OneToOneField(
        "Claim", models.SET_NULL, null=True, related_name="entry", db_index=False
    )

    class Meta:
        indexes = (
            models.Index(
                fields=["queue", "due_at", "case"],
                name="entry_waiting",
                condition=Q(claim__isnull=True),
            ),
            models.Index(fields=["queue", "-case"], name="entry_newest_of_queue"),
            models.Index(fields=["due_at"], name="entry_by_deadline"),
            models.Index(
                fields=["queue", "claim"], name="entry_claimed", condition=Q(claim__isnull=False)
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="entry_stage_is_known"
            ),
        )  # and `entry_claims_its_case`, a foreign key of two columns: see migration 0002

    def __str__(self) -> str:
        return f"{self.case_id} in {self.queue_id}"


class Claim(models.Model):
    """One reviewer's exclusive, expiring hold on a case. Its id is the fencing number."""

    class Ended(models.TextChoices):
        RELEASED = "released", "Given back"
        EXPIRED = "expired", "Expired"
        REVIEWED = "reviewed", "Reviewed"
        TAKEN_OVER = "taken_over", "Taken over"
        WITHDRAWN = "withdrawn", "Case withdrawn"

    case = models.ForeignKey(Case, models.CASCADE, related_name="claims")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="claims")
    stage = models.CharField(max_length=12, choices=Stage)
    claimed_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=10, choices=Ended, default="", blank=True)

    holds: bool  # whether it has not expired, by the database's clock; only where a query asks

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="one_live_claim_a_case"
            ),
            models.UniqueConstraint(
                fields=["reviewer"], condition=Q(ended_at=None), name="one_live_claim_a_reviewer"
            ),
            models.UniqueConstraint(fields=["id", "case"], name="claim_and_its_case"),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="claim_stage_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended="")
                | Q(
                    ended_at__isnull=False,
                    ended__in=["released", "expired", "reviewed", "taken_over", "withdrawn"],
                ),
                name="claim_ended_says_how",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("claimed_at")), name="claim_expires_later"
            ),
        )
        indexes = (
            models.Index(
                fields=["expires_at"], name="claim_live_by_expiry", condition=Q(ended_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"claim {self.pk} on {self.case_id}"


class Draft(models.Model):
    """What a reviewer has entered and not yet submitted, sealed; it outlives the claim."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="drafts")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sealed_content = models.BinaryField()
    saved_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["case", "reviewer"], name="one_draft_a_reviewer"),
        )

    def __str__(self) -> str:
        return f"draft of {self.reviewer_id} on {self.case_id}"


class Review(models.Model):
    """One reviewer's immutable judgement; nobody judges a case twice in one round."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reviews")
    claim = models.OneToOneField(Claim, models.CASCADE, related_name="review")
    route = models.ForeignKey(Route, models.CASCADE, related_name="reviews")
    round = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=12, choices=Stage)
    outcome = models.CharField(max_length=60)
    override = models.BooleanField()
    reason_codes = models.JSONField(default=list)
    sealed_explanation = models.BinaryField()
    shown = models.JSONField(default=dict)
    reviewed_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["case", "round", "reviewer"], name="reviewers_of_a_round_differ"
            ),
            models.UniqueConstraint(fields=["case", "round", "stage"], name="one_review_a_stage"),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="review_stage_is_known"
            ),
        )
        indexes = (models.Index(fields=["reviewer", "-reviewed_at"], name="review_of_reviewer"),)

    def __str__(self) -> str:
        return f"{self.outcome} by {self.reviewer_id}"


class Correction(models.Model):
    """A reviewer's word on one field: a new value, or that nobody can read it, or that it is right."""

    class Kind(models.TextChoices):
        CORRECTED = "corrected", "Corrected"
        ILLEGIBLE = "illegible", "Illegible"
        CONFIRMED = "confirmed", "Confirmed"

    review = models.ForeignKey(Review, models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    sealed_values = models.BinaryField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["review", "field"], name="one_correction_a_field"),
            models.CheckConstraint(
                condition=Q(kind__in=["corrected", "illegible", "confirmed"]),
                name="correction_kind_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.field} {self.kind}"


class Export(models.Model):
    """Decided cases that left the house: who took which, how many, and the file's SHA-256."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        JSON_LINES = "jsonl", "JSON Lines"

    exported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="+")
    format = models.CharField(max_length=5, choices=Format)
    filter = models.JSONField(default=dict)
    started_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    finished_at = models.DateTimeField(null=True)
    row_count = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(format__in=["csv", "jsonl"]), name="export_format_is_known"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, row_count=None, sha256="")
                | (Q(finished_at__isnull=False, row_count__isnull=False) & ~Q(sha256="")),
                name="export_finished_or_not",
            ),
        )

    def __str__(self) -> str:
        return f"export {self.pk} of {self.pipeline}"
