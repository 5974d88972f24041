"""How a policy changes: proposals that somebody else signs; and what stops every policy at once."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiClient
from audit.models import ClockTimestamp
from cases.models import Pipeline
from inference.models import Model
from reviews.models.routing import PolicyVersion


class Proposal(models.Model):
    """A policy that somebody would like to have, from its draft to the version that it becomes.

    Only its drafter changes it, and only while it is a draft; each change is the next `revision`. Who
    signs it is neither who drafted it nor who asked for the signature. `replayed` is what the replay
    that the signer saw had said.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REQUESTED = "requested", _("Waits for a signature")
        APPROVED = "approved", _("Signed, not yet in force")
        ACTIVE = "active", _("Put in force")
        REFUSED = "refused", _("Refused")
        DISCARDED = "discarded", _("Discarded")

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="proposals")
    base = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=200)
    reason = models.TextField(default="", blank=True)
    content = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=9, choices=Status, default=Status.DRAFT)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    drafted_by_client = models.ForeignKey(ApiClient, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)
    replayed = models.JSONField(null=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    answer = models.TextField(default="", blank=True)
    version = models.OneToOneField(
        PolicyVersion, models.PROTECT, null=True, related_name="proposal"
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    status__in=["draft", "requested", "approved", "active", "refused", "discarded"]
                ),
                name="proposal_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(drafted_by=None, drafted_by_client__isnull=False)
                | Q(drafted_by__isnull=False, drafted_by_client=None),
                name="proposal_drafted_by_one",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "active", "refused"])
                | Q(signed_by__isnull=False, signed_at__isnull=False, requested_by__isnull=False),
                name="proposal_signed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None)
                | (
                    ~Q(signed_by=F("requested_by"))
                    & (Q(drafted_by=None) | ~Q(signed_by=F("drafted_by")))
                ),
                name="proposal_signed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status="active", version__isnull=False)
                | ~Q(status="active") & Q(version=None),
                name="proposal_active_is_a_version",
            ),
        )
        indexes = (
            models.Index(
                fields=["effective_at"], name="proposal_due", condition=Q(status="approved")
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.pipeline_id})"


class Stop(models.Model):
    """Automatic decisions stopped: of one pipeline, of one model, or, with neither, of the house."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, null=True, related_name="stops")
    model = models.ForeignKey(Model, models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)
    lifted_reason = models.TextField(default="", blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(pipeline=None) | Q(model=None), name="stop_has_one_scope"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="stop_says_why"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="stop_lifted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(pipeline__isnull=False)
                | Q(model__isnull=False)
                | Q(lifted_by=None)
                | ~Q(lifted_by=F("stopped_by")),
                name="stop_of_the_house_lifted_by_another",
            ),
            models.UniqueConstraint(
                fields=["pipeline", "model"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="one_stop_a_scope",
            ),
        )

    def __str__(self) -> str:
        return f"stop of {self.pipeline_id or self.model_id or 'the house'}"
