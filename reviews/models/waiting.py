"""Cases that wait and who has them: stages, claims, holds and places in a queue."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, new_id
from reviews.models.routing import Queue, Route


class Stage(models.TextChoices):
    """Which judgement a waiting case asks for."""

    FIRST = "first", _("Review")
    SECOND = "second", _("Second review")
    ADJUDICATION = "adjudication", _("Adjudication")


class Hold(models.Model):
    """A case set aside until a date, or until the upstream answers a question; its deadline rests.

    Its id is what the upstream answers to.
    """

    class Kind(models.TextChoices):
        FOLLOW_UP = "follow_up", _("On hold")
        QUESTION = "question", _("Waits for information")

    class Ended(models.TextChoices):
        FOLLOWED_UP = "followed_up", _("The day came")
        ANSWERED = "answered", _("Answered")
        RESUMED = "resumed", _("Taken up again")
        WITHDRAWN = "withdrawn", _("Case withdrawn")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="holds")
    kind = models.CharField(max_length=10, choices=Kind)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sealed_words = models.BinaryField()
    sealed_answer = models.BinaryField(null=True)
    held_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    follow_up_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=11, choices=Ended, default="", blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="one_open_hold_a_case"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["follow_up", "question"]), name="hold_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(follow_up_at__gt=F("held_at")), name="hold_follows_up_later"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended="")
                | Q(
                    ended_at__isnull=False,
                    ended__in=["followed_up", "answered", "resumed", "withdrawn"],
                ),
                name="hold_ended_says_how",
            ),
        )
        indexes = (
            models.Index(
                fields=["follow_up_at"], name="hold_open_by_day", condition=Q(ended_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_id}"


class QueueEntry(models.Model):
    """A case's one place in a queue, also that of a settled case that is judged as a `sample`.

    It waits while `claim` and `hold` are empty: for anybody with the right to judge it, or for the one
    person it is `reserved_for`, until `reserved_until` where that is set. What is `fresh` waits for
    those alone who have judged the case in no round before. It is `senior` where it asks
    for the right to give second reviews: by its stage, or since it was `escalated`.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="queue_entry")
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="entries")
    route = models.ForeignKey(Route, models.CASCADE, related_name="+")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.FIRST)
    round = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField()
    entered_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    claim = models.OneToOneField(
        "Claim", models.SET_NULL, null=True, related_name="entry", db_index=False
    )
    hold = models.OneToOneField(Hold, models.SET_NULL, null=True, related_name="entry")
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reserved_until = models.DateTimeField(null=True)
    escalated = models.BooleanField(default=False, db_default=False)
    fresh = models.BooleanField(default=False, db_default=False)
    sample = models.OneToOneField("Sample", models.PROTECT, null=True, related_name="entry")
    senior = models.GeneratedField(
        expression=~Q(stage=Stage.FIRST) | Q(escalated=True),  # type: ignore[arg-type]  # stubs: no Q
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        indexes = (
            models.Index(
                fields=["queue", "senior", "due_at", "case"],
                name="entry_waiting",
                condition=Q(claim__isnull=True, hold__isnull=True, reserved_for__isnull=True),
            ),
            models.Index(
                fields=["reserved_for", "due_at"],
                name="entry_reserved",
                condition=Q(reserved_for__isnull=False),
            ),
            models.Index(fields=["queue", "-case"], name="entry_newest_of_queue"),
            models.Index(fields=["due_at", "case"], name="entry_by_deadline"),
            models.Index(
                fields=["queue", "claim"], name="entry_claimed", condition=Q(claim__isnull=False)
            ),
            models.Index(fields=["queue"], name="entry_on_hold", condition=Q(hold__isnull=False)),
            models.Index(
                fields=["queue", "due_at"], name="entry_escalated", condition=Q(escalated=True)
            ),
            models.Index(
                fields=["queue"],
                name="entry_judged_before",
                condition=~Q(stage=Stage.FIRST) | Q(round__gt=1),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="entry_stage_is_known"
            ),
            models.CheckConstraint(
                condition=Q(hold__isnull=True) | Q(claim__isnull=True), name="entry_held_or_claimed"
            ),
            models.CheckConstraint(
                condition=Q(reserved_until__isnull=True) | Q(reserved_for__isnull=False),
                name="entry_reserved_for_somebody",
            ),
        )  # and `entry_claims_its_case`, a foreign key of two columns: see migration 0002

    def __str__(self) -> str:
        return f"{self.case_id} in {self.queue_id}"


class Claim(models.Model):
    """One reviewer's exclusive, expiring hold on a case. Its id is the fencing number."""

    class Ended(models.TextChoices):
        RELEASED = "released", _("Given back")
        EXPIRED = "expired", _("Expired")
        REVIEWED = "reviewed", _("Reviewed")
        TAKEN_OVER = "taken_over", _("Taken over")
        WITHDRAWN = "withdrawn", _("Case withdrawn")
        SET_ASIDE = "set_aside", _("Set aside")
        ESCALATED = "escalated", _("Escalated")

    case = models.ForeignKey(Case, models.CASCADE, related_name="claims")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="claims")
    stage = models.CharField(max_length=12, choices=Stage)
    claimed_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=10, choices=Ended, default="", blank=True)

    holds: bool  # whether it has not expired, by the database's clock; only where a query asks

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="one_live_claim_a_case"
            ),
            models.UniqueConstraint(
                fields=["reviewer"], condition=Q(ended_at=None), name="one_live_claim_a_reviewer"
            ),
            models.UniqueConstraint(fields=["id", "case"], name="claim_and_its_case"),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="claim_stage_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended="")
                | Q(
                    ended_at__isnull=False,
                    ended__in=[
                        "released",
                        "expired",
                        "reviewed",
                        "taken_over",
                        "withdrawn",
                        "set_aside",
                        "escalated",
                    ],
                ),
                name="claim_ended_says_how",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("claimed_at")), name="claim_expires_later"
            ),
        )
        indexes = (
            models.Index(
                fields=["expires_at"], name="claim_live_by_expiry", condition=Q(ended_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"claim {self.pk} on {self.case_id}"
