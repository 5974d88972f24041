"""Reading the query of a list: each parameter checked, an unknown one refused and not passed over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from django.http import QueryDict

from cases.finding import BadCursor, Filters, read_cursor
from cases.models import Status
from cases.strictjson import fit_text
from cases.validation import Fault

MOST, USUAL = 200, 50


class InvalidQuery(Exception):
    """The query's parameters can't be used; each fault's pointer is a parameter's name."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def limit(text: str) -> int:
    """How many a page holds."""
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise ValueError(f"must be a whole number from 1 to {MOST}")
    return int(text)


def status(text: str) -> Status:
    """A status of a case."""
    if text not in Status.values:
        raise ValueError(f"must be one of: {', '.join(Status.values)}")
    return Status(text)


def words(text: str) -> str:
    """Text that a row could hold."""
    if not fit_text(text):
        raise ValueError("can't be kept as text")
    return text


def moment(text: str) -> datetime:
    """A moment as RFC 3339 writes it, with its offset from UTC."""
    try:
        found = datetime.fromisoformat(text).astimezone(UTC) if "T" in text else None
    except (ValueError, OverflowError):
        found = None
    if found is None or datetime.fromisoformat(text).tzinfo is None:
        hint = "; in an address a “+” is written %2B" if " " in text else ""
        raise ValueError(f"must be a date and time with an offset, as 2026-03-01T09:30:00Z{hint}")
    return found


def cursor(text: str) -> Any:
    """A place in the list."""
    try:
        return read_cursor(text)
    except BadCursor:
        raise ValueError("is no cursor that this API gave") from None


READERS: dict[str, Callable[[str], Any]] = {
    "status": status,
    "pipeline": words,
    "reference": words,
    "created_after": moment,
    "cursor": cursor,
    "limit": limit,
}


def read_query(query: QueryDict, *, pipelines: Sequence[str]) -> dict[str, Any]:
    """The parameters' values, of `pipelines` alone; raises InvalidQuery with all that is wrong."""
    values, wrong = read_parameters(query, READERS)
    if "pipeline" in values and values["pipeline"] not in pipelines:
        known = ", ".join(pipelines) or "none"
        wrong.append(Fault("pipeline", "invalid", f"must be one you may post to: {known}"))
    if wrong:
        raise InvalidQuery(*wrong)
    return values


def read_parameters(
    query: QueryDict, readers: Mapping[str, Callable[[str], Any]]
) -> tuple[dict[str, Any], list[Fault]]:
    """The parameters' values as their readers read them, and all that is wrong."""
    values, wrong = dict[str, Any](), list[Fault]()
    for name, texts in query.lists():
        if name not in readers:
            known = ", ".join(readers)
            wrong.append(Fault(words_of(name), "unknown", f"is no parameter; these are: {known}"))
        elif len(texts) > 1:
            wrong.append(Fault(name, "repeated", "may be given once only"))
        else:
            try:
                values[name] = readers[name](texts[0])
            except ValueError as error:
                wrong.append(Fault(name, "invalid", str(error)))
    return values, wrong


def words_of(name: str) -> str:
    """A parameter's name as it can be told back."""
    return name[:40].encode("ascii", "replace").decode()


def filters_of(values: dict[str, Any]) -> Filters:
    """What the list is narrowed by."""
    return cast(Filters, {name: values[name] for name in Filters.__annotations__ if name in values})
