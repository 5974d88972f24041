"""Messages that no patient wrote: put together from wordings, by a fixed seed. Pure.

Wordings, and what stands round them, are split among `PARTS` before anything is put together: what a
message of one part is made of is in no message of another. So figures on the part for testing are
about phrasing that the model never saw.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

Part = Literal["training", "calibration", "testing"]
PARTS: Final[tuple[Part, ...]] = ("training", "calibration", "testing")
URGENCIES: Final = ("emergency", "same_day", "routine", "self_care")
"""Most urgent first."""
HERE: Final = Path(__file__).parent
DEALT: Final = "ttxtcttxttxtcttxtxtc"
"""Which part each of twenty wordings in a row goes to: t for training, c for calibration, x for testing."""
LETTERS: Final[Mapping[Part, str]] = {"training": "t", "calibration": "c", "testing": "x"}
COPIES: Final[Mapping[Part, int]] = {"training": 8, "calibration": 4, "testing": 1}
"""How many messages are made of each wording."""
CHANCES: Final[Mapping[str, Mapping[str, float]]] = {
    # of          emergency, same day, routine, self-care
    "calm": dict(zip(URGENCIES, (0.06, 0.12, 0.30, 0.45), strict=True)),
    "worse": dict(zip(URGENCIES, (0.30, 0.20, 0.0, 0.0), strict=True)),
    "denials": dict(zip(URGENCIES, (0.15, 0.25, 0.35, 0.40), strict=True)),
    "histories": dict.fromkeys(URGENCIES, 0.12),
    "chatter": dict.fromkeys(URGENCIES, 0.30),
    "greetings": dict.fromkeys(URGENCIES, 0.55),
    "closings": dict.fromkeys(URGENCIES, 0.45),
    "since": dict.fromkeys(URGENCIES, 0.65),
    "second": dict.fromkeys(URGENCIES, 0.15),
    "other person": dict.fromkeys(URGENCIES, 0.20),
}
"""How often a message has each of these."""
SLIPPED: Final = 0.25
"""The share of messages with slips of the pen; training has none, its vocabulary being learnt there."""
PEOPLE: Final = (
    ("my husband", "he"), ("my wife", "she"), ("my mum", "she"), ("my dad", "he"), ("my partner", "he"),
    ("my sister", "she"), ("my flatmate", "he"), ("my aunt", "she"),
)  # fmt: skip
TURNED: Final[Mapping[str, tuple[str, str]]] = {
    "i": ("he", "she"), "i'm": ("he's", "she's"), "i've": ("he's", "she's"), "my": ("his", "her"),
    "me": ("him", "her"), "myself": ("himself", "herself"), "am": ("is", "is"), "have": ("has", "has"),
    "i'd": ("he'd", "she'd"),
}  # fmt: skip
FIRST_PERSON: Final = re.compile(r"\b(?:i'm|i've|i'd|i|myself|my|me|am|have)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a message is about, in many wordings; `who` is the kind of person, "anyone" unless said."""

    name: str
    urgency: str
    rests_on: str
    since: str
    wordings: tuple[str, ...]
    who: str = "anyone"


@dataclass(frozen=True, slots=True)
class Message:
    """A made message with its true urgency, and the wording that it is made of."""

    text: str
    urgency: str
    complaint: str
    wording: str


@cache
def complaints() -> tuple[Complaint, ...]:
    """All complaints, most urgent first."""
    read = []
    for urgency in URGENCIES:
        raw = tomllib.loads((HERE / f"{urgency}.toml").read_text(encoding="utf-8"))
        for each in raw["complaints"]:
            read.append(
                Complaint(**{**each, "wordings": tuple(each["wordings"]), "urgency": urgency})
            )
    return tuple(read)


@cache
def talk() -> dict[str, Any]:
    """What stands round a complaint."""
    return tomllib.loads((HERE / "talk.toml").read_text(encoding="utf-8"))


def dealt(wordings: Sequence[str], part: Part, *, first: int = 0) -> list[str]:
    """The wordings of a list that go to a part."""
    return [
        each
        for place, each in enumerate(wordings, start=first)
        if DEALT[place % len(DEALT)] == LETTERS[part]
    ]


def wordings(part: Part) -> Iterator[tuple[Complaint, str]]:
    """Every wording of a part, with its complaint."""
    for number, complaint in enumerate(complaints()):
        for wording in dealt(complaint.wordings, part, first=number):
            yield complaint, wording


