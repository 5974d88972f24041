"""The list of fields: what was read, what must be settled first, and what the reviewer said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from cases.definition import FieldSpec
from inference.words import Box
from reviews.models import Correction
from reviews.presenting import values
from reviews.presenting.formats import decimals
from reviews.presenting.grids import Grid, differences, grid
from reviews.verdicts import Source

State = Literal["bad", "warn", "settled", "fine"]
STATE_WORDS: Mapping[State, str | Promise] = {
    "bad": lazy("To be settled"),
    "warn": lazy("To be checked"),
    "settled": lazy("Settled by you"),
    "fine": lazy("Read"),
}
NOTHING: Mapping[str, Any] = {}
INPUT_MODES = {"money": "decimal", "percentage": "decimal", "integer": "numeric"}


@dataclass(frozen=True, slots=True)
class ReadField:
    """A field as it was read: its canonical value, its page (1-based over the case) and its box."""

    value: str | None
    found: bool
    confidence: float
    mismatch: str
    page: int | None = None
    box: Box | None = None


LINE = 26
"""Letters that fit on a line of a field's box, about."""
UNREAD = ReadField(None, found=False, confidence=0.0, mismatch="")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text that could not be taken for a field, and why; `source` is where it was read."""

    name: str
    text: str
    error: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One line of the list. `struck` is the value as read where the reviewer corrected it, at `at`.

    `score` is how sure the reading is, in words: for who asks, since on every line it would drown
    what matters. Where it is of one of several papers, `short` is its label without that, and `sheet`
    the first page of the paper. A value that is a table has its cells in a `grid`, and where the
    reviewer corrected it what they `changed`, in the place of `struck`.
    """

    name: str
    label: str
    state: State
    value: str
    why: str
    struck: str
    page: int | None
    score: str
    choices: tuple[str, ...]
    figures: bool
    inputmode: str
    wraps: bool = False
    box: Box | None = None
    source: Source | None = None
    hint: str = ""
    error: str = ""
    at: datetime | None = None
    masked: bool = False
    illegible: bool = False
    short: str = ""
    sheet: int | None = None
    grid: Grid | None = None
    changed: tuple[str, ...] = ()

    @property
    def state_words(self) -> str:
        """The state for those who do not see its colour."""
        return str(STATE_WORDS[self.state])

    @property
    def lines(self) -> int:
        """How many lines its box has before scripts or the browser fit it to the words."""
        return 1 + len(self.value) // LINE

    @property
    def to_settle(self) -> bool:
        """Whether the reviewer is asked for a word on it."""
        return self.state in ("bad", "warn")


def field_row(
    spec: FieldSpec,
    read: ReadField,
    *,
    declared: Any,
    minimum: float,
    word: Mapping[str, Any] | None,
    allowed: Mapping[str, Any] = NOTHING,
    currency: str = "",
    short: str = "",
    sheet: int | None = None,
) -> FieldRow:
    """The line of one field. `minimum` is the confidence that the policy asks of it.

    `allowed` is what the data's schema says of the same fact, `currency` that of its amounts; `short`
    its label beside those of the same paper, whose first page is `sheet`.
    """
    claimed = values.declared(declared, spec, currency)
    state, why = said(word) if word else doubt(spec, read, claimed=claimed, minimum=minimum)
    corrected = word is not None and word["kind"] == Correction.Kind.CORRECTED
    value = word["value"] if word and corrected else read.value
    table = spec.type == "table"
    return FieldRow(
        name=spec.name,
        label=spec.label,
        state=state,
        value=values.shown(value, spec),
        why=why,
        struck=values.shown(read.value, spec) if corrected and not table else "",
        page=read.page,
        box=read.box,
        source=Source.of(word) if word else None,
        score=score(spec, read, minimum=minimum),
        choices=spec.choices,
        figures=spec.type in values.NUMERIC,
        inputmode=INPUT_MODES.get(spec.type, ""),
        wraps=spec.type in ("name", "text") or spec.format == "iban",
        hint=values.unusual(word["value"], spec, allowed) if word and corrected else "",
        at=datetime.fromisoformat(word["at"]) if word and "at" in word else None,
        illegible=word is not None and word["kind"] == Correction.Kind.ILLEGIBLE,
        short=short,
        sheet=sheet,
        grid=grid(value, spec) if table else None,
        changed=tuple(differences(read.value, value, spec)) if corrected and table else (),
    )


