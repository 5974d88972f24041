"""model.json: what the graph means, for the product to score with and for people to read."""

import math
from collections.abc import Sequence
from typing import Any

from inference.training.binning import SMALLEST_SHARE, Bin
from inference.training.features import FeatureSpec
from inference.training.fitting import FOLDS, PENALTY, FittedCard, FittedFeature
from inference.training.graph import Cell
from inference.training.holdout import DATA, DATA_SHA256, HeldOutRow

NAME = "german-credit-scorecard"
VERSION = 1


def describe(card: FittedCard, rows: Sequence[HeldOutRow], graph_sha256: str) -> dict[str, Any]:
    """All of model.json but for the evaluation; `rows` are those that the card was fitted on."""
    return {
        "name": NAME,
        "version": VERSION,
        "graph": {"file": "model.onnx", "sha256": graph_sha256},
        "outcomes": {"positive": "approve", "negative": "decline"},
        "points": "added to the intercept they give the log-odds of the positive outcome",
        "missing": "a value absent, unknown or never seen in training counts 0 points, flagged",
        "intercept": card.intercept,
        "features": [
            describe_feature(spec, part, rows, ("approve", "decline"))
            for spec, part in zip(card.specs, card.features, strict=True)
        ],
        "training": {
            "data": "Statlog (German Credit Data), Hofmann 1994, UCI Machine Learning Repository",
            "data_licence": "CC BY 4.0",
            "data_file": DATA.name,
            "data_sha256": DATA_SHA256,
            "rows": len(rows),
            "positive_rows": sum(row.outcome == "approve" for row in rows),
            "method": "logistic regression on weights of evidence",
            "l2_penalty": PENALTY,
            "smallest_bin_share": SMALLEST_SHARE,
            "folds_of_the_platt_correction": FOLDS,
            "platt_slope": card.platt_slope,
            "platt_shift": card.platt_shift,
        },
    }


def cells(card: FittedCard) -> list[list[Cell]]:
    """The card as the graph takes it: a row of cells for each feature."""
    return [
        _number_cells(part) if spec.kind == "number" else _category_cells(spec, part)
        for spec, part in zip(card.specs, card.features, strict=True)
    ]


def _number_cells(part: FittedFeature) -> list[Cell]:
    pairs = zip(part.bins, part.points, strict=True)
    return [(one.lower, one.upper, points) for one, points in pairs]


def _category_cells(spec: FeatureSpec, part: FittedFeature) -> list[Cell]:
    return [(float(at), at + 1.0, part.score(value)) for at, value in enumerate(spec.values)]


def describe_feature(
    spec: FeatureSpec, part: FittedFeature, rows: Sequence[HeldOutRow], outcomes: tuple[str, str]
) -> dict[str, Any]:
    """One feature of model.json; `outcomes` are the good one and the other."""
    facts: dict[str, Any] = {
        "name": spec.name,
        "label": spec.label,
        "kind": "number" if spec.kind == "number" else "category",
        "unit": spec.unit,
        "words": dict(spec.values),
    }
    if spec.kind == "number":
        seen = [value for row in rows if isinstance(value := row.features[spec.name], int | float)]
        facts |= {"minimum": min(seen), "maximum": max(seen)}
    pairs = zip(part.bins, part.points, strict=True)
    return facts | {"bins": [_bin(spec, one, points, outcomes) for one, points in pairs]}


def _bin(spec: FeatureSpec, one: Bin, points: float, outcomes: tuple[str, str]) -> dict[str, Any]:
    good, bad = outcomes
    return {
        "words": bin_words(spec, one),
        "values": list(one.values),
        "from": one.lower if spec.kind == "number" and math.isfinite(one.lower) else None,
        "below": one.upper if spec.kind == "number" and math.isfinite(one.upper) else None,
        "points": points,
        good: one.good,
        bad: one.bad,
    }


def bin_words(spec: FeatureSpec, one: Bin) -> str:
    """What the bin holds, in words: "new car, used car" or "18 to below 36 months"."""
    if one.values:
        return "; ".join(spec.values[value] for value in one.values)
    if math.isinf(one.lower) and math.isinf(one.upper):
        return "any"
    if math.isinf(one.lower):
        return f"below {one.upper:,.10g} {spec.unit}".rstrip()
    if math.isinf(one.upper):
        return f"{one.lower:,.10g} {spec.unit}".rstrip() + " or more"
    return f"{one.lower:,.10g} to below {one.upper:,.10g} {spec.unit}".rstrip()
