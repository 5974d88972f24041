"""The person that a case is about: their name, their age when the case came in, what is listed of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import ngettext

from cases.definition import Definition, at_pointer
from reviews.presenting import data as facts
from reviews.presenting.data import Item

NEWBORN, INFANT, TODDLER = 14, 91, 731
"""Days up to which an age is told in days, in weeks and in months."""


@dataclass(frozen=True, slots=True)
class Who:
    """The person: name, age at arrival, and what else is told of them; `unknown` was not given."""

    name: str
    age: str
    facts: tuple[Item, ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    unknown: tuple[str, ...]


def who(definition: Definition, data: Mapping[str, Any], arrived: date) -> Who:
    """The person: what stands beside their name, and what is listed of them on top of the data."""
    about = parent(definition.person or definition.born or "")
    told = at_pointer(data, about) if about else None
    schema = facts.schema_at(definition.schema, about) if about else {}
    named = {definition.person, definition.born}
    single = [
        facts.item(f"{about}/{key}", key, value, facts.schema_at(schema, f"/{key}"), facts.NOTHING)
        for key, value in (told or {}).items()
        if f"{about}/{key}" not in named
    ]
    properties = schema.get("properties", {})
    absent = [facts.title(key, part) for key, part in properties.items() if key not in (told or {})]
    lists = word_lists(definition, data)
    return Who(
        name=str(at_pointer(data, definition.person) or "") if definition.person else "",
        age=age(at_pointer(data, definition.born) if definition.born else None, arrived),
        facts=tuple(single),
        lists=tuple((title, words) for title, words in lists if words),
        unknown=(*absent, *(title for title, words in lists if not words)),
    )


def parent(pointer: str) -> str:
    """The pointer to what holds the value at a pointer."""
    return pointer.rpartition("/")[0]


def word_lists(
    definition: Definition, data: Mapping[str, Any]
) -> list[tuple[str, tuple[str, ...]]]:
    """The lists of plain words on top of the data, with their titles; empty where none was given."""
    return [
        (facts.title(key, part), as_words(data.get(key)))
        for key, part in definition.schema.get("properties", {}).items()
        if is_word_list(part)
    ]


def is_word_list(part: Mapping[str, Any]) -> bool:
    """Whether a part of the schema is a list of plain words."""
    return part.get("type") == "array" and part.get("items", {}).get("type") == "string"


def as_words(value: Any) -> tuple[str, ...]:
    """A list as sent; what is masked is one mask."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def age(born: Any, on: date) -> str:
    """An age on a day as clinicians tell it: infants in days, weeks or months, others in years."""
    try:
        day = date.fromisoformat(str(born))
    except ValueError:
        return ""
    days = (on - day).days
    if days < 0:
        return ""
    months = (on.year - day.year) * 12 + on.month - day.month - (on.day < day.day)
    if days <= NEWBORN:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if days <= INFANT:
        return ngettext("%(count)s week", "%(count)s weeks", days // 7) % {"count": days // 7}
    if days < TODDLER:
        return ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    return ngettext("%(count)s year", "%(count)s years", months // 12) % {"count": months // 12}
