"""What reviewers say: drafts, commitments, reviews and corrections."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case
from reviews.models.routing import Route
from reviews.models.waiting import Claim, Stage


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


class Commitment(models.Model):
    """What a reviewer answered before seeing the model's view, where the route is blind: a fact.

    The review that follows may differ; that it does is the measure of how much the view moves people.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="commitments")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.CASCADE, related_name="+")
    route = models.ForeignKey(Route, models.CASCADE, related_name="+")
    round = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=60)
    sealed_content = models.BinaryField()
    committed_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["case", "round", "reviewer"], name="one_commitment_a_reviewer"
            ),
        )

    def __str__(self) -> str:
        return f"{self.outcome} by {self.reviewer_id}, unseen"


class Review(models.Model):
    """One reviewer's immutable judgement; nobody judges a case twice in one round.

    It can be undone until it has had its effect. `needed_person` is the reviewer's answer whether the
    case needed a person at all, where they gave one; `committed_outcome` what they answered before they
    saw the model's view, where that was hidden.
    """

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
    committed_outcome = models.CharField(max_length=60, default="", db_default="", blank=True)
    needed_person = models.BooleanField(null=True)
    reviewed_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["case", "round", "reviewer"],
                condition=Q(undone_at=None),
                name="reviewers_of_a_round_differ",
            ),
            models.UniqueConstraint(
                fields=["case", "round", "stage"],
                condition=Q(undone_at=None),
                name="one_review_a_stage",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="review_stage_is_known"
            ),
        )
        indexes = (
            models.Index(fields=["reviewer", "-reviewed_at"], name="review_of_reviewer"),
            BrinIndex(fields=["reviewed_at"], name="review_by_time", pages_per_range=16),
        )

    def __str__(self) -> str:
        return f"{self.outcome} by {self.reviewer_id}"


class Correction(models.Model):
    """A reviewer's word on one field: a new value, or that nobody can read it, or that it is right."""

    class Kind(models.TextChoices):
        CORRECTED = "corrected", _("Corrected")
        ILLEGIBLE = "illegible", _("Illegible")
        CONFIRMED = "confirmed", _("Confirmed")

    review = models.ForeignKey(Review, models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=70)
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
