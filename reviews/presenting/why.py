"""One sentence first: why the case came to a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.definition import Definition
from reviews.models import Stage

FROM_THE_SCORE = frozenset({"adverse", "not_confident", "never_automatic", "confident"})
"""Codes of reasons that tell what the model said: an independent reviewer must not see them."""
WORD_ORDER = {"step_failed": 0, "no_prediction": 1, "policy_failed": 1, "second_review": 8}
SPOKEN = 2
"""How many reasons the sentence holds; the others are listed under it."""


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


def why(reasons: Sequence[Mapping[str, str]], definition: Definition, *, stage: str) -> Why:
    """The sentence for a reviewer at `stage`; from the second on it tells nothing of the score."""
    if stage != Stage.FIRST:
        reasons = [reason for reason in reasons if reason["code"] not in FROM_THE_SCORE]
    ordered = sorted(reasons, key=importance)
    said, more = ordered[:SPOKEN], ordered[SPOKEN:]
    parts = [Part(opening(stage) if said else closing(stage))]
    for position, reason in enumerate(said):
        parts += [Part(", and ")] if position else []
        parts += spoken(reason, definition)
    if said:
        parts.append(Part("."))
    return Why(tuple(parts), tuple(reason["text"] for reason in more))


def importance(reason: Mapping[str, str]) -> int:
    """What failed first, then rules, then fields, then the score, then the policy's habits."""
    if reason["code"] in FROM_THE_SCORE:
        return 6
    if reason.get("field"):
        return 4
    return WORD_ORDER.get(reason["code"], 3)


def opening(stage: str) -> str:
    """How the sentence begins."""
    return {
        Stage.FIRST: "Sent to you because ",
        Stage.SECOND: "Sent to you for a second, independent review. The case needs a person because ",
        Stage.ADJUDICATION: "Sent to you to settle: two reviewers differ. "
        "The case needs a person because ",
    }[Stage(stage)]


def closing(stage: str) -> str:
    """The sentence where there is no reason to name."""
    return {
        Stage.FIRST: "Sent to you by the policy.",
        Stage.SECOND: "Sent to you for a second, independent review.",
        Stage.ADJUDICATION: "Sent to you to settle: two reviewers differ.",
    }[Stage(stage)]


def spoken(reason: Mapping[str, str], definition: Definition) -> list[Part]:
    """A reason inside of the sentence: its field's name set off, or its first letter made small."""
    text = reason["text"].rstrip(".")
    labels = {spec.name: spec.label for spec in definition.fields}
    label = labels.get(reason.get("field") or "", "")
    if label and text.startswith(label):
        return [Part(inside(label), strong=True), Part(text.removeprefix(label))]
    return [Part(inside(text))]


def inside(text: str) -> str:
    """The text as it stands inside of a sentence; IBAN stays IBAN."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
