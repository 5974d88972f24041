"""Calibrations: what people said of past cases makes of a stated confidence one that can be believed."""

import math
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts.models import User
from audit.events import record
from cases.definition import Definition
from cases.models import Pipeline
from inference.figures import Labels, figures
from inference.knowing import FieldFact
from inference.maps import FEWEST, Fitted, fitted
from inference.models import Calibration, ModelVersion, Prediction
from reviews.labels import Told, field_labels_of, group_of, labels_of
from reviews.models import Route
from reviews.policies import locked

LOOKS_BACK = timedelta(days=365)
"""How far labels go back that a calibration is fitted on, where nothing else is said."""


class CannotFit(ValueError):
    """No calibration could be fitted; the words say why, for whoever asked for it."""


# ---------------------------------------------------------------- applied


def calibration_of(pipeline: Pipeline, number: int | None) -> Calibration | None:
    """A pipeline's calibration by its number; None where there is none of that number."""
    if number is None:
        return None
    return Calibration.objects.filter(pipeline=pipeline, number=number).first()


def maps_of(pipeline: Pipeline, number: int | None, kind: Calibration.Kind) -> Mapping[str, Any]:
    """The maps of a calibration of a kind; none where there is none of that number and kind."""
    calibration = calibration_of(pipeline, number)
    return calibration.maps if calibration and calibration.kind == kind else {}


def calibrated(
    stated: NDArray[np.float64], line: Mapping[str, Sequence[float]] | None
) -> NDArray[np.float64]:
    """What a map, a line through points, makes of stated confidences; without one they stay as they are."""
    if line is None:
        return stated
    return np.interp(stated, line["x"], line["y"])


def calibrated_confidence(outcome: str, confidence: float, maps: Mapping[str, Any]) -> float:
    """A model's confidence in the outcome that it predicts, by the maps of a calibration."""
    return float(calibrated(np.asarray([confidence]), maps.get(outcome))[0])


def calibrated_probabilities(
    outcome: str, confidence: float, probabilities: Mapping[str, float]
) -> dict[str, float]:
    """The probabilities of outcomes, one of them at its calibrated confidence, the others scaled to the rest.

    Where the others were held for impossible they share the rest alike.
    """
    others = {name: float(each) for name, each in probabilities.items() if name != outcome}
    whole, rest = math.fsum(others.values()), 1 - confidence
    shares = {name: each / whole if whole else 1 / len(others) for name, each in others.items()}
    return {name: confidence if name == outcome else shares[name] * rest for name in probabilities}


def as_routed(prediction: Prediction, route: Route) -> Prediction:
    """A prediction with the confidence that its route's policy went by: never to be saved."""
    if route.confidence is None or route.confidence == prediction.confidence:
        return prediction
    said = copy(prediction)
    said.confidence = route.confidence
    said.probabilities = calibrated_probabilities(
        said.outcome, said.confidence, prediction.probabilities
    )
    return said


def maps_behind(route: Route, prediction: Prediction, pipeline: Pipeline) -> Mapping[str, Any]:
    """The maps that made a route's confidence of its prediction's; none where no policy went by any."""
    if route.policy_version is None or route.confidence is None:
        return {}
    number = route.policy_version.content.get("calibration")
    maps = maps_of(pipeline, number, Calibration.Kind.CONFIDENCE)
    made = calibrated_confidence(prediction.outcome, prediction.confidence, maps)
    return maps if math.isclose(made, route.confidence) else {}


def calibrated_fields(
    fields: Sequence[FieldFact], definition: Definition, maps: Mapping[str, Any]
) -> tuple[FieldFact, ...]:
    """Fields with the confidence that a calibration makes of the reading's, for a policy's minimums.

    What is no confidence stays as it is, to be a doubt. Rules go on naming the reading's own: what a
    rule said of a case then stays true whichever calibration a policy names.
    """
    types = {spec.name: spec.type for spec in definition.fields}

    def mapped(fact: FieldFact) -> FieldFact:
        line = maps.get(group_of(types.get(fact.base, ""), poor=fact.poor))
        if line is None or not 0 <= fact.confidence <= 1:
            return fact
        return replace(fact, confidence=float(calibrated(np.asarray([fact.confidence]), line)[0]))

    return tuple(map(mapped, fields)) if maps else tuple(fields)


