"""Access beyond one's rights, and its review."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline


class BrokenGlass(models.Model):
    """A person opened a case that is not theirs to see, for a while, and said why (HIPAA 164.312(a)(2)(ii)).

    The reason is sealed under the case's key. Somebody else looks at it afterwards.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="broken_glass")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sealed_reason = models.BinaryField()
    broken_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    ends_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True)
    justified = models.BooleanField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["person", "ends_at"], name="broken_glass_of_person"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("broken_at")), name="broken_glass_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None, justified=None)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False, justified__isnull=False),
                name="broken_glass_reviewed_whole",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("person")),
                name="broken_glass_reviewed_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} opened {self.case_id}"


class AccessReview(models.Model):
    """Somebody looked through who had access to a pipeline's cases in a period, and signed that."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    figures = models.JSONField(default=dict)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(until__gte=F("since")), name="access_review_ends_later"
            ),
        )

    def __str__(self) -> str:
        return f"access to {self.pipeline}, {self.since} to {self.until}"
