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
        smallest=percent(training["smallest_bin_share"]),
        silent=", ".join(each["label"].lower() for each in facts["features"] if is_silent(each)),
        penalty=training["l2_penalty"],
        slope=training["platt_slope"],
        shift=training["platt_shift"],
        folds=training["folds_of_the_platt_correction"],
        auc=figure(figures["auc"]),
        auc_low=figure(figures["auc_95"][0]),
        auc_high=figure(figures["auc_95"][1]),
        brier=figure(figures["brier"]),
        brier_base=figure(figures["brier_of_the_base_rate"]),
        ece=figure(figures["calibration_error"]),
        confidence_ece=figure(figures["confidence_calibration_error"]),
        accuracy=percent(figures["accuracy"]),
        always=percent(figures["positive_share"]),
        confusion=lines(
            (end, counts["approve"], counts["decline"]) for end, counts in confusion.items()
        ),
        coverage=lines(_coverage(each) for each in figures["coverage"]),
        reliability=lines(band_cells(each) for each in figures["reliability"]),
        confidence=lines(band_cells(each) for each in figures["confidence_reliability"]),
        intercept=facts["intercept"],
        points=lines(
            (each["label"], one["words"], f"{one['points']:+.4f}", one["approve"], one["decline"])
            for each in facts["features"]
            for one in each["bins"]
        ),
    )


def is_silent(feature: Mapping[str, Any]) -> bool:
    """Whether none of its values has points."""
    return all(one["points"] == 0 for one in feature["bins"])


def _coverage(row: Mapping[str, Any]) -> tuple[str, ...]:
    shares = ("decided", "right", "positive_decided", "positive_right")
    return (f"{row['threshold']:.2f}", *(percent(row[share]) for share in shares))


def band_cells(band: Mapping[str, Any]) -> tuple[object, ...]:
    """A band of a reliability table as cells."""
    ends = f"{band['lower']:.1f} to {band['upper']:.1f}"
    return (ends, band["count"], figure(band["stated"]), figure(band["happened"]))


def lines(rows: Iterable[Sequence[object]]) -> str:
    """The lines of a table."""
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)


def figure(value: float) -> str:
    """A figure to three decimals."""
    return f"{value:.3f}"


def percent(share: float | None) -> str:
    """A share in per cent; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.1f} %"
