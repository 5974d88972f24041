"""Settled cases that go back to people: who said so, why, and how far that is."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline
from reviews.models.measuring import Sample


class Reopening(models.Model):
    """A selection of settled cases that somebody had judged anew, and why: mostly an error in a sample."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="reopenings")
    reason = models.TextField()
    because_of = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="reopenings")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="reopening_says_why"),)
        indexes = (
            models.Index(fields=["id"], name="reopening_unfinished", condition=Q(finished_at=None)),
        )

    def __str__(self) -> str:
        return f"reopening {self.pk}"


class ReopeningCase(models.Model):
    """One case of a selection: still to come, reopened, or left as it is, and then why."""

    class Result(models.TextChoices):
        REOPENED = "reopened", _("Reopened")
        WITHDRAWN = "withdrawn", _("Withdrawn by the upstream")
        OPEN = "open", _("Not decided: people have it already")
        SAMPLED = "sampled", _("Waits to be judged as a sample")
        ERASED = "erased", _("Its personal data is gone")

    reopening = models.ForeignKey(Reopening, models.CASCADE, related_name="cases", db_index=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="reopenings")
    result = models.CharField(max_length=9, choices=Result, default="", db_default="", blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["reopening", "case"], name="reopened_once"),
            models.CheckConstraint(
                condition=Q(done_at=None, result="")
                | Q(
                    done_at__isnull=False,
                    result__in=["reopened", "withdrawn", "open", "sampled", "erased"],
                ),
                name="reopening_of_a_case_ended_says_how",
            ),
        )
        indexes = (
            models.Index(
                fields=["reopening", "id"], name="reopening_to_do", condition=Q(done_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} in reopening {self.reopening_id}"