@cache
def messages(part: Part) -> tuple[Message, ...]:
    """The messages of a part: as many of each of its wordings as COPIES say."""
    return tuple(
        message(complaint, wording, part, random.Random(f"{part} {copy} {wording}"))  # noqa: S311  # no secret
        for complaint, wording in wordings(part)
        for copy in range(COPIES[part])
    )


def message(complaint: Complaint, wording: str, part: Part, chance: random.Random) -> Message:
    """One message about a wording of a complaint."""

    def has(what: str) -> bool:
        return chance.random() < CHANCES[what][complaint.urgency]

    def one(what: str) -> str:
        return chance.choice(dealt(talk()[what], part))

    said = [framed(told(complaint, wording, part, chance), one("frames"))]
    around = [one(what) for what in ("worse", "calm", "histories") if has(what)]
    if has("denials"):
        around += fitting(dealt(talk()["denials"], part), wording, chance)
    if has("second"):
        around += second(complaint, part, chance)
    chance.shuffle(around)
    said += around
    if has("chatter"):
        said.insert(chance.choice((0, len(said))), one("chatter"))
    head = [one("greetings")] if has("greetings") else []
    tail = [one("closings")] if has("closings") else []
    text = written(head, said + tail, chance)
    if part != "training" and chance.random() < SLIPPED:
        text = slipped(text, chance)
    return Message(text, complaint.urgency, complaint.name, wording)


def told(complaint: Complaint, wording: str, part: Part, chance: random.Random) -> str:
    """The wording, perhaps said of another person, and perhaps with since when."""
    said = wording
    if complaint.who == "anyone" and chance.random() < CHANCES["other person"][complaint.urgency]:
        said = of_another(wording, *chance.choice(PEOPLE))
    if complaint.since != "none" and chance.random() < CHANCES["since"][complaint.urgency]:
        since = chance.choice(dealt(talk()["since"][complaint.since], part))
        return f"{said}{chance.choice((', ', ' ', '. '))}{since}"
    return said


def of_another(wording: str, person: str, pronoun: str) -> str:
    """What somebody says of themselves, said of a person: "I have" is then "my husband has"."""
    form = pronoun == "she"
    turned = FIRST_PERSON.sub(lambda found: TURNED[found[0].lower()][form], wording)
    if turned.startswith(f"{pronoun} "):
        return f"{person} {turned.removeprefix(f'{pronoun} ')}"
    return f"it's about {person}, {turned}"


def framed(said: str, frame: str) -> str:
    """What is said, within a sentence."""
    return frame.replace("{x}", said)


def fitting(denials: Sequence[str], wording: str, chance: random.Random) -> list[str]:
    """One or two denials that do not deny what the wording says."""
    said = set(long_words(wording))
    fit = [each for each in denials if not said & set(long_words(each))]
    return chance.sample(fit, min(len(fit), chance.choice((1, 1, 2))))


def long_words(text: str) -> list[str]:
    """The words of a text that have some meaning of their own."""
    return [word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 3]


def second(complaint: Complaint, part: Part, chance: random.Random) -> list[str]:
    """Another complaint of the same person that is not more urgent."""
    start = chance.choice(("also ", "and ", "besides, "))
    return [start + chance.choice(others(complaint, part))]


@cache
def others(complaint: Complaint, part: Part) -> tuple[str, ...]:
    """The wordings of other complaints that anybody may have, and that are not more urgent."""
    return tuple(
        wording
        for other, wording in wordings(part)
        if other.who == "anyone"
        and other.name != complaint.name
        and URGENCIES.index(other.urgency) >= URGENCIES.index(complaint.urgency)
    )


def written(head: Sequence[str], said: Sequence[str], chance: random.Random) -> str:
    """The sentences as a text, in one of the ways in which people type."""
    sentences = [each if each[-1] in "?.!" else f"{each}." for each in said]
    if chance.random() < 0.7:
        sentences = [each[0].upper() + each[1:] for each in sentences]
    opening = "".join(f"{each}{chance.choice((',', '', '.'))}\n" for each in head)
    text = opening + " ".join(sentences)
    return text.lower() if chance.random() < 0.15 else text


def slipped(text: str, chance: random.Random) -> str:
    """The text with a slip of the pen in one or two of its longer words."""
    places = [match.span() for match in re.finditer(r"[a-z]{6,}", text)]
    for start, end in sorted(chance.sample(places, min(len(places), 2)), reverse=True):
        at = chance.randrange(start + 1, end - 1)
        slip = chance.choice(("drop", "double", "swap"))
        if slip == "drop":
            text = text[:at] + text[at + 1 :]
        elif slip == "double":
            text = text[:at] + text[at] + text[at:]
        else:
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text
