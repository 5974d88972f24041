"""How surely a field was read right: a probability, fitted on pages of known truth."""

import json
from collections.abc import Mapping
from functools import cache
from math import exp, log
from pathlib import Path
from typing import Any

from inference import textlayer
from inference.values import OF_WORDS

ANY = "any"
COEFFICIENTS = Path(__file__).with_suffix(".json")
RAW = frozenset({"word", "weakest", "page", "second_word", "weakest_odds", "page_odds"})
"""The inputs that are an engine's own figures, which mean nothing for another engine."""

AGAINST = ("rival", "breaks", "contradicts")
"""The signals that speak against a value."""
TYPE, ENGINE = "type_", "engine_"

BY_PLACE = OF_WORDS | {"date", "currency", "table"}
"""The types that are known without a label; a figure is not."""
OF_WHOLE_PAPERS = frozenset({"table", "currency"})
"""The types whose signals weigh for themselves: they come from all over a paper."""

LAYER_DOUBTED = 0.5
"""The most that a PDF's own text is believed where an engine reads something else in its place. It is
exact or it is forged, and papers whose truth is known are not forged: no fit can tell this."""
ALIKE = 0.8
"""Letters that words share from which two readings are of the same words."""


@cache
def fitted() -> Mapping[str, Any]:
    """The coefficients, with what they were fitted on and how they did on pages held out."""
    content: Mapping[str, Any] = json.loads(COEFFICIENTS.read_text())
    return content


def confidence(signals: Mapping[str, float], kind: str, engine: str) -> float:
    """The probability (0–1) that a value of a type, read by an engine, is right.

    An engine that has no weights of its own, as a PDF's text layer, is judged without its own
    confidence, which has another scale.
    """
    engines = fitted()["engines"]
    fit = engines.get(engine, engines[ANY])["seconded" if signals["second"] else "alone"]
    stated = probability(fit["weights"], inputs(signals, kind, engine))
    if engine == textlayer.ENGINE and is_belied(signals, kind):
        stated = min(stated, LAYER_DOUBTED)
    return bounded(stated, fit.get("bounds", {}), signals, kind)


def is_belied(signals: Mapping[str, float], kind: str) -> bool:
    """Whether the second engine reads something else: other figures, or words unlike these."""
    apart = signals["second"] and not signals["agrees"]
    return bool(apart and (kind not in OF_WORDS or signals["alike"] < ALIKE))


def disagreement(signals: Mapping[str, float], kind: str) -> str | None:
    """How the second engine differs on a figure, a date or an id; None on words, or where it agrees."""
    if not signals["second"] or signals["agrees"] or kind in OF_WORDS:
        return None
    return "contradicted" if signals["contradicts"] else "unread"


def bounded(
    stated: float, bounds: Mapping[str, Any], signals: Mapping[str, float], kind: str
) -> float:
    """The probability, at most the rate at which values were right where the engines differed so."""
    bound = bounds.get(disagreement(signals, kind) or "")
    return min(stated, float(bound["most"])) if bound else stated


def inputs(signals: Mapping[str, float], kind: str, engine: str) -> dict[str, float]:
    """What the regression takes: the signals, turned so that more is better, the type, the engine."""
    straight = {name: signal for name, signal in signals.items() if name not in AGAINST}
    turned = {f"no_{name}": 1 - signals[name] for name in AGAINST}
    shaped = {f"{name}_odds": log_odds(signals[name]) for name in ("weakest", "page")}
    shaped["firmly"] = signals["labelled"] * min(1.0, signals["score"]) ** 3
    shaped["agrees_word" if kind in OF_WORDS else "agrees_figure"] = signals["agrees"]
    if kind in BY_PLACE:
        shaped["unlabelled"] = (1 - signals["labelled"]) * min(1.0, signals["score"])
    shaped["alike_word" if kind in OF_WORDS else "alike_figure"] = signals["alike"]
    if kind in OF_WHOLE_PAPERS:
        shaped |= {f"{name}_{kind}": signals[name] for name in ("sums", "parse", "weakest", "word")}
    return straight | turned | shaped | {f"{TYPE}{kind}": 1.0, f"{ENGINE}{engine}": 1.0}


def log_odds(probability: float) -> float:
    """The logarithm of the odds, a tenth, kept within what engines' figures can tell."""
    kept = min(max(probability, 0.01), 0.999)
    return log(kept / (1 - kept)) / 10


def probability(weights: Mapping[str, float], given: Mapping[str, float]) -> float:
    """The logistic function of the weighted sum; an input without a weight counts nothing."""
    total = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in given.items())
    return 1 / (1 + exp(-total))
