"""Where papers are from, by what only some countries print: told by currencies that share a sign."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from inference.extraction.lines import Line
from inference.values.folding import fold

STATES = (
    "a[klrz]|c[aot]|d[ce]|fl|ga|hi|i[adln]|k[sy]|la|m[adeinost]|n[cdehjmvy]|o[hkr]|pa|ri|s[cd]|t[nx]|ut"
    "|v[at]|w[aivy]"
)
ORIGINS: Mapping[str, str] = {
    "USD": rf", ?({STATES}) \d{{5}}(-\d{{4}})?\b|sales tax|\+1[ (-]|\busa\b|\bllc\b",
    "CAD": r"\b(hst|pst|qst|tps|tvq)\b|\b[a-z]\d[a-z] ?\d[a-z]\d\b|\bcanada\b|\.ca\b|toronto|montreal",
    "AUD": r"\babn\b|\b(nsw|vic|qld|act) \d{4}\b|australia|\.com\.au|\+61|eftpos",
    "NZD": r"new zealand|\.co\.nz|\+64|auckland|wellington",
    "SGD": r"\bpte\b|singapore|\+65|\.sg\b|\buen\b",
    "HKD": r"hong kong|\+852|\.hk\b|kowloon",
    "MXN": r"\brfc\b|\bmexico\b|\.mx\b|\+52|\bcdmx\b|c\.p\. ?\d{5}",
    "ARS": r"\bcuit\b|argentina|\+54|\.com\.ar",
    "CLP": r"\brut\b|\bchile\b|\+56|boleta electronica",
    "COP": r"\bnit\b|colombia|bogota|\+57",
    "TWD": r"taiwan|taipei|\+886",
    "UYU": r"uruguay|montevideo|\+598",
    "SEK": r"att betala|\borg\.? ?nr|kvitto|sverige|\+46|\.se\b|\btotalt\b"
    r"|kortbetalning|\bkontant\b|oresavrund|tack for|valkommen|stockholm|goteborg|malmo",
    "NOK": r"\bmva\b|a betale|kvittering|bankaxept|norge|\+47|\.no\b|grunnlag|org\.? ?nr\.? ?no",
    "DKK": r"\bcvr\b|\bi alt\b|at betale|dankort|danmark|\+45|\.dk\b|\bheraf\b|belob",
    "ISK": r"\bvsk\b|kennitala|\+354|\.is\b|reykjavik",
    "CNY": r"\bchina\b|beijing|shanghai|shenzhen|\+86|\.cn\b|fapiao",
    "JPY": r"japan|tokyo|kyoto|osaka|\+81|\.jp\b|consumption tax|\byen\b|\bk\.k\.",
    "INR": r"gstin|cgst|sgst|\bindia\b|\+91|\.in\b|fssai",
    "PKR": r"pakistan|karachi|lahore|\+92|\bntn\b",
    "LKR": r"sri lanka|colombo|\+94|\.lk\b",
    "MDL": r"moldova|chisinau|\+373|\.md\b",
}
"""What, on a paper, speaks for a country where an unclear sign means this currency; folded."""

PLACES = {code: re.compile(pattern) for code, pattern in ORIGINS.items()}
ORDERS: Mapping[str, str] = {"USD": "mdy", "SEK": "ymd", "DKK": "d/m-y"}
"""The order of dates of figures in such a country, where it is not day, month, year."""


def origin_of(lines: Sequence[Line]) -> Counter[str]:
    """How much on the papers speaks for each country's currency: how many different signs of it."""
    text = "\n".join(fold(line.text) for line in lines)
    return Counter({code: signs(pattern, text) for code, pattern in PLACES.items()})


def signs(pattern: re.Pattern[str], text: str) -> int:
    """How many different stretches of a text fit a pattern."""
    return len({match.group() for match in pattern.finditer(text)})


def usual_order(lines: Sequence[Line]) -> str | None:
    """The order of dates where the papers seem to be from, where it is not day, month, year."""
    origin = origin_of(lines)
    likely, found = origin.most_common(1)[0]
    return ORDERS.get(likely) if found else None
