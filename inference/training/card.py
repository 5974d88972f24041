"""CARD.md: the model card, CARD.template.md with its figures filled in from model.json."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

TEXT = Path(__file__).with_name("CARD.template.md")


def card_text(facts: Mapping[str, Any]) -> str:
    """The card of the model that `facts` (the content of model.json) describe."""
    training, figures = facts["training"], facts["evaluation"]
    confusion = figures["confusion"]
    return Template(TEXT.read_text(encoding="utf-8")).substitute(
        name=facts["name"],
        version=facts["version"],
        training_rows=training["rows"],
        training_good=training["positive_rows"],
        rows=figures["rows"],
        held_good=sum(confusion["approve"].values()),
        smallest=_percent(training["smallest_bin_share"]),
        silent=", ".join(each["label"].lower() for each in facts["features"] if _is_silent(each)),
        penalty=training["l2_penalty"],
        slope=training["platt_slope"],
        shift=training["platt_shift"],
        folds=training["folds_of_the_platt_correction"],
        auc=_figure(figures["auc"]),
        auc_low=_figure(figures["auc_95"][0]),
        auc_high=_figure(figures["auc_95"][1]),
        brier=_figure(figures["brier"]),
        brier_base=_figure(figures["brier_of_the_base_rate"]),
        ece=_figure(figures["calibration_error"]),
        confidence_ece=_figure(figures["confidence_calibration_error"]),
        accuracy=_percent(figures["accuracy"]),
        always=_percent(figures["positive_share"]),
        confusion=_lines(
            (end, counts["approve"], counts["decline"]) for end, counts in confusion.items()
        ),
        coverage=_lines(_coverage(each) for each in figures["coverage"]),
        reliability=_lines(_band(each) for each in figures["reliability"]),
        confidence=_lines(_band(each) for each in figures["confidence_reliability"]),
        intercept=facts["intercept"],
        points=_lines(
            (each["label"], one["words"], f"{one['points']:+.4f}", one["approve"], one["decline"])
            for each in facts["features"]
            for one in each["bins"]
        ),
    )


def _is_silent(feature: Mapping[str, Any]) -> bool:
    return all(one["points"] == 0 for one in feature["bins"])


def _coverage(row: Mapping[str, Any]) -> tuple[str, ...]:
    shares = ("decided", "right", "positive_decided", "positive_right")
    return (f"{row['threshold']:.2f}", *(_percent(row[share]) for share in shares))


def _band(band: Mapping[str, Any]) -> tuple[object, ...]:
    ends = f"{band['lower']:.1f} to {band['upper']:.1f}"
    return (ends, band["count"], _figure(band["stated"]), _figure(band["happened"]))


def _lines(rows: Iterable[Sequence[object]]) -> str:
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)


def _figure(value: float) -> str:
    return f"{value:.3f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
