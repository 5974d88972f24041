"""CARD.md: the model card, CARD.template.md with its figures filled in from model.json."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any, Final

TEXT: Final = Path(__file__).with_name("CARD.template.md")
WORDS: Final[Mapping[str, str]] = {
    "emergency": "emergency", "same_day": "same day", "routine": "routine", "self_care": "self-care",
}  # fmt: skip


def card_text(facts: Mapping[str, Any]) -> str:
    """The card of the model that `facts` (the content of model.json) describe."""
    training, figures, hand = facts["training"], facts["figures"], facts["challenge"]
    closed = figures["missed_urgent_closed"]
    return Template(TEXT.read_text(encoding="utf-8")).substitute(
        name=facts["name"],
        version=facts["version"],
        temperature=facts["temperature"],
        known_share=percent(facts["known_share"]),
        penalty=training["l2_penalty"],
        least=training["least_wordings_of_a_pair"],
        wordings=sum(training["wordings"].values()),
        training_wordings=training["wordings"]["training"],
        training_messages=training["messages"]["training"],
        calibration_wordings=training["wordings"]["calibration"],
        testing_wordings=training["wordings"]["testing"],
        hand=hand["messages"],
        thresholds=", ".join(f"{WORDS[k]} from {v}" for k, v in closed["thresholds"].items()),
        ceilings=", ".join(f"{WORDS[k]} up to {v}" for k, v in closed["ceilings"].items()),
        headline=lines(headline(figures, hand)),
        recall=lines(
            (WORDS[name], said(figures["recall"][name]), said(hand["recall"][name]))
            for name in figures["recall"]
        ),
        confusion=confusion(figures),
        hand_confusion=confusion(hand),
        ece=f"{figures['calibration_error']:.3f}",
        hand_ece=f"{hand['calibration_error']:.3f}",
        reliability=lines(
            (
                f"{band['lower']:.1f} to {band['upper']:.1f}",
                band["count"],
                f"{band['stated']:.2f}",
                f"{band['happened']:.2f}",
            )
            for band in figures["reliability"]
        ),
    )


def headline(figures: Mapping[str, Any], hand: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    """The rows of the table that is looked at first."""
    for name, label in (
        ("missed_urgent", "**Missed-urgent rate**: emergency or same day, said to be able to wait"),
        ("missed_emergency", "Of emergencies alone"),
        ("missed_urgent_closed", "Emergency or same day, and closed without a person"),
        ("closed", "Not urgent, and closed without a person"),
        ("raised_needlessly", "Not urgent, and said to be emergency or same day"),
        ("right", "Said as it is"),
    ):
        yield label, said(figures[name]), said(hand[name])


def said(share: Mapping[str, Any]) -> str:
    """A share with its counts and interval."""
    count, of, rate, lower, upper = list(share.values())[:5]
    return f"{percent(rate)} ({count} of {of}; {percent(lower)} to {percent(upper)})"


def confusion(figures: Mapping[str, Any]) -> str:
    """The rows of a table of true urgencies (down) and answers (across)."""
    return lines((WORDS[true], *row.values()) for true, row in figures["confusion"].items())


def lines(rows: Iterable[Sequence[object]]) -> str:
    """The rows of a table."""
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def percent(share: float | None) -> str:
    """A share in per cent."""
    return "–" if share is None else f"{100 * share:.1f} %"
