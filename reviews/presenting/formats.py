"""Numbers, amounts, dates and times as the reader's locale writes them, in their time zone."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from babel.dates import format_skeleton, format_time
from babel.numbers import format_currency, format_decimal
from django.utils.timezone import localtime

from accounts.locales import locale_now

Number = int | float | Decimal


def count(number: int) -> str:
    """A whole number, its thousands separated: 1,234 or 1.234."""
    return str(format_decimal(number, format="#,##0", locale=locale_now()))


def decimals(number: Number, places: int = 2) -> str:
    """A number with so many decimals, such as a confidence: 0.71 or 0,71."""
    pattern = f"#,##0.{'0' * places}" if places else "#,##0"
    return str(format_decimal(number, format=pattern, locale=locale_now()))


def plain(number: Number) -> str:
    """A number with the decimals that it has, two at most: 37.4 or 37,4."""
    return str(format_decimal(number, format="#,##0.##", locale=locale_now()))


def signed(number: Number, places: int = 2) -> str:
    """A number with its sign, plus or minus: +0.59 or −0,59."""
    sign = "−" if number < 0 else "+"
    return f"{sign}{decimals(-number if number < 0 else number, places)}"


def percentage(number: Number) -> str:
    """A number of per cent, with the decimals that it has: 4.5% or 4,5 %."""
    text = format_decimal(number, format="#,##0.####", locale=locale_now())
    return f"{text}\xa0%" if locale_now().language == "de" else f"{text}%"


def money(value: str | Number, currency: str = "") -> str:
    """An amount with its cents: 1,234.50 or, with its currency, €1,234.50; what is none stays."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not amount.is_finite():
        return str(value)
    if not currency:
        return decimals(amount)
    return str(format_currency(amount, currency, locale=locale_now()))


def day(at: date | datetime) -> str:
    """A day: 31 Mar 2026, Mar 31, 2026 or 31. März 2026; a moment's in the reader's time zone."""
    return str(format_skeleton("yMMMd", local(at), locale=locale_now()))


def short_day(at: date | datetime) -> str:
    """A day whose year goes without saying: 31 Mar, Mar 31 or 31. März."""
    return str(format_skeleton("MMMd", local(at), locale=locale_now()))


def clock(at: datetime) -> str:
    """A time of the day in the reader's time zone: 14:05 or 2:05 PM."""
    return str(format_time(localtime(at), format="short", tzinfo=None, locale=locale_now()))


def short_moment(at: datetime) -> str:
    """A day without its year, and a time, in the reader's time zone: 31 Mar, 14:05."""
    return f"{short_day(at)}, {clock(at)}"


def moment(at: datetime) -> str:
    """A moment in full, its time zone said: 31 Mar 2026, 14:05 CEST."""
    return f"{day(at)}, {clock(at)} {zone(at)}"


def zone(at: datetime) -> str:
    """What the reader's time zone is called at a moment: UTC, CET, CEST, +03."""
    return localtime(at).tzname() or ""


def local(at: date | datetime) -> date:
    """The day in the reader's time zone."""
    return localtime(at).date() if isinstance(at, datetime) else at
