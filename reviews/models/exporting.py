"""What leaves the house: exports, asked for, approved where the pipeline wants that, and made."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline


class Export(models.Model):
    """One export: what was asked for, by whom, who approved it, how far it is, and its SHA-256.

    The file is kept sealed under a key of its own (`sealed_key`, by the master key) until `kept_until`,
    and goes before that where a case in it is erased. `manifest_sha256` stands in the log as the event
    `export.prepared`, so that the file itself proves what it holds.
    """

    class Kind(models.TextChoices):
        DECISIONS = "decisions", _("Decisions")
        TRAIL = "trail", _("The whole trail")
        OVERRIDES = "overrides", _("Overrides")
        SEGMENTS = "segments", _("Decisions by segment")
        THRESHOLDS = "thresholds", _("Changes of thresholds")
        ACCESS = "access", _("Access to personal data")
        MODELS = "models", _("Changes of models")
        CASE = "case", _("A case's whole file")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        JSON_LINES = "jsonl", "JSON Lines"
        PARQUET = "parquet", "Parquet"
        PDF = "pdf", "PDF"

    class Status(models.TextChoices):
        ASKED = "asked", _("Waits for approval")
        REFUSED = "refused", _("Refused")
        QUEUED = "queued", _("Begins soon")
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        GONE = "gone", _("No longer kept")

    kind = models.CharField(max_length=10, choices=Kind)
    format = models.CharField(max_length=7, choices=Format)
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    filter = models.JSONField(default=dict)
    purpose = models.CharField(max_length=60, default="", db_default="", blank=True)
    exported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    status = models.CharField(max_length=9, choices=Status)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    rows_made = models.PositiveBigIntegerField(default=0, db_default=0)
    rows_expected = models.PositiveBigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)
    row_count = models.PositiveBigIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, default="", db_default="", blank=True)
    manifest_sha256 = models.CharField(max_length=64, default="", db_default="", blank=True)
    sealed_key = models.BinaryField(null=True)
    blob = models.CharField(max_length=100, default="", db_default="", blank=True)
    kept_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, default="", db_default="", blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["due_at"], name="export_due", condition=Q(due_at__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "decisions",
                        "trail",
                        "overrides",
                        "segments",
                        "thresholds",
                        "access",
                        "models",
                        "case",
                    ]
                ),
                name="export_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(format__in=["csv", "jsonl", "parquet", "pdf"]),
                name="export_format_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "asked",
                        "refused",
                        "queued",
                        "running",
                        "done",
                        "failed",
                        "cancelled",
                        "gone",
                    ]
                ),
                name="export_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["done", "gone"])
                | Q(finished_at__isnull=False, row_count__isnull=False) & ~Q(sha256=""),
                name="export_done_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="done", sealed_key__isnull=False, kept_until__isnull=False)
                & ~Q(blob="")
                | ~Q(status="done") & Q(sealed_key=None, blob=""),
                name="export_is_kept_while_done",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("exported_by")),
                name="export_answered_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"export {self.pk}: {self.kind}"
