"""Stopping: automatic decisions of a pipeline, of a model or of the whole house, until somebody lifts it."""

from django.db.models import Q

from cases.models import Pipeline
from inference.models import ModelVersion
from reviews.models import Stop

HOUSE = "the whole house"


def what_is_stopped(pipeline: Pipeline, model_version: ModelVersion | None) -> str:
    """What of a case's way is stopped, the widest first, by its name; empty where nothing is."""
    model = model_version.model_id if model_version else None
    scopes = Q(pipeline=None, model=None) | Q(pipeline=pipeline)
    if model is not None:
        scopes |= Q(model=model)
    stops = Stop.objects.filter(scopes, lifted_at=None).select_related("pipeline", "model")
    widest = min(stops, key=lambda stop: (stop.pipeline_id or 0, stop.model_id or 0), default=None)
    return scope_of(widest) if widest else ""


def scope_of(stop: Stop) -> str:
    """What a stop stops, by its name."""
    if stop.pipeline:
        return stop.pipeline.name
    return stop.model.name if stop.model else HOUSE