def calibrated_labels(told: Told, maps: Mapping[str, Any]) -> Labels:
    """The labels as if their confidence had been stated as the maps of their groups make it."""
    stated = told.labels.stated.copy()
    for place, name in enumerate(told.groups):
        own = told.labels.group == place
        stated[own] = calibrated(stated[own], maps.get(name))
    return replace(told.labels, stated=stated)


# ---------------------------------------------------------------- fitted


def scored_by(definition: Definition | None) -> ModelVersion | None:
    """The registered model version that a definition names."""
    if definition is None or definition.model is None:
        return None
    named = ModelVersion.objects.filter(
        model__name=definition.model.name, number=definition.model.version
    )
    return named.select_related("model").first()


@transaction.atomic
def fit_calibration(
    pipeline: Pipeline, *, kind: Calibration.Kind, since: datetime | None = None, by: User
) -> Calibration:
    """Fits a calibration on one half of the labelled cases and judges it on the other.

    It counts only where a policy that is in force names its number. The pipeline is locked for its
    number alone: nothing waits while maps are fitted. Raises CannotFit.
    """
    until = database_time()
    since = since or until - LOOKS_BACK
    scores = scored_by(pipeline.current.definition) if pipeline.current else None
    told = told_of(pipeline, kind, scores, since, until)
    found = learnt_from(told)
    measured = judged(told, found)
    calibration = Calibration.objects.create(
        pipeline=pipeline,
        number=next_number(locked(pipeline)),
        kind=kind,
        model_version=scores if kind == Calibration.Kind.CONFIDENCE else None,
        method=found.method,
        maps={told.groups[place]: line.points() for place, line in found.lines.items()},
        figures=measured,
        labels=len(told.labels),
        since=since,
        until=until,
    )
    data = {
        "calibration": calibration.pk,
        "number": calibration.number,
        "kind": calibration.kind,
        "method": calibration.method,
        "labels": calibration.labels,
        "model_version": calibration.model_version_id,
    }
    record("calibration.fitted", by=by.actor, pipeline=pipeline.slug, data=data)
    return calibration


def next_number(pipeline: Pipeline) -> int:
    """The number of a locked pipeline's next calibration."""
    last = Calibration.objects.filter(pipeline=pipeline).aggregate(last=Max("number"))["last"]
    return int(last or 0) + 1


def told_of(
    pipeline: Pipeline,
    kind: Calibration.Kind,
    scores: ModelVersion | None,
    since: datetime,
    until: datetime,
) -> Told:
    """The labels that a calibration of a kind is about; raises CannotFit where nothing scores."""
    if kind == Calibration.Kind.FIELDS:
        return field_labels_of(pipeline, since, until)
    if scores is None:
        raise CannotFit(_("No model scores the pipeline's cases."))
    return labels_of(pipeline, scores, since, until)


def learnt_from(told: Told) -> Fitted:
    """The maps of the half that is for that; raises CannotFit where there are too few labels."""
    found = fitted(told.labels.chosen(told.learnt), told.fold[told.learnt])
    if found is None:
        words = _(
            "There are too few labels: a map takes %(needed)s, the most of a kind are %(most)s."
        )
        raise CannotFit(words % {"needed": 2 * FEWEST, "most": most_of_a_group(told.labels)})
    return found


def judged(told: Told, found: Fitted) -> dict[str, Any]:
    """The figures after and before a calibration on the half that it was not fitted on, by group too."""
    rest = told.labels.chosen(~told.learnt)
    after = replace(rest, stated=found(rest.stated, rest.group))
    groups = {
        name: {"before": figures(rest.chosen(own)), **figures(after.chosen(own))}
        for place, name in enumerate(told.groups)
        if (own := rest.group == place).any()
    }
    return {**figures(after), "before": figures(rest), "groups": groups, "names": told.groups}


def most_of_a_group(labels: Labels) -> int:
    """How many labels the group with the most of them has."""
    return int(np.bincount(labels.group).max()) if len(labels) else 0


def database_time() -> datetime:
    """What time it is by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
