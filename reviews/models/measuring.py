"""What a route rested on, in numbers, and what people said of it: for replays, samples and the gate."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.models import ClockTimestamp
from cases.models import Case, Pipeline, PipelineVersion
from inference.models import Calibration, ModelVersion
from reviews.models.routing import PolicyVersion, Route


class Sample(models.Model):
    """A case that somebody judges without knowing what the policy or others made of it, to measure.

    An automatic decision drawn by its stratum's share (`probability`), one that the gate held back
    (each of them), or a settled case whose right answer is known, to measure reviewers. `outcome` is
    the one to be measured against: the policy's, or the known answer. `route` is the one that decided
    it, of one that was held back the one to people. `verdict` is what was said; one that `ended` has
    none. Who is to judge it sees `shown_version` for the case's version: its own would tell.
    """

    class Kind(models.TextChoices):
        AUTOMATIC = "automatic", _("Automatic decision")
        HELD = "held", _("Held back by the gate")
        KNOWN = "known", _("Known answer")

    class Ended(models.TextChoices):
        ASKED = "asked", _("Who was to judge it would have asked the upstream")
        GONE = "gone", _("The case was withdrawn, or came back with new papers")

    case = models.ForeignKey(Case, models.CASCADE, related_name="samples")
    kind = models.CharField(max_length=9, choices=Kind)
    route = models.ForeignKey(Route, models.CASCADE, related_name="+")
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="+")
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=60)
    confidence = models.FloatField(null=True)
    stratum = models.FloatField(default=0.0)
    probability = models.FloatField(default=1.0)
    drawn_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    verdict = models.CharField(max_length=60, default="", db_default="", blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    judged_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=5, choices=Ended, default="", db_default="", blank=True)
    shown_version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["automatic", "held", "known"]), name="sample_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ended="") | Q(ended__in=["asked", "gone"], judged_at=None),
                name="sample_ended_unjudged",
            ),
            models.CheckConstraint(
                condition=Q(probability__gt=0, probability__lte=1), name="sample_probability_range"
            ),
            models.CheckConstraint(
                condition=Q(judged_at=None, verdict="", reviewer=None)
                | Q(judged_at__isnull=False, reviewer__isnull=False) & ~Q(verdict=""),
                name="sample_judged_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(judged_at=None, ended=""),
                name="one_open_sample_a_case",
            ),
        )
        indexes = (models.Index(fields=["policy_version", "judged_at"], name="sample_of_policy"),)

    def __str__(self) -> str:
        return f"{self.kind} sample of {self.case_id}"


class Basis(models.Model):
    """What a route rested on, in numbers: enough to say what any other policy would have made of it.

    `doubts` is a mask of the doubts that no policy takes away (`reviews.doubts.DOUBTS`). `probabilities`
    stand in the order of the `pipeline_version`'s outcomes; `fields_clear` and `fields_poor` in that of
    its fields: the least confidence with which one was found, on clear pages and on poor ones, NaN
    where it was not. Rules are named by `reviews.doubts.rule_key`. `segments` stand in their order.
    `template` is the keyed digest of whose paper it is (`reviews.letterheads`), empty where nothing says.
    Of what people said later, `label` is the outcome, `weight` for how many cases it stands.
    """

    class Label(models.TextChoices):
        REVIEW = "review", _("Reviewed with the model's view")
        BLIND = "blind", _("Reviewed blind")
        SAMPLE = "sample", _("Sampled, and reviewed blind")

    route = models.OneToOneField(Route, models.CASCADE, primary_key=True, related_name="basis")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="+", db_index=False)
    pipeline_version = models.ForeignKey(
        PipelineVersion, models.PROTECT, related_name="+", db_index=False
    )
    policy_version = models.ForeignKey(
        PolicyVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )
    model_version = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )
    routed_at = models.DateTimeField(db_default=ClockTimestamp())
    predicted = models.CharField(max_length=60, default="", db_default="", blank=True)
    confidence = models.FloatField()
    probabilities = ArrayField(models.FloatField(), default=list)
    doubts = models.IntegerField(default=0)
    fields_clear = ArrayField(models.FloatField(), default=list)
    fields_poor = ArrayField(models.FloatField(), default=list)
    rules_known = ArrayField(models.BigIntegerField(), default=list)
    rules_met = ArrayField(models.BigIntegerField(), default=list)
    rules_failed = ArrayField(models.BigIntegerField(), default=list)
    segments = ArrayField(models.CharField(max_length=60), default=list)
    template = models.CharField(max_length=32, default="", db_default="", blank=True)
    label = models.CharField(max_length=60, default="", db_default="", blank=True)
    label_kind = models.CharField(
        max_length=6, choices=Label, default="", db_default="", blank=True
    )
    weight = models.FloatField(default=0.0, db_default=0.0)
    labelled_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["pipeline", "routed_at"], name="basis_of_pipeline"),
            models.Index(
                fields=["model_version", "labelled_at"],
                name="basis_labelled",
                condition=Q(labelled_at__isnull=False),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(label_kind="", label="", labelled_at=None, weight=0)
                | Q(
                    label_kind__in=["review", "blind", "sample"],
                    labelled_at__isnull=False,
                    weight__gte=1,
                )
                & ~Q(label=""),
                name="basis_labelled_in_full",
            ),
        )

    def __str__(self) -> str:
        return f"basis of route {self.route_id}"


class RuleResult(models.Model):
    """What a rule that was not the policy's when a case was routed would have said of it."""

    basis = models.ForeignKey(Basis, models.CASCADE, related_name="+", db_index=False)
    rule = models.BigIntegerField()
    met = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["rule", "basis"], name="one_result_of_a_rule"),
        )

    def __str__(self) -> str:
        return f"rule {self.rule} on {self.basis_id}"


class GateCheck(models.Model):
    """What the live labels of a model version showed at one time: what the gate goes by."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="gate_checks")
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+")
    calibration = models.ForeignKey(Calibration, models.PROTECT, null=True, related_name="+")
    days = models.PositiveIntegerField()
    labels = models.PositiveIntegerField()
    figures = models.JSONField(default=dict)
    checked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=["pipeline", "model_version", "calibration", "days", "-id"],
                name="gate_check_latest",
            ),
        )

    def __str__(self) -> str:
        return f"{self.labels} labels of {self.model_version_id}"
