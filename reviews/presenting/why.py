"""One sentence first: why the case came to a person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from cases.definition import Definition
from reviews.models import Stage
from reviews.presenting.reasons import reason_words, said_once
from reviews.presenting.words import inside

FROM_THE_SCORE = frozenset(
    {
        "above_ceiling",
        "adverse",
        "confident",
        "contested",
        "gate_auroc",
        "gate_calibration",
        "gate_ece",
        "gate_labels",
        "gate_stale",
        "never_automatic",
        "no_principal",
        "not_confident",
        "reopened",
        "sampled",
        "stopped",
        "urgent",
    }
)
"""Codes of reasons that tell what the model said, as those do that hold back only what would be decided
without a person: an independent reviewer must not see them."""
WORD_ORDER = {
    "flag": -2,
    "above_ceiling": -1,
    "step_failed": 0,
    "answered": 0,
    "reopened": 0,
    "contested": -1,
    "not_assessed": 1,
    "language_unknown": 1,
    "no_prediction": 1,
    "policy_failed": 1,
    "paper_unread": 2,
    "no_consent": 7,
    "second_review": 8,
    "no_model": 9,
    "bound_not_met": 9,
}
SPOKEN = 2
"""How many reasons the sentence holds; the others are listed under it."""

SENT: Mapping[str, Mapping[Stage, str]] = {
    "you": {
        Stage.FIRST: _("Sent to you."),
        Stage.SECOND: _("Sent to you for a second, independent review."),
        Stage.ADJUDICATION: _("Two reviewers differ. Sent to you to settle."),
    },
    "a person": {
        Stage.FIRST: _("Sent to a person."),
        Stage.SECOND: _("Sent to a person for a second, independent review."),
        Stage.ADJUDICATION: _("Two reviewers differ. Sent to a person to settle."),
    },
}
"""The sentence where there is no reason to tell, by whom the case was sent to."""
BECAUSE: Mapping[str, Mapping[Stage, str]] = {
    "you": {
        Stage.FIRST: _("Sent to you because %(reasons)s."),
        Stage.SECOND: _("Sent to you for a second, independent review because %(reasons)s."),
        Stage.ADJUDICATION: _("Two reviewers differ. Sent to you to settle because %(reasons)s."),
    },
    "a person": {
        Stage.FIRST: _("Sent to a person because %(reasons)s."),
        Stage.SECOND: _("Sent to a person for a second, independent review because %(reasons)s."),
        Stage.ADJUDICATION: _(
            "Two reviewers differ. Sent to a person to settle because %(reasons)s."
        ),
    },
}
"""The sentence with its reasons."""
PLACE = re.compile(r"%\((\w+)\)s")
"""Where a sentence has room for something."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the sentence; `strong` names the field that it is about."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """The sentence, and the reasons that did not fit into it."""

    lead: tuple[Part, ...]
    more: tuple[str, ...]


def why(
    reasons: Sequence[Mapping[str, Any]],
    definition: Definition,
    *,
    stage: str,
    independent: bool,
    whom: str = "you",
) -> Why:
    """The sentence at `stage`; for an `independent` judge it tells nothing of the score.

    `whom` the case was sent to: you, or for those who only read the record a person.
    """
    if independent:
        reasons = [reason for reason in reasons if reason["code"] not in FROM_THE_SCORE]
    ordered = sorted(said_once(reasons), key=importance)
    said, more = ordered[:SPOKEN], ordered[SPOKEN:]
    listed = together([spoken(reason, definition) for reason in said])
    sentence = (BECAUSE if said else SENT)[whom][Stage(stage)]
    lead = tuple(filled(gettext(sentence), reasons=listed))
    return Why(lead, tuple(reason_words(reason) for reason in more))


def together(said: Sequence[Sequence[Part]]) -> list[Part]:
    """One reason as it is, or two in a row."""
    if len(said) == SPOKEN:
        return filled(gettext("%(first)s, and %(second)s"), first=said[0], second=said[1])
    return [part for reason in said for part in reason]


def filled(sentence: str, **given: Sequence[Part]) -> list[Part]:
    """A sentence with its places filled, in the order that its language has them."""
    pieces = PLACE.split(sentence)  # a text, a place's name, a text, and so on
    parts = [given[each] if at % 2 else [Part(each)] for at, each in enumerate(pieces)]
    return [part for some in parts for part in some if part.text]


def automatic(reasons: Sequence[Mapping[str, Any]]) -> Why:
    """The sentence of a case that no person was asked about."""
    said = {"reasons": "; ".join(reason_words(reason) for reason in reasons)}
    return Why((Part(gettext("Decided without a person: %(reasons)s.") % said),), ())


def importance(reason: Mapping[str, Any]) -> int:
    """What may be urgent first, then what failed, then rules, fields, the score, the policy's habits."""
    if reason["code"] in FROM_THE_SCORE:
        return WORD_ORDER.get(reason["code"], 6)
    if reason.get("field"):
        return 4
    return WORD_ORDER.get(reason["code"], 3)


def spoken(reason: Mapping[str, Any], definition: Definition) -> list[Part]:
    """A reason inside of the sentence, its field's name set off."""
    text = reason_words(reason).rstrip(".")
    names = {spec.name: gettext(spec.label) for spec in definition.fields}
    before, label, after = text.partition(names.get(reason.get("field") or "") or "\0")
    if label:
        name = label if before else inside(label)
        return [*([Part(inside(before))] if before else []), Part(name, strong=True), Part(after)]
    if reason["code"] in ("not_confident", "above_ceiling"):
        return [Part(gettext("the model says %(score)s") % {"score": inside(text)})]
    return [Part(inside(text))]
