"""One sentence first: why the case came to a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.definition import Definition
from reviews.models import Stage

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

ASKED = {
    Stage.FIRST: "Sent to {whom}",
    Stage.SECOND: "Sent to {whom} for a second, independent review",
    Stage.ADJUDICATION: "Two reviewers differ. Sent to {whom} to settle",
}
"""How the sentence begins."""


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
    reasons: Sequence[Mapping[str, str]],
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
    parts = [Part(f"{ASKED[Stage(stage)].format(whom=whom)}{' because ' if said else ''}")]
    for position, reason in enumerate(said):
        parts += [Part(", and ")] if position else []
        parts += spoken(reason, definition)
    return Why((*parts, Part(".")), tuple(reason["text"] for reason in more))


def automatic(reasons: Sequence[Mapping[str, str]]) -> Why:
    """The sentence of a case that no person was asked about."""
    said = "; ".join(reason["text"] for reason in reasons)
    return Why((Part(f"Decided without a person: {said}."),), ())


def importance(reason: Mapping[str, str]) -> int:
    """What failed first, then rules, then fields, then the score, then the policy's habits."""
    if reason["code"] in FROM_THE_SCORE:
        return 6
    if reason.get("field"):
        return 4
    return WORD_ORDER.get(reason["code"], 3)


def spoken(reason: Mapping[str, str], definition: Definition) -> list[Part]:
    """A reason inside of the sentence: its field's name set off, or its first letter made small."""
    text = reason["text"].rstrip(".")
    labels = {spec.name: spec.label for spec in definition.fields}
    label = labels.get(reason.get("field") or "", "")
    if label and text.startswith(label):
        return [Part(inside(label), strong=True), Part(text.removeprefix(label))]
    if reason["code"] == "not_confident":
        return [Part(f"the model says {inside(text)}")]
    return [Part(inside(text))]


def inside(text: str) -> str:
    """The text as it stands inside of a sentence; IBAN stays IBAN."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
