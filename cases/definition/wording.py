"""What a reply says to somebody: places to fill in, and whether it orders instead of offering. Pure.

Nobody is ordered about: a reply offers ("We could see you…") and leaves the choice to who reads it.
The check knows English. It finds phrases, not intent: what it names is for a person to reword, and
what it misses is no proof of kindness.
"""

import re
from collections.abc import Iterator, Mapping

from cases.definition.parts import Definition, ReplySpec

NAME, APPOINTMENT = "name", "appointment"
PLACE = re.compile(r"\{\s*([^{}]*?)\s*\}")
"""A place to be filled in, as templates have it: {name}."""

ACTS = (
    "attend|apply|ask|avoid|book|bring|call|come|complete|contact|continue|cut|dial|drink|drive|eat|"
    "fill|follow|go|increase|keep|leave|lie|make|measure|phone|reduce|rest|ring|see|seek|send|skip|"
    "start|stay|stop|take|tell|try|use|visit|wait|walk|watch"
)
BEGINNING = (
    r"(?:^|[.!?;:\n]|\b(?:if|when|should|once|unless)\b[^.!?;:\n]{0,200},)\s*"
    r"(?:(?:please|then|now|just|immediately|always|also)\b,?\s*)*"
)
"""Where a sentence begins, or what is to be done if something is so."""
ORDERS = tuple(
    re.compile(pattern, re.I | re.M)
    for pattern in (
        r"\b(?P<order>you(?:['’]ll| will)? (?:must|have to|need to|ought to|are to|shall))\b",
        r"\b(?P<order>you should(?! (?:be|hear|find|feel|receive|get|see) )\b(?: \w+)?)",
        rf"{BEGINNING}(?P<order>(?:do not|don['’]t|never)\s+\w+)",
        rf"\b(?:and|but|or)\s+(?P<order>(?:do not|don['’]t|never)\s+(?:{ACTS}))\b",
        r"\b(?P<order>(?:stop|start|keep) (?:taking|using|doing|eating|drinking))\b",
        r"\b(?P<order>take (?:\d+|one|two|three|four|half|your)\b(?: \w+)?)",
        rf"{BEGINNING}(?P<order>(?:{ACTS})\b(?: \w+)?)",
    )
)
"""Phrases that order: an obligation, a prohibition, a dose, or an imperative."""

OFFERED = re.compile(
    r"(?:\b(?:you|they|we|i)(?:'d|’d)?\s+(?:(?:may|might|could|can|would)\s+)?"
    r"(?:(?:want|like|wish|prefer|choose|be able|decide|plan)\s+)?(?:to\s+)?)$",
    re.I,
)
"""What makes an offer, or a report, of the words after it: "you could take", "we do not know"."""
BEFORE = 60
"""Characters before an order in which an offer would stand; no offer is as long."""


def orders_in(text: str) -> list[str]:
    """The phrases of a text that order somebody to do something, as they stand there, in order."""
    text = closed_up(text)
    found: dict[int, str] = {}
    for pattern in ORDERS:
        for match in pattern.finditer(text):
            start = match.start("order")
            if not OFFERED.search(text[max(0, start - BEFORE) : start]):
                found.setdefault(start, match["order"])
    return list(dict.fromkeys(found[start] for start in sorted(found)))


def closed_up(text: str) -> str:
    """The text with single spaces and no empty lines: on long gaps the patterns would take minutes."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def places_in(text: str) -> list[str]:
    """The names of the places that are still to be filled in."""
    return list(dict.fromkeys(PLACE.findall(text)))


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with what is `known` in its places; the others stay."""
    return PLACE.sub(lambda place: known.get(place[1]) or place[0], text)


def faults_of(reply: ReplySpec, definition: Definition) -> Iterator[tuple[str, str]]:
    """What is wrong with a template, each with the part of it that is to be mended."""
    for phrase in orders_in(reply.text):
        yield "text", f"{phrase!r} orders: a reply offers, such as “You may want to…”"
    places = places_in(reply.text)
    for place in places:
        if place not in (NAME, APPOINTMENT):
            yield "text", f"there is no {{{place}}}, but {{{NAME}}} and {{{APPOINTMENT}}}"
    if NAME in places and definition.person is None:
        yield "text", f"{{{NAME}}} asks for `person`, the pointer to a name"
    timed = {spec.name for spec in definition.outcomes if spec.appointment_minutes}
    if APPOINTMENT in places and not timed.issuperset(reply.outcomes):
        yield "text", f"{{{APPOINTMENT}}} asks for appointment_minutes of each of its outcomes"
    if reply.automatic:
        yield from faults_of_automatic(reply, definition)


def faults_of_automatic(reply: ReplySpec, definition: Definition) -> Iterator[tuple[str, str]]:
    """What keeps a template from going out with a decision that no person made."""
    if definition.consent is None:
        yield "automatic", "nothing is sent by itself without [consent]"
    if APPOINTMENT in places_in(reply.text):
        yield "automatic", "an appointment is for a person to confirm"
    never = [spec.name for spec in definition.outcomes if spec.urgent]
    for outcome in reply.outcomes:
        if outcome in never:
            yield "automatic", f"{outcome!r} is never given without a person"
        for other in definition.replies:
            if other.automatic and other.name != reply.name and outcome in other.outcomes:
                yield "automatic", f"{other.name!r} is the automatic one for {outcome!r} already"
