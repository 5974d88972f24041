"""Readings, fields found, models and predictions."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from audit.models import ClockTimestamp
from cases.models import Case, Document, Page, Pipeline


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
    name = models.CharField(max_length=70)
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


class Fingerprint(models.Model):
    """What a paper is known again by: its file, what was read on it, or its picture.

    `digest` is keyed, so that it tells nothing to who has no key. Of a picture `bits` are a perceptual
    hash under the house's own mask, and `bands` pieces of it: near pictures share one at least.
    """

    class Kind(models.TextChoices):
        FILE = "file", "The same file"
        CONTENT = "content", "The same content"
        IMAGE = "image", "Nearly the same picture"

    case = models.ForeignKey(Case, models.CASCADE, related_name="fingerprints")
    document = models.ForeignKey(Document, models.CASCADE, related_name="+")
    page = models.ForeignKey(Page, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind)
    digest = models.CharField(max_length=64, default="", blank=True)
    bits = models.BigIntegerField(null=True)
    bands = ArrayField(models.IntegerField(), default=list)

    class Meta:
        indexes = (
            models.Index(fields=["digest"], name="fingerprint_by_digest", condition=~Q(digest="")),
            GinIndex(fields=["bands"], name="fingerprint_by_band"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["file", "content"], bits=None) & ~Q(digest="")
                | Q(kind="image", digest="", bits__isnull=False),
                name="fingerprint_has_its_mark",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.document_id}"


class Assessment(models.Model):
    """What rules, tables and sums say of a case beside the model: its flags in clear, the rest sealed."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="assessments")
    flags = models.JSONField(default=list)
    sealed_content = models.BinaryField()
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["case", "-id"], name="assessment_of_case"),)

    def __str__(self) -> str:
        return f"assessment of {self.case_id}"


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


class Calibration(models.Model):
    """Maps from stated to calibrated confidence, fitted on what people said; how they did on the rest.

    Of a model version's confidence there is one map for each outcome that it predicts, of the fields'
    one for each type and page quality. A map is points of a line, `x` stated and `y` calibrated.
    """

    class Kind(models.TextChoices):
        CONFIDENCE = "confidence", "The model's confidence"
        FIELDS = "fields", "Confidence in fields"

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="calibrations")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=8)
    maps = models.JSONField()
    figures = models.JSONField()
    labels = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    fitted_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("pipeline", "number")
        constraints = (
            models.UniqueConstraint(
                fields=["pipeline", "number"], name="one_calibration_of_a_number"
            ),
            models.CheckConstraint(
                condition=Q(kind="confidence", model_version__isnull=False)
                | Q(kind="fields", model_version=None),
                name="calibration_of_a_model_or_of_fields",
            ),
            models.CheckConstraint(
                condition=Q(method__in=["isotonic", "platt"]), name="calibration_method_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"calibration {self.number} of {self.pipeline_id}"
