"""What a person is told: replies, and the appointments that they propose."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline, new_id
from reviews.models.judging import Review
from reviews.models.routing import Route


class Slot(models.Model):
    """A time that the clinic offers; `source_id` is the clinic's own name for it.

    It is free while no review has booked it, it was not `closed_at` by the clinic, and it lies ahead.
    `utc_minutes` is how far the clinic's own clock is ahead of UTC then: people are told that time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="slots")
    source_id = models.CharField(max_length=100)
    service = models.CharField(max_length=200)
    place = models.CharField(max_length=200, default="", blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    utc_minutes = models.SmallIntegerField(db_default=0, default=0)
    booked_by = models.OneToOneField(Review, models.PROTECT, null=True, related_name="slot")
    closed_at = models.DateTimeField(null=True)
    loaded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("starts_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["pipeline", "source_id"], name="one_slot_a_source_id"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_ends_later"),
        )
        indexes = (
            models.Index(
                fields=["pipeline", "starts_at"],
                name="slot_free",
                condition=Q(booked_by=None, closed_at=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.service} at {self.starts_at}"


class Reply(models.Model):
    """What the person is told, sealed: by a reviewer, or by the policy where consent was given.

    Nothing reaches anybody by itself without `consent`; somebody then does it in person.
    """

    class Contact(models.TextChoices):
        AUTOMATED = "automated", _("Sent by the upstream")
        PHONE = "phone", _("By phone")
        LETTER = "letter", _("By letter")
        IN_PERSON = "in_person", _("In person")

    case = models.ForeignKey(Case, models.CASCADE, related_name="replies")
    review = models.OneToOneField(Review, models.CASCADE, null=True, related_name="reply")
    route = models.OneToOneField(Route, models.CASCADE, null=True, related_name="reply")
    template = models.CharField(max_length=60, default="", blank=True)
    sealed_text = models.BinaryField()
    contact = models.CharField(max_length=9, choices=Contact)
    consent = models.BooleanField()
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(review__isnull=True, route__isnull=False)
                | Q(review__isnull=False, route__isnull=True),
                name="reply_is_of_a_review_or_a_route",
            ),
            models.CheckConstraint(
                condition=Q(contact__in=["phone", "letter", "in_person"])
                | Q(contact="automated", consent=True),
                name="nothing_is_sent_without_consent",
            ),
            models.CheckConstraint(
                condition=Q(route__isnull=True) | Q(contact="automated"),
                name="reply_of_a_route_is_automated",
            ),
        )

    def __str__(self) -> str:
        return f"reply on {self.case_id}"
