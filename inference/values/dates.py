"""Dates: 2026-03-01, 01.03.2026, 1/3/26, 1 March 2026, March 1st, 2026, 1 de marzo de 2026, 20260301."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from inference.values.folding import fold_letters
from inference.values.months import month_of
from inference.values.spans import Value

SEPARATOR = r"\s?[./\-–]\s?"
YEAR = r"(?:19|20)\d\d"
END = r"(?!\d)(?![.,/]\d)"
CLOCK = r"(?=\d{1,2}[:.]\d\d)"  # a time of day that OCR ran into the date
ISO = re.compile(
    rf"(?<![\d/.-])(?P<y>{YEAR})(?P<s>{SEPARATOR})(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})"
    rf"(?:{END}|(?=\.\d{{1,2}}:\d\d))"
)
NUMERIC = re.compile(
    rf"(?<![\d/.-])(?P<a>\d{{1,2}})(?P<s>{SEPARATOR}|\s)(?P<b>\d{{1,2}})(?P<s2>{SEPARATOR}|\s)"
    rf"(?P<y>{YEAR}(?:{CLOCK}|{END})|['’]?\d\d(?:{END}(?![:/-])|(?=\d\d:\d\d)))"
)
RUN_TOGETHER = re.compile(
    r"(?<![\d./:-])(?P<d>[0-3]\d)[./\- ](?P<m>[01]\d)(?P<y>20\d\d)(?!\d|[./:-]\d)"
)
SHORT_BEFORE_TIME = re.compile(
    r"(?<![\d./:-])(?P<y>[0-3]\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?=\s+[0-2]\d[:.][0-5]\d)"
)
COMPACT = re.compile(rf"(?<![\d./:-])(?P<y>{YEAR})(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d|[./:-]\d)")
WORD = r"[^\W\d_]{3,12}"
BETWEEN = r"[\s.,/\-–'’]{0,3}"
COMPACT_DAY_FIRST = re.compile(
    rf"(?<![\d./:-])(?P<d>[0-3]\d)(?P<m>[01]\d)(?P<y>{YEAR})(?!\d|[./:-]\d)"
)
DAY_MONTH = re.compile(
    rf"(?<![\d/.-])(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|°|[.])?{BETWEEN}(?:de\s|of\s)?"
    rf"(?P<m>{WORD}){BETWEEN}(?:de[l]?\s)?(?P<y>{YEAR}|['’]?\d\d(?![\d:]))",
    re.IGNORECASE,
)
MONTH_DAY = re.compile(
    rf"(?P<m>{WORD})[\s.]{{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s,.]{{1,3}}(?P<y>{YEAR}|'\d\d)(?!\d)",
    re.IGNORECASE,
)


def find(text: str, order: str = "dmy") -> Iterator[Value]:
    """The dates in `text`; `order` ("dmy", "mdy", "ymd" or "d/m-y") reads those of figures where several
    could be meant.
    """
    found: list[Value] = []
    for value in (*iso(text), *named(text), *numeric(text, order), *run_together(text, order)):
        if not any(value.overlaps(other) for other in found):
            found.append(value)
    return iter(found)


def iso(text: str) -> Iterator[Value]:
    """Dates that begin with the year, and those of eight figures without separators."""
    for pattern, parse in ((ISO, 1.0), (COMPACT, 0.6), (COMPACT_DAY_FIRST, 0.5)):
        for match in pattern.finditer(text):
            yield from dated(match, int(match["y"]), int(match["m"]), int(match["d"]), parse)


def named(text: str) -> Iterator[Value]:
    """Dates with the month's name."""
    for pattern in (DAY_MONTH, MONTH_DAY):
        for match in pattern.finditer(text):
            month = month_of(fold_letters(match["m"]))
            if month:
                yield from dated(match, full_year(match["y"]), month, int(match["d"]), 1.0)


def numeric(text: str, order: str) -> Iterator[Value]:
    """Dates of three figures, day first or month first, or of two figures each with the year first."""
    for match in figures(text, order):
        first, second = int(match["a"]), int(match["b"])
        if order == "ymd" and len(match["y"]) == 2 and second <= 12:
            yield from dated(match, full_year(match["a"]), second, int(match["y"]), 0.8)
            continue
        parse = 1.0 if len(match["y"]) == 4 else 0.9
        day, month = (second, first) if order == "mdy" else (first, second)
        if month > 12:
            day, month = month, day
        elif match["s"] != match["s2"]:
            parse *= 0.5 if order != "d/m-y" else 0.9
        elif first <= 12 and second <= 12 and first != second:
            parse *= 0.9
        yield from dated(match, full_year(match["y"]), month, day, parse)


def run_together(text: str, order: str) -> Iterator[Value]:
    """Dates of figures that lost a separator, 27/032018, and where the year comes first, those that are
    printed without any before the time of day: 250318 17:42.
    """
    for match in RUN_TOGETHER.finditer(text):
        day, month = (match["m"], match["d"]) if order == "mdy" else (match["d"], match["m"])
        yield from dated(match, int(match["y"]), int(month), int(day), 0.5)
    for match in SHORT_BEFORE_TIME.finditer(text) if order == "ymd" else ():
        year = full_year(match["y"])
        yield from dated(match, year, int(match["m"]), int(match["d"]), 0.7)


def figures(text: str, order: str = "") -> Iterator[re.Match[str]]:
    """Three figures with equal separators, or in the order of Danes, 1/3-26; spaces alone separate only
    before a whole year.
    """
    for match in NUMERIC.finditer(text):
        first, second = match["s"].strip(), match["s2"].strip()
        alike = first == second or (order, first, second) == ("d/m-y", "/", "-")
        if alike and (first or len(match["y"]) == 4):
            yield match


def dated(match: re.Match[str], year: int, month: int, day: int, parse: float) -> Iterator[Value]:
    """The date as a value; nothing where the calendar has no such day."""
    try:
        yield Value(date(year, month, day).isoformat(), match.start(), match.end(), parse)
    except ValueError:
        return


def full_year(text: str) -> int:
    """A year of four figures; of two, 69 to 99 are 1969 to 1999 and the rest 2000 to 2068, as POSIX
    has it.
    """
    year = int(text.strip("'’"))
    if year >= 100:
        return year
    return year + (1900 if year >= 69 else 2000)


def order_of(texts: Iterable[str]) -> str | None:
    """The order that dates on some papers have, "mdy" or "dmy", by those that can be read in one way
    alone; None where none can.
    """
    months_first = days_first = 0
    for text in texts:
        for match in figures(text):
            months_first += int(match["a"]) <= 12 < int(match["b"]) <= 31
            days_first += int(match["b"]) <= 12 < int(match["a"]) <= 31
    if months_first == days_first:
        return None
    return "mdy" if months_first > days_first else "dmy"
