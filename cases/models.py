"""Pipelines, cases, their papers and their decisions."""

import uuid
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import ApiClient
from audit.models import ClockTimestamp
from cases.definition import Definition, parse

DEFINITIONS: dict[str, Definition] = {}
"""Definitions by the digest of their content, which never changes."""


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): ordered by time, so that new rows stand together in the indexes."""
    return uuid7()


class Pipeline(models.Model):
    """A kind of case. What it consists of stands in its versions."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    current = models.ForeignKey("PipelineVersion", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("slug",)
        permissions = (
            ("configure", "Can change the pipeline and its policy"),
            ("audit", "Can read and export its decided cases"),
            ("retain", "Can place legal holds, and ask for or approve erasure"),
            ("break_glass", "Can open one of its cases in an emergency, with a reason"),
        )

    def __str__(self) -> str:
        return self.name


class PipelineVersion(models.Model):
    """One immutable version of a pipeline's definition, as it was applied."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("pipeline", "number")
        constraints = (
            models.UniqueConstraint(fields=["pipeline", "number"], name="one_pipeline_version"),
        )

    def __str__(self) -> str:
        return f"{self.pipeline_id} v{self.number}"

    @property
    def definition(self) -> Definition:
        """The definition, parsed once a process: its digest tells it from every other."""
        if self.sha256 not in DEFINITIONS:
            DEFINITIONS[self.sha256] = parse(self.content)
        return DEFINITIONS[self.sha256]


class Status(models.TextChoices):
    """Where a case stands; `cases.lifecycle` alone changes it."""

    RECEIVED = "received", _("Received")
    READ = "read", _("Read")
    SCORED = "scored", _("Scored")
    QUARANTINED = "quarantined", _("Failed, on its way to a person")
    IN_REVIEW = "in_review", _("In review")
    DECIDED = "decided", _("Decided")
    ANNOUNCED = "announced", _("Decided and announced")
    WITHDRAWN = "withdrawn", _("Withdrawn by the upstream")


class Priority(models.TextChoices):
    """How much it matters; the pipeline says what deadline that means."""

    URGENT = "urgent", _("Urgent")
    HIGH = "high", _("High")
    NORMAL = "normal", _("Normal")
    LOW = "low", _("Low")


class Case(models.Model):
    """The unit of work. What is personal stands sealed under the case's own key.

    `copies` says how many papers it has of each kind that may come several times. Since `erased_at`
    its key and all that was sealed with it are gone, and its reference tells nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="cases")
    pipeline_version = models.ForeignKey(PipelineVersion, models.PROTECT, related_name="+")
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="cases")
    reference = models.CharField(max_length=100)
    status = models.CharField(max_length=12, choices=Status, default=Status.RECEIVED)
    version = models.PositiveIntegerField(default=1)
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.NORMAL)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    due_at = models.DateTimeField()
    sealed_data = models.BinaryField()
    copies = models.JSONField(default=dict, db_default={})

    step_token = models.UUIDField(null=True)
    step_due_at = models.DateTimeField(null=True)
    step_attempts = models.PositiveSmallIntegerField(default=0)
    step_error = models.CharField(max_length=300, default="")

    erased_at = models.DateTimeField(null=True)

    papers: "list[Document]"
    current: "list[Decision]"
    """Its documents and its current decision (one or none), as `cases.finding` prefetches them."""

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["step_due_at"], name="case_step_due", condition=Q(step_due_at__isnull=False)
            ),
            models.Index(fields=["pipeline", "-id"], name="case_of_pipeline"),
            models.Index(fields=["client", "-id"], name="case_of_client"),
            models.Index(fields=["reference"], name="case_by_reference"),
            models.Index(fields=["status", "-id"], name="case_by_status"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="case_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(reference__regex=r"^[^[:cntrl:]]+$"), name="case_reference_is_printable"
            ),
            models.CheckConstraint(
                condition=Q(priority__in=Priority.values), name="case_priority_is_known"
            ),
            models.CheckConstraint(
                condition=Q(step_token__isnull=True) | Q(step_due_at__isnull=False),
                name="case_step_lease_ends",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(sealed_data=b"", reference__startswith="erased-"),
                name="case_erased_holds_nothing",
            ),
        )

    def __str__(self) -> str:
        return str(self.id)

    @property
    def definition(self) -> Definition:
        """The definition that the case was opened under, with the fields of its own papers."""
        return self.pipeline_version.definition.with_copies(self.copies)


