"""Amounts that have to add up, by currency: what was found, what was declared, and whether that agrees.

What a person put right is added up in the place of what was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.definition import Definition, FieldSpec
from inference.knowing import FieldFact
from inference.sums import summed
from reviews.models import Correction
from reviews.presenting import formats
from reviews.presenting.fields import UNREAD, ReadField
from reviews.presenting.masks import Hidden

NONE: Mapping[str, Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class SumLine:
    """The sums of one currency; `difference` is empty where they agree, else signed."""

    currency: str
    found: str
    declared: str
    difference: str


@dataclass(frozen=True, slots=True)
class Sum:
    """One comparison. `waits` names what could not be read, `unsure` what was taken as declared.

    `as_read` is what came of it before somebody put a value right, where anybody did.
    """

    label: str
    agrees: bool
    verdict: str
    lines: tuple[SumLine, ...]
    waits: tuple[tuple[str, str], ...] = ()
    unsure: tuple[tuple[str, str], ...] = ()
    as_read: str = ""


def sums(
    content: Mapping[str, Mapping[str, Any]],
    definition: Definition,
    hidden: Hidden,
    again: Mapping[str, Mapping[str, Any]] = NONE,
) -> list[Sum]:
    """The sums of an assessment in the order of the definition, but for those of hidden amounts.

    `again` are those that came out otherwise with what was put right since.
    """
    labels = {spec.name: spec.label for spec in definition.fields}
    return [
        one(content[spec.name], labels, again.get(spec.name))
        for spec in definition.sums
        if spec.name in content
        and not hidden.covers(spec.whole.partition("/*")[0])
        and not any(name.partition("-")[0] == spec.field for name in hidden.fields)
    ]


def added_again(
    definition: Definition,
    data: Mapping[str, Any],
    read: Mapping[str, ReadField],
    words: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """The sums of which a person put a value right, or called one illegible, added up with that."""
    changed = {name for name, word in words.items() if word["kind"] != Correction.Kind.CONFIRMED}
    touched = {spec.base for spec in definition.fields if spec.name in changed}
    facts = [
        fact(spec, read.get(spec.name, UNREAD), words.get(spec.name)) for spec in definition.fields
    ]
    return {
        spec.name: summed(spec, data, facts)
        for spec in definition.sums
        if touched & {spec.field, spec.currency}
    }


def fact(spec: FieldSpec, read: ReadField, word: Mapping[str, Any] | None) -> FieldFact:
    """What is known of a field, once a person has said something of it."""
    kind = Correction.Kind(word["kind"]) if word else Correction.Kind.CONFIRMED
    corrected = kind is kind.CORRECTED
    return FieldFact(
        name=spec.name,
        label=spec.label,
        confidence=read.confidence,
        found=corrected or (read.found and kind is kind.CONFIRMED),
        required=spec.required,
        value=word["value"] if word and corrected else read.value,
        document=spec.document,
        number=spec.number,
    )


def waited_for(content: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Names of the fields that sums lack, or took as declared."""
    return frozenset(
        name for each in content.values() for name in (*each["unread"], *each.get("unsure", ()))
    )


def one(
    was: Mapping[str, Any], labels: Mapping[str, str], now: Mapping[str, Any] | None = None
) -> Sum:
    """One comparison in words, as it is now."""
    content = was if now is None else now
    lines = tuple(line(each) for each in content["lines"])
    before = verdict(was, tuple(line(each) for each in was["lines"]))
    return Sum(
        as_read="" if verdict(content, lines) == before else before,
        label=_(content["label"]),
        agrees=content["agrees"],
        verdict=verdict(content, lines),
        lines=lines,
        waits=named(content["unread"], labels),
        unsure=named(content.get("unsure", ()), labels),
    )


def line(each: Mapping[str, Any]) -> SumLine:
    """The sums of one currency."""
    difference = Decimal(str(each["difference"]))
    sign = "−" if difference < 0 else "+"
    return SumLine(
        currency=each["currency"],
        found=formats.money(each["found"]),
        declared=formats.money(each["declared"]),
        difference=f"{sign}{formats.money(abs(difference))}" if difference else "",
    )


def verdict(content: Mapping[str, Any], lines: tuple[SumLine, ...]) -> str:
    """Whether it agrees, in a few words."""
    if content["agrees"]:
        return _("agrees")
    if unread := len(content["unread"]):
        words = ngettext(
            "%(count)s amount could not be read", "%(count)s amounts could not be read", unread
        )
        return words % {"count": unread}
    apart = [f"{each.difference} {each.currency}".strip() for each in lines if each.difference]
    return _("differs by %(amounts)s") % {"amounts": ", ".join(apart)}


def named(names: Any, labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Fields by their names and labels; a place in the data has its pointer for a label, and no field."""
    return tuple((name if name in labels else "", labels.get(name, name)) for name in names)
