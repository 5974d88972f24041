"""CARD.md: the model card, CARD.template.md with its figures filled in from model.json."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

from inference.training.card import band_cells, figure, is_silent, lines, percent

TEXT = Path(__file__).with_name("CARD.template.md")


def card_text(facts: Mapping[str, Any], threshold: float) -> str:
    """The card of the model that `facts` (the content of model.json) describe.

    `threshold` is the confidence from which the pipeline's first policy reimburses by itself.
    """
    training, held, shifted = facts["training"], facts["evaluation"], facts["evaluation_shifted"]
    return Template(TEXT.read_text(encoding="utf-8")).substitute(
        figures_of(held),
        **{f"s_{name}": value for name, value in figures_of(shifted).items()},
        name=facts["name"],
        version=facts["version"],
        training_rows=training["rows"],
        training_good=training["positive_rows"],
        rows=held["rows"],
        held_good=sum(held["confusion"]["reimburse"].values()),
        shifted_rows=shifted["rows"],
        shifted_good=sum(shifted["confusion"]["reimburse"].values()),
        smallest=percent(training["smallest_bin_share"]),
        silent=", ".join(each["label"].lower() for each in facts["features"] if is_silent(each))
        or "none",
        penalty=training["l2_penalty"],
        slope=training["platt_slope"],
        shift=training["platt_shift"],
        folds=training["folds_of_the_platt_correction"],
        threshold=f"{threshold:.2f}",
        coverage=lines(coverage(held, shifted)),
        confusion=lines(
            (end, counts["reimburse"], counts["refuse"])
            for end, counts in held["confusion"].items()
        ),
        intercept=facts["intercept"],
        points=lines(
            (each["label"], one["words"], f"{one['points']:+.4f}", one["reimburse"], one["refuse"])
            for each in facts["features"]
            for one in each["bins"]
        ),
    )


def figures_of(figures: Mapping[str, Any]) -> dict[str, str]:
    """The figures of one world as the card prints them."""
    return {
        "auc": figure(figures["auc"]),
        "auc_low": figure(figures["auc_95"][0]),
        "auc_high": figure(figures["auc_95"][1]),
        "brier": figure(figures["brier"]),
        "brier_base": figure(figures["brier_of_the_base_rate"]),
        "ece": figure(figures["calibration_error"]),
        "confidence_ece": figure(figures["confidence_calibration_error"]),
        "accuracy": percent(figures["accuracy"]),
        "always": percent(figures["positive_share"]),
        "reliability": lines(band_cells(each) for each in figures["reliability"]),
    }


def coverage(held: Mapping[str, Any], shifted: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """A line for each threshold: how many claims are reimbursed from it on, and how many rightly."""
    for one, other in zip(held["coverage"], shifted["coverage"], strict=True):
        yield (f"{one['threshold']:.2f}", *decided(one), *decided(other))


def decided(row: Mapping[str, Any]) -> tuple[str, str]:
    """The share of claims reimbursed, and the share of these that was right with its interval."""
    low, high = row["positive_right_95"]
    right = f"{percent(row['positive_right'])} ({percent(low)} to {percent(high)})"
    return percent(row["positive_decided"]), right