class Document(models.Model):
    """One paper as it was sent, sealed; its own file name may name a person and is sealed too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="documents")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=60)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    page_count = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    sealed_name = models.BinaryField()
    blob = models.CharField(max_length=100)

    class Meta:
        ordering = ("case", "position")
        constraints = (
            models.UniqueConstraint(fields=["case", "position"], name="one_document_a_position"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Page(models.Model):
    """A document's page as the viewer shows it; its sealed image may be missing when unreadable.

    `thumb` and `screen` name the same picture smaller, sealed like it; empty where `blob` serves.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="pages")
    number = models.PositiveSmallIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    dpi = models.PositiveIntegerField(null=True)
    quality = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    blob = models.CharField(max_length=100)
    thumb = models.CharField(max_length=100, db_default="")
    screen = models.CharField(max_length=100, db_default="")

    class Meta:
        ordering = ("document", "number")
        constraints = (
            models.UniqueConstraint(fields=["document", "number"], name="one_page_a_number"),
        )
        indexes = (models.Index(fields=["digest"], name="page_by_digest"),)

    def __str__(self) -> str:
        return f"page {self.number} of {self.document_id}"


class Decision(models.Model):
    """A case's outcome, made by a policy or by reviews; superseded, never edited.

    An adverse one is a policy's only where somebody signed that it may be: the database asks for the
    signature (`reviews.migrations.0002_facts`).
    """

    class MadeBy(models.TextChoices):
        POLICY = "policy", _("Automatic")
        REVIEW = "review", _("By a person")

    case = models.ForeignKey(Case, models.CASCADE, related_name="decisions")
    outcome = models.CharField(max_length=60)
    adverse = models.BooleanField()
    override = models.BooleanField(default=False)
    made_by = models.CharField(max_length=6, choices=MadeBy)
    route_id = models.BigIntegerField(null=True)
    reason_codes = models.JSONField(default=list)
    decided_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=Q(superseded_at=None), name="one_current_decision"
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("decided_at")),
                name="decision_superseded_later",
            ),
            models.CheckConstraint(
                condition=Q(made_by="policy", override=False) | Q(made_by="review"),
                name="policy_overrides_nothing",
            ),
        )
        indexes = (models.Index(fields=["decided_at"], name="decision_by_time"),)

    def __str__(self) -> str:
        return f"{self.outcome} for {self.case_id}"


class IdempotentRequest(models.Model):
    """A POST already seen under its key, with its answer, kept in the case's own transaction."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="+")
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["client", "route", "key"], name="one_answer_an_idempotency_key"
            ),
        )
        indexes = (models.Index(fields=["created_at"], name="idempotent_request_by_age"),)

    def __str__(self) -> str:
        return f"{self.route} {self.key}"


class Webhook(models.Model):
    """Where a client wants to hear of its cases; its secrets are sealed by the master key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    sealed_secrets = models.BinaryField()
    disabled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.id)


class Delivery(models.Model):
    """A message to a webhook: its id stays the same whenever it is sent again.

    `about` names the fact that it tells of: a message is sent of each once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    type = models.CharField(max_length=80)
    about = models.CharField(max_length=80)
    body = models.JSONField()
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_default=ClockTimestamp())
    delivered_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["webhook", "type", "about"], name="one_delivery_a_fact"
            ),
        )
        indexes = (
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.type} to {self.webhook_id}"
