"""Which currency a paper's amounts are in: by all that names one, and by where the paper is from."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from inference.extraction.candidates import FLOOR, Candidate, Paper
from inference.extraction.lexicon import TOTALS
from inference.extraction.lines import Line, Span
from inference.values import Kind, Value, find
from inference.values.currencies import UNCLEAR, meant
from inference.values.folding import fold, folded_words

MENTION = 0.75  # what one mention beside an amount speaks for its currency
BY_TOTAL = 1.15  # what it says more in a total's row
FROM_THERE = 0.85  # how far an unclear sign is believed where the paper is from such a country
MONEY, CURRENCY = Kind("money"), Kind("currency")

ORIGINS: Mapping[str, str] = {
    "USD": r"\b[a-z]{2} \d{5}(-\d{4})?\b|sales tax|\+1[ (-]|\bgratuity\b|\busa\b|\b(llc|inc)\b",
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
    "SEK": r"\bmoms\b.*\d|att betala|\borg\.? ?nr|kvitto|sverige|\+46|\.se\b|\btotalt\b|\bkort|oresavrund",
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


def currencies_of(papers: Sequence[Paper]) -> list[Candidate]:
    """The currencies that the papers name, the likeliest first, each at its surest mention.

    Mentions add up; where a sign means several, the one of the paper's country is taken.
    """
    lines = [line for paper in papers for line in paper.lines]
    origin = origin_of(lines)
    mentions = [mention for line in lines for mention in mentioned(line, origin)]
    speaks: dict[str, float] = defaultdict(lambda: 1.0)
    for mention in mentions:
        speaks[mention.value.canonical] *= 1 - min(0.9, mention.score)
    support = {code: 1 - doubt for code, doubt in speaks.items()}
    every = sum(support.values())
    ranked = [
        replace(one, score=support[code] * (0.5 + 0.5 * support[code] / every) * near(one, code))
        for one in mentions
        for code in [one.value.canonical]
    ]
    return sorted((one for one in ranked if one.score >= FLOOR), key=lambda one: -one.score)


def near(one: Candidate, code: str) -> float:
    """Slightly under 1 for the weaker of a currency's mentions, and less where its sign is unclear."""
    return 0.9 + 0.1 * min(1.0, one.score)


def mentioned(line: Line, origin: Counter[str]) -> Iterator[Candidate]:
    """The currencies that a line names, each with the amount beside it."""
    by_total = BY_TOTAL if set(folded_words(line.text)) & TOTALS else 1.0
    for value in find(line.text, CURRENCY):
        codes = meant(line.text[value.start : value.end])
        likely = max(codes, key=lambda code: origin[code])
        sure = value.parse
        if len(codes) > 1 and origin[likely]:
            sure *= FROM_THERE / UNCLEAR
        span = with_amount(line, value)
        settled = replace(value, canonical=likely, start=span.start, end=span.end, parse=sure)
        yield Candidate(span, settled, MENTION * sure * by_total)


def with_amount(line: Line, value: Value) -> Span:
    """The mention together with the amount that it stands beside."""
    for amount in find(line.text, MONEY):
        if amount.start <= value.end + 1 and value.start <= amount.end + 1:
            return line.span(min(amount.start, value.start), max(amount.end, value.end))
    return line.span(value.start, value.end)


def origin_of(lines: Sequence[Line]) -> Counter[str]:
    """How much on the papers speaks for each country's currency."""
    text = "\n".join(fold(line.text) for line in lines)
    return Counter(
        {code: len(set(pattern.findall(text))) and 1 + len(set(pattern.findall(text)))
         for code, pattern in PLACES.items()}
    )  # fmt: skip
