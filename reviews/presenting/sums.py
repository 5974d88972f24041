"""Amounts that have to add up, by currency: what was found, what was declared, and whether that agrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.definition import Definition
from reviews.presenting import formats
from reviews.presenting.masks import Hidden


@dataclass(frozen=True, slots=True)
class SumLine:
    """The sums of one currency; `difference` is empty where they agree, else signed."""

    currency: str
    found: str
    declared: str
    difference: str


@dataclass(frozen=True, slots=True)
class Sum:
    """One comparison. `waits` names what could not be read, `unsure` what was taken as declared."""

    label: str
    agrees: bool
    verdict: str
    lines: tuple[SumLine, ...]
    waits: tuple[tuple[str, str], ...] = ()
    unsure: tuple[tuple[str, str], ...] = ()


def sums(
    content: Mapping[str, Mapping[str, Any]], definition: Definition, hidden: Hidden
) -> list[Sum]:
    """The sums of an assessment in the order of the definition, but for those of hidden amounts."""
    labels = {spec.name: spec.label for spec in definition.fields}
    return [
        one(content[spec.name], labels)
        for spec in definition.sums
        if spec.name in content
        and not hidden.covers(spec.whole.partition("/*")[0])
        and not any(name.partition("-")[0] == spec.field for name in hidden.fields)
    ]


def one(content: Mapping[str, Any], labels: Mapping[str, str]) -> Sum:
    """One comparison in words."""
    lines = tuple(line(each) for each in content["lines"])
    return Sum(
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
