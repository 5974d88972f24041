"""What live labels show of a model version: measured now and then, and what the gate goes by."""

from datetime import timedelta

from django.db.models import BooleanField, ExpressionWrapper, Q

from audit.models import ClockTimestamp
from cases.models import Pipeline
from inference.models import Calibration, ModelVersion
from reviews.gate import UNMEASURED, LiveFigures
from reviews.models import GateCheck
from reviews.routing import Policy

GOES_STALE = timedelta(hours=24)
"""How old what the gate goes by may be: nobody knows what labels since then would have shown."""


def live_figures(
    pipeline: Pipeline, model_version: ModelVersion, policy: Policy, calibration: Calibration | None
) -> LiveFigures:
    """What the last measurement showed of a model version under the policy's calibration."""
    if policy.calibration is not None and (
        calibration is None or calibration.model_version_id != model_version.pk
    ):
        return LiveFigures(0, fits=False)
    fresh = Q(checked_at__gt=ClockTimestamp() - GOES_STALE)
    check = (
        GateCheck.objects.filter(
            pipeline=pipeline,
            model_version=model_version,
            calibration=calibration,
            days=policy.gate.days,
        )
        .annotate(fresh=ExpressionWrapper(fresh, output_field=BooleanField()))
        .order_by("-id")
        .first()
    )
    if check is None:
        return UNMEASURED
    figures = check.figures
    return LiveFigures(
        labels=check.labels,
        ece_upper=figures.get("ece", {}).get("upper"),
        auroc=figures.get("auroc", {}).get("estimate"),
        fresh=check.fresh,
    )
