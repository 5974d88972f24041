"""Loans with a label by the hundred: what a model said of each, and what people did, as drawn."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from accounts.models import ApiClient
from audit.models import ClockTimestamp
from cases.models import Case, Pipeline, new_id
from inference.models import ModelVersion
from reviews.models import Basis, Queue, Route
from tests.casefiles import received_case

Floats = NDArray[np.float64]


def as_stated(stated: Floats) -> Floats:
    """A model that is right as often as it says."""
    return stated


def too_sure(stated: Floats) -> Floats:
    """A model that states thrice the odds' logarithm that it should."""
    return np.asarray(expit(logit(stated) / 3), np.float64)


def labelled_loans(
    pipeline: Pipeline,
    client: ApiClient,
    number: int,
    truth: Callable[[Floats], Floats] = as_stated,
    seed: int = 1,
) -> None:
    """So many loans in review, each with its label; of what was stated so much is right as `truth` says."""
    draw = np.random.default_rng(seed)
    chance = np.clip(draw.beta(0.6, 0.6, number), 0.02, 0.98)
    stated = np.maximum(chance, 1 - chance)
    right = draw.random(number) < truth(stated)
    like = received_case(pipeline, client)
    kept = {field.attname: getattr(like, field.attname) for field in Case._meta.concrete_fields}
    cases = Case.objects.bulk_create(
        Case(**{**kept, "id": new_id(), "reference": f"L-{seed}-{place}"})
        for place in range(number)
    )
    queue = Queue.objects.get(slug="loan-review")
    routes = Route.objects.bulk_create(
        Route(case=case, kind=Route.Kind.REVIEW, queue=queue) for case in cases
    )
    scores = ModelVersion.objects.get(model__name="german-credit-scorecard", number=1)
    other = {"approve": "decline", "decline": "approve"}
    rows = []
    for place, (case, route) in enumerate(zip(cases, routes, strict=True)):
        approve = float(chance[place])
        predicted = "approve" if approve >= 0.5 else "decline"
        rows.append(
            Basis(
                route=route,
                case=case,
                pipeline=pipeline,
                pipeline_version=pipeline.current,
                model_version=scores,
                predicted=predicted,
                confidence=float(stated[place]),
                probabilities=[approve, 1 - approve],
                label=predicted if right[place] else other[predicted],
                label_kind=Basis.Label.BLIND,
                weight=1.0,
                labelled_at=ClockTimestamp(),
            )
        )
    Basis.objects.bulk_create(rows)
