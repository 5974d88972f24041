"""Readings, fields found, models and predictions."""

from django.db import models
from django.db.models import Q

from audit.models import ClockTimestamp
from cases.models import Case, Page


class Reading(models.Model):
    """The words of one page as one engine version read them, sealed; never read twice."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="readings")
    engine = models.CharField(max_length=40)
    engine_version = models.CharField(max_length=80)
    sealed_words = models.BinaryField()
    word_count = models.PositiveIntegerField()
    confidence = models.FloatField()
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["page", "engine", "engine_version"], name="one_reading_an_engine_version"
            ),
        )

    def __str__(self) -> str:
        return f"{self.engine} on {self.page_id}"


class FieldRead(models.Model):
    """One field as found on the papers; its value is sealed, its numbers are in clear."""

    class Mismatch(models.TextChoices):
        NONE = "", "Agrees with the data, or has nothing to agree with"
        DIFFERS = "differs", "Differs from the data"
        UNSURE = "unsure", "May differ from the data"

    case = models.ForeignKey(Case, models.CASCADE, related_name="fields_read")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    sealed_value = models.BinaryField()
    found = models.BooleanField()
    page = models.ForeignKey(Page, models.CASCADE, null=True, related_name="+")
    box = models.JSONField(null=True)
    confidence = models.FloatField()
    signals = models.JSONField(default=dict)
    mismatch = models.CharField(max_length=10, choices=Mismatch, default=Mismatch.NONE, blank=True)

    class Meta:
        ordering = ("case", "position")
        constraints = (
            models.UniqueConstraint(fields=["case", "name"], name="one_reading_of_a_field"),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="field_confidence_range"
            ),
            models.CheckConstraint(
                condition=Q(mismatch__in=["", "differs", "unsure"]),
                name="field_mismatch_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} of {self.case_id}"


class Model(models.Model):
    """A registered scorer."""

    name = models.SlugField(max_length=100, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """One immutable release of a model: which files it is, and its card."""

    model = models.ForeignKey(Model, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    registered_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("model", "number")
        constraints = (
            models.UniqueConstraint(fields=["model", "number"], name="one_model_version"),
        )

    def __str__(self) -> str:
        return f"{self.model} {self.number}"


class Prediction(models.Model):
    """One model version's answer for one case. Numbers in clear; what went in is sealed."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="predictions")
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=60)
    confidence = models.FloatField()
    probabilities = models.JSONField()
    contributions = models.JSONField()
    sealed_input = models.BinaryField()
    input_commitment = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["case", "-id"], name="prediction_of_case"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1),
                name="prediction_confidence_range",
            ),
        )

    def __str__(self) -> str:
        return f"{self.outcome} at {self.confidence:.3f}"
