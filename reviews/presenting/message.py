"""A person's message as the main thing to read: its words, what is marked in them, and who wrote it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from string import ascii_lowercase
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext as _

from accounts.locales import locale_now
from cases.definition import Definition, MessageSpec, at_pointer
from reviews.presenting import data as facts
from reviews.presenting.formats import decimals, moment
from reviews.presenting.people import Who, is_word_list, parent, who
from reviews.presenting.spans import Span, Stretch, stretches

OPEN = 2
"""How many earlier messages stand in the open."""
STEPS = (0.66, 0.33, 0.12)
"""Shares of the strongest word from which a word's line is strong, middling or weak."""

Points = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Note:
    """What is said of some words: a flag, or a mention that raises none; `number` is how it is called.

    `words` are those in the message, each with the place that a link leads to. One that is not
    `spoken` stands on no words at all.
    """

    key: str
    kind: Literal["flag", "mention"]
    number: int
    label: str
    detail: str
    words: tuple[tuple[str, str], ...] = ()
    spoken: bool = True

    @property
    def sign(self) -> str:
        """How it is called in the text: 1, 2 for flags, a, b for mentions."""
        small = self.kind == "mention" and self.number <= len(ascii_lowercase)
        return ascii_lowercase[self.number - 1] if small else str(self.number)


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters of one weight: how much the word speaks for the predicted outcome, or against it.

    `strength` is from 0, not at all, to 3.
    """

    text: str
    strength: int = 0
    side: Literal["for", "against", ""] = ""
    points: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that the same notes speak of; `places` are ids of those that begin with it, `ends` the
    notes whose words end with it."""

    pieces: tuple[Piece, ...]
    flags: tuple[Note, ...] = ()
    mentions: tuple[Note, ...] = ()
    places: tuple[str, ...] = ()
    ends: tuple[Note, ...] = ()

    @property
    def kind(self) -> str:
        """What it is marked as: a flag is stronger than a mention."""
        return "flag" if self.flags else "mention" if self.mentions else ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message from before; `at` is None where it has no readable time."""

    text: str
    at: datetime | None
    who: str


@dataclass(frozen=True, slots=True)
class Message:
    """All of it. `outcome` is what the words' lines speak for; without lines it is empty."""

    passages: tuple[Passage, ...]
    sent: str
    language: str
    who: Who
    earlier: tuple[Earlier, ...]
    mentions: tuple[Note, ...]
    outcome: str = ""
    masked: bool = False

    @property
    def recent(self) -> tuple[Earlier, ...]:
        """The earlier messages that stand in the open, newest first."""
        return self.earlier[:OPEN]

    @property
    def older(self) -> tuple[Earlier, ...]:
        """Those before, folded."""
        return self.earlier[OPEN:]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a model makes of single words; `outcome` is what it predicts, of all its `outcomes`."""

    outcome: str
    label: str
    outcomes: tuple[str, ...]
    words: tuple[Mapping[str, Any], ...]

    def points(self, word: Mapping[str, Any]) -> float:
        """What a word speaks for the outcome, in log-odds against the outcomes' mean."""
        said: Mapping[str, float] = word["points"]
        return said.get(self.outcome, 0.0) - math.fsum(
            said.get(name, 0.0) for name in self.outcomes
        ) / len(self.outcomes)


def message(
    definition: Definition,
    data: Mapping[str, Any],
    found: Mapping[str, Any],
    evidence: Evidence | None,
    *,
    arrived: date,
    masked: bool = False,
) -> Message | None:
    """The message of a case; None where its pipeline has none.

    `found` is what an assessment keeps; `evidence` what the model made of words, where the reader may
    see it. Where the message is `masked`, no word of it is marked either.
    """
    spec = definition.message
    if spec is None:
        return None
    text = str(at_pointer(data, spec.text) or "")
    raised = notes_of_flags(found.get("flags", ()), "" if masked else text)
    passed = () if masked else notes_of_mentions(found.get("mentions", ()), text, definition)
    shown = None if masked else evidence
    return Message(
        passages=passages(text, found, raised, passed, shown) if not masked else plain(text),
        sent=sent_at(spec, data),
        language=unread_language(spec, data),
        who=who(definition, data, arrived),
        earlier=() if masked else earlier(at_pointer(data, spec.earlier or "/")),
        mentions=passed,
        outcome=shown.label if shown and shown.words else "",
        masked=masked,
    )


def notes_of_flags(flags: Sequence[Mapping[str, Any]], text: str) -> tuple[Note, ...]:
    """The raised flags, numbered from 1, with the words that each stands on."""
    return tuple(
        Note(
            key=f"flag-{number}",
            kind="flag",
            number=number,
            label=_(flag["label"]),
            detail=_(flag["source"]) if flag.get("source") else "",
            words=words_at(flag["spans"], text, f"flag-{number}"),
            spoken=bool(flag["spans"]),
        )
        for number, flag in enumerate(flags, 1)
    )


def notes_of_mentions(
    mentions: Sequence[Mapping[str, Any]], text: str, definition: Definition
) -> tuple[Note, ...]:
    """What was mentioned and raised no flag, and why not."""
    labels = {spec.name: spec.label for spec in definition.flags}
    why = {
        "negated": _("negated: the message says that it is not so"),
        "other": _("said of somebody else"),
        "past": _("said of the past"),
        "hypothetical": _("asked or supposed, not reported"),
    }
    return tuple(
        Note(
            key=f"mention-{number}",
            kind="mention",
            number=number,
            label=_(labels.get(mention["name"], mention["name"].replace("_", " "))),
            detail=why.get(mention["status"], mention["status"]),
            words=words_at(mention["spans"], text, f"mention-{number}"),
        )
        for number, mention in enumerate(mentions, 1)
    )


