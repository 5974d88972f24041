"""Amounts of money in the Latin-script locales: 1,234.56, 1.234,56, 1 234,56, 1'234.50, RM 9.00, €
12, 12,-.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from inference.values.spans import Value

SYMBOLS = r"(?:US|CA|AU|NZ|HK|S|R|A|C)?\$|[€£¥₤₱₹₺₫฿₽₴₩₦]"
CODES = (
    "EUR|USD|GBP|CHF|MYR|RM|SGD|AUD|CAD|NZD|HKD|IDR|Rp|PHP|INR|Rs|JPY|CNY|THB|VND|TRY|TL|ZAR"
    "|BRL|MXN|ARS|CLP|COP|PLN|CZK|HUF|RON|BGN|HRK|SEK|NOK|DKK|ISK|AED|SAR|KES|NGN|Fr|kr|zł|zl"
    "|Kč|Kc|KČ|Ft|FT|lei|LEI|Lei|KR|Kr|PKR|LKR|TWD|CRC|PEN|UYU|RSD|BAM|MAD|EGP|ILS|KRW|ZŁ|zt|euros?"
)
CURRENCY = rf"(?:{SYMBOLS}|(?<![^\W\d_])(?:{CODES})\.?(?![^\W\d_]))"
AFTER = rf"(?:{SYMBOLS}|(?:{CODES})(?![^\W\d_]))"
GROUPED = r"\d{1,3}(?:(?P<group>[.,'’])\d{3})(?:(?P=group)\d{3})*"
SPACED = rf"\d{{1,3}}(?:[\u0020\u00a0\u202f]\d{{3}})+(?=,\d{{2}}(?!\d)|[\u0020\u00a0]?{AFTER})"
AMOUNT = re.compile(
    rf"""
    (?P<open>\()?
    (?P<minus>(?<![\w)])[-−–])?
    (?P<before>{CURRENCY}\s{{0,3}})?
    (?P<minus2>[-−–])?
    (?<![\d.,/\#])(?<!\d[:-])(?<!\d[ ][.,])(?<!\b[lIO|])
    (?P<whole>{SPACED}|{GROUPED}|\d{{1,9}})
    (?:(?P<decimal>[ ]?[.,][ ]?|[ ](?=\d{{2}}(?:\s{{3}}|\s*$)))(?P<cents>\d{{2}}|[-–—]{{1,2}})(?![\d]))?
    (?P<trailing>-(?![\w/]))?
    (?![\d/:%OoIl|]|[.,'’]\d|-\d|[ ]?%)
    (?P<after>\s?{AFTER}(?!\s?[-−]?\d))?
    (?P<side>\s?(?:CR|DR)(?![^\W_]))?
    (?P<close>\))?
    """,
    re.VERBOSE,
)


def find(text: str) -> Iterator[Value]:
    """The amounts in `text`; a bare whole number is one too, parsed at 0.4."""
    for match in AMOUNT.finditer(text):
        sign = "-" if is_negative(match) else ""
        cents = match["cents"] if (match["cents"] or "").isdigit() else "00"
        amount = Decimal(f"{sign}{re.sub(r'[^0-9]', '', match['whole'])}.{cents}")
        start, end = trimmed(match)
        yield Value(str(amount + 0), start, end, surety(match))


def trimmed(match: re.Match[str]) -> tuple[int, int]:
    """The ends of an amount without an outer bracket that has no partner."""
    start, end = match.span()
    if match["open"] and not match["close"]:
        start += 1
    if match["close"] and not match["open"]:
        end -= 1
    return start, end


def is_negative(match: re.Match[str]) -> bool:
    """Whether a minus, accountants' brackets or a debit mark makes the amount negative."""
    if match["side"] and match["side"].strip() == "DR":
        return True
    bracketed = bool(match["open"] and match["close"] and match["cents"])
    return bracketed or bool(match["minus"] or match["minus2"] or match["trailing"])


def surety(match: re.Match[str]) -> float:
    """How fully an amount has the form of money: by its cents, its currency, its thousands."""
    if match["cents"]:
        return (1.0 if " " not in match["decimal"] else 0.8) if match["decimal"].strip() else 0.5
    if match["before"] or match["after"]:
        return 0.9
    return 0.7 if match["group"] else 0.4
