"""The letter that tells somebody of an adverse decision: the pipeline's words with the case's facts."""

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_date
from django.utils.timezone import get_default_timezone, localtime

from audit.vault import Vault
from cases.definition import Definition, at_pointer
from cases.definition.adverse import PLACE
from cases.definition.duties import AdverseSpec
from cases.models import Case, Decision

UNNAMED = "Sir or Madam"
BULLET = "– "
LANGUAGE = "en"
"""What pipelines' letters are written in; their dates go with it, whoever reads or prints them."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: who sends it, to whom, of which day, and its words."""

    sender: tuple[str, ...]
    address: tuple[str, ...]
    day: str
    reference: str
    words: str

    @property
    def text(self) -> str:
        """The whole letter as plain text, as it is sealed once it was sent."""
        parts = ("\n".join(self.sender), "\n".join(self.address), self.day, self.words)
        return "\n\n".join(part for part in parts if part) + "\n"


def letter_of(decision: Decision, case: Case, opened: Vault, *, now: datetime) -> Letter:
    """The letter that a decision owes, written `now`.

    Raises KeyError where the case's pipeline has no letter.
    """
    definition = case.definition
    if definition.adverse is None:
        raise KeyError(f"{definition.slug} has no letter")
    data = opened.open_json("data", case.sealed_data)
    person = one_line((definition.person and at_pointer(data, definition.person)) or "")
    place = definition.adverse.address
    where = lines((place and at_pointer(data, place)) or "")
    facts = {
        "person": person or UNNAMED,
        "reference": case.reference,
        "received": written(case.created_at),
        "decided": written(decision.decided_at),
        "outcome": definition.outcome(decision.outcome).label,
        "reasons": "\n".join(f"{BULLET}{text}" for text in principal_texts(decision, definition)),
        "sender": definition.adverse.sender.strip(),
    }
    return Letter(
        sender=lines(definition.adverse.sender),
        address=tuple(each for each in (person, *where) if each),
        day=written(now),
        reference=case.reference,
        words=filled(definition.adverse, facts),
    )


def filled(spec: AdverseSpec, facts: dict[str, str]) -> str:
    """The pipeline's letter with the facts in its places; nothing in a fact is a place itself."""
    return PLACE.sub(lambda place: facts.get(place[1], place[0]), spec.letter.strip())


def principal_texts(decision: Decision, definition: Definition) -> list[str]:
    """The reasons that somebody is told: how a paper was read is none of them, where there are others."""
    known = {reason.code: reason for reason in definition.reasons_for(decision.outcome)}
    cited = [known[code] for code in decision.reason_codes if code in known]
    principal = [reason for reason in cited if not reason.correction] or cited
    return [reason.text for reason in principal]


def lines(text: object) -> tuple[str, ...]:
    """The lines of an address: its own, or what commas part."""
    whole = str(text).strip()
    parts = whole.splitlines() if "\n" in whole else whole.split(",")
    return tuple(line for part in parts if (line := one_line(part)))


def one_line(text: object) -> str:
    """A text in one line."""
    return " ".join(str(text).split())


def written(at: datetime) -> str:
    """A day in full, in the house's own time zone: 31 March 2026."""
    day = localtime(at, get_default_timezone()).date()
    return str(format_date(day, "d MMMM y", locale=LANGUAGE))
