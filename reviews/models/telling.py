"""What people tell each other, look at and take away: comments, notices, unmaskings, exports."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline, new_id


class Comment(models.Model):
    """A word to colleagues, sealed; never part of the decision's record unless quoted into it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sealed_text = models.BinaryField()
    written_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"comment {self.pk}"


class Notice(models.Model):
    """Something that a person should hear of; gone from their list once they have seen it."""

    class Kind(models.TextChoices):
        MENTIONED = "mentioned", _("You were mentioned")
        TAKEN_OVER = "taken_over", _("A case was taken from you")
        TOOK_OVER = "took_over", _("You took a case over")
        RESERVED = "reserved", _("A case was given to you")
        ESCALATED = "escalated", _("A case was escalated")
        ANSWERED = "answered", _("The upstream has answered")
        FOLLOW_UP = "follow_up", _("A case is to be followed up")
        WITHDRAWN = "withdrawn", _("A case was withdrawn")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+")
    told_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "mentioned",
                        "taken_over",
                        "took_over",
                        "reserved",
                        "escalated",
                        "answered",
                        "follow_up",
                        "withdrawn",
                    ]
                ),
                name="notice_kind_is_known",
            ),
        )
        indexes = (
            models.Index(fields=["person", "-id"], name="notice_unseen", condition=Q(seen_at=None)),
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"


class Unmasking(models.Model):
    """A person looked under a mask: which field, and what for."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="unmaskings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    field = models.CharField(max_length=60)
    purpose = models.CharField(max_length=60)
    unmasked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=["case", "person", "unmasked_at"], name="unmasking_of_person"),
        )

    def __str__(self) -> str:
        return f"{self.field} for {self.person_id}"


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