def words_at(spans: Sequence[Sequence[int]], text: str, key: str) -> tuple[tuple[str, str], ...]:
    """The words of spans, each with the id of its place in the message."""
    said = [(place, " ".join(text[start:end].split())) for place, (start, end) in enumerate(spans)]
    return tuple((words, place_of(key, place)) for place, words in said if words)


def place_of(key: str, place: int) -> str:
    """The id of a note's words in the message, by their place among its spans."""
    return f"said-{key}-{place + 1}"


def passages(
    text: str,
    found: Mapping[str, Any],
    flags: Sequence[Note],
    mentions: Sequence[Note],
    evidence: Evidence | None,
) -> tuple[Passage, ...]:
    """The text in passages, each with its notes and the weight of its words."""
    notes = {note.key: note for note in (*flags, *mentions)}
    said = [*zip(flags, found.get("flags", ()), strict=True)]
    said += [*zip(mentions, found.get("mentions", ()), strict=True)]
    spans = [
        Span(start, end, f"{note.key} {place_of(note.key, place)}")
        for note, each in said
        for place, (start, end) in enumerate(each["spans"])
    ]
    words = weighed(evidence)
    return tuple(
        passage(stretch, notes, words) for stretch in stretches(text, spans) if stretch.text
    )


def plain(text: str) -> tuple[Passage, ...]:
    """A text with nothing marked in it."""
    return (Passage((Piece(text),)),) if text else ()


def passage(
    stretch: Stretch, notes: Mapping[str, Note], words: Sequence[tuple[int, int, Piece]]
) -> Passage:
    """A stretch of the message with its notes, cut into pieces by the words that weigh something."""
    own = [notes[key.split()[0]] for key in stretch.keys]
    pieces, end = [], stretch.start + len(stretch.text)
    inside = [
        Span(start - stretch.start, stop - stretch.start, str(place))
        for place, (start, stop, _weight) in enumerate(words)
        if start < end and stop > stretch.start
    ]
    for part in stretches(stretch.text, inside):
        weight = words[int(part.keys[0])][2] if part.keys else Piece("")
        pieces.append(Piece(part.text, weight.strength, weight.side, weight.points))
    return Passage(
        pieces=tuple(pieces),
        flags=tuple(dict.fromkeys(note for note in own if note.kind == "flag")),
        mentions=tuple(dict.fromkeys(note for note in own if note.kind == "mention")),
        places=tuple(key.split()[1] for key in stretch.begins),
        ends=tuple(dict.fromkeys(notes[key.split()[0]] for key in stretch.ends)),
    )


def weighed(evidence: Evidence | None) -> list[tuple[int, int, Piece]]:
    """The words that speak for or against the predicted outcome, and how strongly."""
    if evidence is None:
        return []
    said = [(each["start"], each["end"], evidence.points(each)) for each in evidence.words]
    most = max((abs(points) for *_place, points in said), default=0.0) or 1.0
    lined = [
        (start, end, Piece("", strength(points / most), side(points), signed(points)))
        for start, end, points in said
    ]
    return [each for each in lined if each[2].strength]


def strength(share: float) -> int:
    """How strong a line is, from 1 to 3, for a share of the strongest word's points; 0 for none."""
    return sum(abs(share) >= least for least in STEPS)


def side(points: float) -> Literal["for", "against"]:
    """Which way a word speaks."""
    return "for" if points > 0 else "against"


def signed(points: float) -> str:
    """Points with their sign and one decimal."""
    return f"{'−' if points < 0 else '+'}{decimals(abs(points), 1)}"


def sent_at(spec: MessageSpec, data: Mapping[str, Any]) -> str:
    """When the message was sent, in the reader's words; empty where that is not told."""
    read = facts.read_time(at_pointer(data, spec.sent_at)) if spec.sent_at else None
    return moment(read) if read else ""


def unread_language(spec: MessageSpec, data: Mapping[str, Any]) -> str:
    """The name of the message's language where rules and model do not read it, else empty."""
    code = at_pointer(data, spec.language) if spec.language else None
    if not isinstance(code, str) or spec.reads(code):
        return ""
    try:
        name = Locale.parse(code, sep="-").get_display_name(locale_now())
    except (ValueError, UnknownLocaleError):
        name = None
    return str(name or code)


def earlier(sent: Any) -> tuple[Earlier, ...]:
    """The messages from before, newest first; what is masked, or no list, is none."""
    if not isinstance(sent, list):
        return ()
    who = {"patient": _("Patient"), "practice": _("Practice")}
    told = [
        Earlier(
            text=str(each.get("text", "")),
            at=facts.read_time(each.get("sent_at")),
            who=who.get(each.get("from", ""), str(each.get("from", ""))),
        )
        for each in sent
    ]
    return tuple(sorted(told, key=lambda one: one.at.timestamp() if one.at else 0.0, reverse=True))


def pointers_shown(definition: Definition) -> frozenset[str]:
    """What of the data stands in the message's panel: it is not told a second time."""
    spec = definition.message
    if spec is None:
        return frozenset()
    own = {spec.text, spec.language, spec.sent_at, spec.earlier}
    own |= {parent(definition.person or ""), parent(definition.born or "")}
    properties = definition.schema.get("properties", {})
    own |= {f"/{key}" for key, part in properties.items() if is_word_list(part)}
    return frozenset(pointer for pointer in own if pointer)
