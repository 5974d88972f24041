"""Answering for a verdict: its signature, the notice that an adverse decision owes, and the contest."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, Decision, Pipeline
from reviews.models.judging import Review


class Signature(models.Model):
    """A review signed by its reviewer, who proved anew who they are (21 CFR 11.50 and 11.200)."""

    class Method(models.TextChoices):
        PASSWORD = "password", _("Password")
        CODE = "code", _("Password and code")

    review = models.OneToOneField(Review, models.PROTECT, related_name="signature")
    printed_name = models.CharField(max_length=310)
    meaning = models.CharField(max_length=300)
    method = models.CharField(max_length=8, choices=Method)
    signed_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(method__in=["password", "code"]), name="signature_method_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(printed_name="") & ~Q(meaning=""), name="signature_says_who_and_what"
            ),
        )

    def __str__(self) -> str:
        return f"{self.printed_name}: {self.meaning}"


class AdverseNotice(models.Model):
    """The notice that a person is owed of an adverse decision, and by when (12 CFR 1002.9(a)(1)).

    `sealed_letter` is what was sent, as text; the PDF is made of it.
    """

    class Channel(models.TextChoices):
        UPSTREAM = "upstream", _("By the upstream")
        POST = "post", _("By post")
        IN_PERSON = "in_person", _("In person")

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="notice")
    case = models.ForeignKey(Case, models.PROTECT, related_name="adverse_notices")
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    escalate_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True)
    sealed_letter = models.BinaryField(default=b"")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    channel = models.CharField(max_length=9, choices=Channel, default="", blank=True)
    dropped_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("due_at", "id")
        indexes = (
            models.Index(
                fields=["pipeline", "due_at"],
                name="adverse_notice_owed",
                condition=Q(sent_at=None, dropped_at=None),
            ),
            models.Index(
                fields=["escalate_at"],
                name="adverse_notice_to_escalate",
                condition=Q(sent_at=None, dropped_at=None, escalated_at=None),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(sent_at=None, channel="")
                | Q(sent_at__isnull=False, channel__in=["upstream", "post", "in_person"]),
                name="adverse_notice_sent_somehow",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(dropped_at=None),
                name="adverse_notice_sent_or_dropped",
            ),
        )

    def __str__(self) -> str:
        return f"notice of decision {self.decision_id}"


class Contest(models.Model):
    """A decision contested by the person it is about: it goes to somebody new (GDPR 22(3)).

    Their words are sealed under the case's key.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="contests")
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="contest")
    sealed_words = models.BinaryField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    contested_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    answer = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"contest of decision {self.decision_id}"
