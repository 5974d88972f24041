"""Words of pipelines, models and libraries, as they stand in the reader's language.

What a pipeline calls its fields, outcomes and queues is data, and its catalogue entry is the name
itself: gettext(queue.name) is the name in the reader's language, or as the pipeline has it.
"""

import re
from dataclasses import replace

from django.utils.translation import get_language, gettext

from cases.definition import Definition
from cases.models import Case, PipelineVersion
from reviews.presenting import formats

OF_PAPER = re.compile(r"(.+) \((.+) (\d+)\)")
"""The label of a field of one of several papers, as `cases.definition` makes it: Total (Receipt 2)."""
NUMBERED = re.compile(r"(.+) (\d+)")
"""One of several papers: Receipt 2."""
FIGURE = re.compile(r"(-?[\d,]+(?:\.\d+)?)(?: (.+))?")
REMARKS = (", never seen in training", " (outside of the range in training)")


SPOKEN: dict[tuple[str, str], Definition] = {}
"""Definitions in other languages, by their digest and the language."""


def spoken(version: PipelineVersion) -> Definition:
    """A pipeline's definition as it is read: its names in the reader's language, its data as ever.

    It is for pages alone. Whoever keeps a word, or sends it out, takes the definition itself.
    """
    if speaks_english():
        return version.definition
    key = version.sha256, get_language() or ""
    if key not in SPOKEN:
        SPOKEN[key] = translated(version.definition)
    return SPOKEN[key]


def spoken_case(case: Case) -> Definition:
    """The definition of a case, with the fields of its own papers, as it is read."""
    return spoken(case.pipeline_version).with_copies(case.copies)


def translated(known: Definition) -> Definition:
    """A definition with all that people read of it in the active language."""
    return replace(
        known,
        name=gettext(known.name),
        guidance=gettext(known.guidance),
        documents=tuple(replace(each, name=gettext(each.name)) for each in known.documents),
        fields=tuple(replace(each, label=gettext(each.label)) for each in known.fields),
        outcomes=tuple(replace(each, label=gettext(each.label)) for each in known.outcomes),
        reasons=tuple(
            replace(each, text=gettext(each.text), guidance=gettext(each.guidance))
            for each in known.reasons
        ),
        queues=tuple(replace(each, name=gettext(each.name)) for each in known.queues),
    )


def name(text: str) -> str:
    """What a pipeline calls something; a field of one of several papers by its own name and the paper's."""
    if (numbered := NUMBERED.fullmatch(text)) and gettext(text) == text:
        return f"{gettext(numbered[1])} {numbered[2]}"
    of_paper = OF_PAPER.fullmatch(text)
    if of_paper is None or gettext(text) != text:
        return gettext(text)
    field, paper, number = of_paper.groups()
    return f"{gettext(field)} ({gettext(paper)} {number})"


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
    if figure is None or gettext(text) != text:  # 7 years or more is a message of its own
        return gettext(text)
    number = figure[1].replace(",", "")
    said = formats.decimals(float(number), len(number.partition(".")[2]))
    return f"{said} {gettext(figure[2])}" if figure[2] else said
