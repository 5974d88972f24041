"""A write that came too late: what happened meanwhile, and what was sent, so that nothing is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from cases.definition import Definition, FieldSpec
from reviews.merging import FIELD, parts
from reviews.models import Correction
from reviews.presenting import values
from reviews.presenting.data import Item
from reviews.presenting.grids import as_text
from reviews.presenting.histories import Entry


@dataclass(frozen=True, slots=True)
class Clash:
    """A part of the verdict that came late, beside what its reviewer has kept since."""

    key: str
    title: str
    sent: str
    kept: str


def clashes(draft: Mapping[str, Any], definition: Definition) -> list[Clash]:
    """What of a draft is to be merged, in words."""
    kept = parts(draft)
    return [
        Clash(key, title(key, definition), said(key, late, definition), said(key, now, definition))
        for key, late in draft.get("late", {}).items()
        for now in [kept.get(key)]
    ]


def title(key: str, definition: Definition) -> str:
    """What a part is called."""
    if key.startswith(FIELD):
        return gettext(definition.field_spec(key.removeprefix(FIELD)).label)
    names = {
        "outcome": gettext("Verdict"),
        "reasons": gettext("Reasons"),
        "explanation": gettext("Explanation"),
        "needed_person": gettext("Did this need a person?"),
        "reply": gettext("Reply"),
    }
    return names[key]


def said(key: str, value: Any, definition: Definition) -> str:
    """A part in words."""
    if key.startswith(FIELD):
        return said_of_field(value, definition.field_spec(key.removeprefix(FIELD)))
    if key == "outcome":
        labels = {spec.name: spec.label for spec in definition.outcomes}
        return gettext(labels.get(value, value)) if value else ""
    if key == "reasons":
        texts = {reason.code: reason.text for reason in definition.reasons}
        return "\n".join(gettext(texts.get(code, code)) for code in value or ())
    if key == "needed_person":
        return gettext("yes") if value else gettext("no")
    if key == "reply":
        return str(value["text"]) if value else ""
    return str(value or "")


def said_of_field(word: Mapping[str, Any] | None, spec: FieldSpec) -> str:
    """A word on a field."""
    if word is None:
        return ""
    words = {
        Correction.Kind.ILLEGIBLE: gettext("illegible"),
        Correction.Kind.CONFIRMED: gettext("confirmed"),
    }
    if said := words.get(Correction.Kind(word["kind"])):
        return said
    table = spec.type == "table"
    return as_text(word["value"], spec) if table else values.shown(word["value"], spec)


@dataclass(frozen=True, slots=True)
class LatePage:
    """What the reviewer sees; with `claimable` they can take the case again, their draft with it."""

    case_id: UUID
    reference: str
    changed: str
    timeline: Sequence[Entry]
    sent: Sequence[Item]
    claimable: bool
    clashes: Sequence[Clash]
