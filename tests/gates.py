"""An open gate, for tests of what a policy decides by itself: as after thousands of good labels."""

from cases.models import Pipeline
from inference.models import ModelVersion
from reviews.gate import Gate, LiveFigures
from reviews.models import GateCheck

GOOD = {
    "ece": {"estimate": 0.01, "lower": 0.0, "upper": 0.02},
    "auroc": {"estimate": 0.9, "lower": 0.88, "upper": 0.92},
}
SPOKEN_FOR = LiveFigures(labels=10_000, ece_upper=0.02, auroc=0.9)
"""The same as a pure rule is told of it."""


def open_gates(pipeline: Pipeline, days: int = Gate().days) -> None:
    """Lets live labels speak for every model version there is, under no calibration."""
    for model_version in ModelVersion.objects.all():
        GateCheck.objects.create(
            pipeline=pipeline,
            model_version=model_version,
            days=days,
            labels=10_000,
            figures=GOOD,
        )
