"""Masks over what is personal: fields and data with dots in the place of their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reviews.presenting.fields import FieldRow, ReadField
from reviews.presenting.papers import Sheet
from reviews.presenting.record import Judgement, Told

MASK = "••••••"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What of a case is hidden: fields by name, data by JSON pointer, and whether the papers are.

    `message` says that the words of the case's message are: nothing then quotes them.
    """

    fields: frozenset[str] = frozenset()
    pointers: frozenset[str] = frozenset()
    papers: bool = False
    message: bool = False

    def __bool__(self) -> bool:
        return bool(self.fields or self.pointers or self.papers)

    def covers(self, pointer: str) -> bool:
        """Whether what stands at a pointer is hidden, by itself or with what holds it."""
        return any(pointer == each or pointer.startswith(f"{each}/") for each in self.pointers)


NOTHING = Hidden()


def masked_fields(read: Mapping[str, ReadField], hidden: Hidden) -> dict[str, ReadField]:
    """The fields as read, with a mask in the place of what is hidden."""
    return {
        name: replace(field, value=MASK) if name in hidden.fields and field.value else field
        for name, field in read.items()
    }


def masked_rows(rows: Sequence[FieldRow], hidden: Hidden) -> list[FieldRow]:
    """The lines of the fields, with a mask over what a reviewer said of a hidden one as well."""
    return [
        replace(
            row,
            value=MASK if row.value else "",
            struck="",
            changed=(),
            hint="",
            masked=True,
            grid=None,
        )
        if row.name in hidden.fields
        else row
        for row in rows
    ]


def masked_sheets(sheets: Sequence[Sheet], hidden: Hidden) -> list[Sheet]:
    """The sheets of the papers, empty where the papers are hidden."""
    if not hidden.papers:
        return list(sheets)
    return [replace(sheet, page=None, original=False, marks=()) for sheet in sheets]


def masked_judgements(judgements: Sequence[Judgement], hidden: Hidden) -> list[Judgement]:
    """The reviews in words; one that speaks of a hidden field keeps its explanation to itself."""
    return [masked_judgement(judgement, hidden) for judgement in judgements]


def masked_judgement(judgement: Judgement, hidden: Hidden) -> Judgement:
    """One review, its changes of hidden fields masked: the explanation may quote their values.

    What is said of a hidden message may quote that.
    """
    judgement = replace(judgement, reply=masked_told(judgement.reply, hidden))
    if not hidden.message and not any(
        change.field in hidden.fields for change in judgement.changes
    ):
        return judgement
    changes = tuple(
        replace(change, read=MASK, said=MASK if change.corrected else change.said)
        if change.field in hidden.fields
        else change
        for change in judgement.changes
    )
    return replace(judgement, changes=changes, explanation=MASK if judgement.explanation else "")


def masked_told(told: Told | None, hidden: Hidden) -> Told | None:
    """A reply; where anything is hidden it keeps its words to itself: they address somebody."""
    return replace(told, text=MASK) if told and hidden else told


def masked_data(data: Mapping[str, Any], hidden: Hidden, *, path: str = "") -> dict[str, Any]:
    """The case's data, with a mask in the place of what is hidden."""
    return {
        key: masked_value(value, hidden, f"{path}/{key.replace('~', '~0').replace('/', '~1')}")
        for key, value in data.items()
    }


def masked_value(value: Any, hidden: Hidden, path: str) -> Any:
    """A value of the data at a JSON pointer (RFC 6901), or its mask."""
    if path in hidden.pointers:
        return MASK
    if isinstance(value, list):
        return [masked_value(each, hidden, f"{path}/{place}") for place, each in enumerate(value)]
    return masked_data(value, hidden, path=path) if isinstance(value, Mapping) else value
