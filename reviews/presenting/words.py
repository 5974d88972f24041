"""Words of pipelines, models and libraries, as they stand in the reader's language.

What a pipeline calls its fields, outcomes and queues is data, and its catalogue entry is the name
itself: gettext(spec.label) is the label in the reader's language, or as the pipeline has it.
"""

import re

from django.utils.translation import get_language, gettext

from reviews.presenting import formats

FIGURE = re.compile(r"(-?[\d,]+(?:\.\d+)?)(?: (.+))?")
REMARKS = (", never seen in training", " (outside of the range in training)")


def speaks_english() -> bool:
    """Whether the reader's language writes the names of things small inside of a sentence."""
    return (get_language() or "en").startswith("en")


def inside(text: str) -> str:
    """A name as it stands inside of a sentence: its first letter small in English, but IBAN stays IBAN."""
    if speaks_english() and (text[1:2].islower() or text[1:2] == " "):
        return text[:1].lower() + text[1:]
    return text


def sentence_case(text: str) -> str:
    """A library's English title as we write them, Second factor for Second Factor."""
    return text[:1].upper() + text[1:].lower() if speaks_english() else text


def fact(text: str) -> str:
    """What a model knew of a value, as it was kept in English: 24 months, none, 12 (outside of …)."""
    for remark in REMARKS:
        if text.endswith(remark):
            return fact(text.removesuffix(remark)) + gettext(remark)
    figure = FIGURE.fullmatch(text)
    if figure is None:
        return gettext(text)
    number = figure[1].replace(",", "")
    said = formats.decimals(float(number), len(number.partition(".")[2]))
    return f"{said} {gettext(figure[2])}" if figure[2] else said
