"""What people tell each other and look at: comments, notices, unmaskings."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, new_id


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
        GLASS = "glass", _("Somebody opened a case beyond their rights")
        OVERDUE = "overdue", _("A notice is owed soon")
        CONTESTED = "contested", _("A decision was contested")

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
                        "glass",
                        "overdue",
                        "contested",
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