def score(spec: FieldSpec, read: ReadField, *, minimum: float) -> str:
    """How sure the reading of a field is, and what the policy asks where that is more."""
    if not read.found:
        return ""
    told = _("Read at %(confidence)s.") % {"confidence": decimals(read.confidence)}
    if not spec.required or read.confidence >= minimum:
        return told
    asked = _("At least %(minimum)s is asked.") % {"minimum": decimals(minimum)}
    return f"{told} {asked}"


def refused(row: FieldRow, refusal: Refusal, spec: FieldSpec) -> FieldRow:
    """The line with a text that could not be taken: it is not settled, whatever was said before."""
    before = row.state == "settled" and row.value
    kept = _("Kept so far: %(value)s") % {"value": row.value} if before else ""
    bare = replace(
        row, state="bad", struck="", changed=(), hint="", why=kept, at=None, illegible=False
    )
    if row.grid is not None:
        bare = replace(bare, grid=grid(refusal.text, spec))
    source = refusal.source or row.source
    return replace(bare, value=refusal.text, error=refusal.error, source=source)


def said(word: Mapping[str, Any]) -> tuple[State, str]:
    """What the reviewer said of a field; on the record, who that was and where it was read again."""
    kind = Correction.Kind(word["kind"])
    if "who" not in word:
        words = {
            Correction.Kind.CORRECTED: _("corrected by you"),
            Correction.Kind.ILLEGIBLE: _("Illegible, you say"),
            Correction.Kind.CONFIRMED: _("Confirmed by you"),
        }
        return "settled", words[kind]
    told = {
        Correction.Kind.CORRECTED: _("corrected by %(who)s"),
        Correction.Kind.ILLEGIBLE: _("Illegible, says %(who)s"),
        Correction.Kind.CONFIRMED: _("Confirmed by %(who)s"),
    }[kind] % {"who": word["who"]}
    again = {"words": told, "page": word["number"]}
    return "settled", _("%(words)s; read again on page %(page)s") % again if word[
        "number"
    ] else told


def doubt(spec: FieldSpec, read: ReadField, *, claimed: str, minimum: float) -> tuple[State, str]:
    """Whether a field wants a person's word, and why: what contradicts comes before what is unsure.

    `claimed` is what was declared, in words.
    """
    if read.mismatch == "differs":
        return "bad", _("Declared: %(value)s") % {"value": claimed}
    if spec.required and not read.found:
        return "bad", missing(claimed)
    if spec.required and read.confidence < minimum:
        return "warn", _("Not clearly read")
    if read.mismatch == "unsure":
        words = _("May differ from what was declared: %(value)s")
        return "warn", words % {"value": claimed}
    return "fine", "" if read.found else missing(claimed)


def asked_for(row: FieldRow, names: Collection[str]) -> FieldRow:
    """The line as one to be checked, where its name is among those that something else waits for."""
    return replace(row, state="warn") if row.state == "fine" and row.name in names else row


def missing(claimed: str) -> str:
    """That nothing was found, and what was declared instead."""
    if not claimed:
        return _("Not found on the papers")
    return _("Not found on the papers; declared: %(value)s") % {"value": claimed}


def errors_first(rows: Sequence[FieldRow]) -> tuple[list[FieldRow], list[FieldRow]]:
    """What must be settled, contradictions first, and the rest, each in the pipeline's order."""
    settle = sorted((row for row in rows if row.to_settle), key=lambda row: row.state != "bad")
    return settle, [row for row in rows if not row.to_settle]
