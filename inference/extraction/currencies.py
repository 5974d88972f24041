"""Which currency a paper's amounts are in: by all that names one, and by where the paper is from."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from inference.extraction.candidates import FLOOR, Candidate, Paper
from inference.extraction.lexicon import TOTALS
from inference.extraction.lines import Line, Span
from inference.extraction.origins import origin_of
from inference.values import Kind, Value, find
from inference.values.currencies import UNCLEAR, meant
from inference.values.folding import folded_words

MENTION = 0.75  # what one mention beside an amount speaks for its currency
BY_TOTAL = 1.15  # what it says more in a total's row
FROM_THERE = 0.85  # how far an unclear sign is believed where the paper is from such a country
MONEY, CURRENCY = Kind("money"), Kind("currency")


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
