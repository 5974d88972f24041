"""One sentence first: why the case came to a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from cases.definition import Definition
from reviews.models import Stage
from reviews.presenting.reasons import reason_words
from reviews.presenting.words import inside

FROM_THE_SCORE = frozenset({"adverse", "not_confident", "never_automatic", "confident"})
"""Codes of reasons that tell what the model said: an independent reviewer must not see them."""
WORD_ORDER = {
    "step_failed": 0,
    "answered": 0,
    "no_prediction": 1,
    "policy_failed": 1,
    "paper_unread": 2,
    "second_review": 8,
}
SPOKEN = 2
"""How many reasons the sentence holds; the others are listed under it."""

ASKED: Mapping[str, Mapping[Stage, str]] = {
    "you": {
        Stage.FIRST: _("Sent to you"),
        Stage.SECOND: _("Sent to you for a second, independent review"),
        Stage.ADJUDICATION: _("Two reviewers differ. Sent to you to settle"),
    },
    "a person": {
        Stage.FIRST: _("Sent to a person"),
        Stage.SECOND: _("Sent to a person for a second, independent review"),
        Stage.ADJUDICATION: _("Two reviewers differ. Sent to a person to settle"),
    },
}
"""How the sentence begins, by whom the case was sent to."""


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
    ordered = sorted(reasons, key=importance)
    said, more = ordered[:SPOKEN], ordered[SPOKEN:]
    begun = gettext(ASKED[whom][Stage(stage)])
    parts = [Part(gettext("%(sent)s because ") % {"sent": begun} if said else begun)]
    for position, reason in enumerate(said):
        parts += [Part(gettext(", and "))] if position else []
        parts += spoken(reason, definition)
    return Why((*parts, Part(".")), tuple(reason_words(reason) for reason in more))


def automatic(reasons: Sequence[Mapping[str, Any]]) -> Why:
    """The sentence of a case that no person was asked about."""
    said = {"reasons": "; ".join(reason_words(reason) for reason in reasons)}
    return Why((Part(gettext("Decided without a person: %(reasons)s.") % said),), ())


def importance(reason: Mapping[str, Any]) -> int:
    """What failed first, then rules, then fields, then the score, then the policy's habits."""
    if reason["code"] in FROM_THE_SCORE:
        return 6
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
    if reason["code"] == "not_confident":
        return [Part(gettext("the model says %(score)s") % {"score": inside(text)})]
    return [Part(inside(text))]
