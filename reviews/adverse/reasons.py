"""Which reasons are true of a case, and which contradict what the same reviewer says of it. Pure.

The reasons of a denial have to relate to and accurately describe the factors actually considered or
scored (12 CFR 1002.9(b)(2) and its comment 9(b)(2)-2). So a reason is *grounded* where the model counted
one of its factors against the person, where one of its rules or flags fired, where a paper differs from
the data on one of its fields, or where the reviewer settled one of its fields. People may decide by what
no model looked at: then they point at the field that shows it, which they have settled themselves.

Who judges unseen must learn nothing of what the model said, not even by what is refused: for them a
factor counts where the application states it, whatever the model made of that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from cases.definition import Definition, ReasonSpec
from reviews.models import Correction
from reviews.verdicts import FieldVerdict

Kind = Literal[
    "scored", "stated", "fired", "differs", "corrected", "confirmed", "illegible", "pointed"
]
NO_WORDS: Mapping[str, FieldVerdict] = {}
SAYS: Mapping[Correction.Kind, Kind] = {
    Correction.Kind.CORRECTED: "corrected",
    Correction.Kind.CONFIRMED: "confirmed",
    Correction.Kind.ILLEGIBLE: "illegible",
}
SETTLED = (Correction.Kind.CORRECTED, Correction.Kind.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Ground:
    """What bears a reason out: a factor, a rule or a field, by its name.

    `points` are those that a factor counts towards the outcome, in the model's own units.
    """

    kind: Kind
    name: str
    points: float = 0.0


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """A field as it was read, what the data declares of the same fact, and how the two compare."""

    read: str | None = None
    declared: Any = None
    mismatch: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What may bear a reason out. `towards` are the points of each scored factor towards the outcome.

    None where the judge may not know them; then `stated` are the factors that the application states.
    `fired` are rules and flags, `words` the reviewer's own on fields, `pointed` the fields that they
    point at for a reason, by its code.
    """

    towards: Mapping[str, float] | None = None
    stated: frozenset[str] = frozenset()
    fired: frozenset[str] = frozenset()
    fields: Mapping[str, FieldSeen] = field(default_factory=dict)
    words: Mapping[str, FieldVerdict] = field(default_factory=dict)
    pointed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two things that the same reviewer says and that can't both be; `field` is where they meet."""

    kind: Literal["above", "below", "agrees", "illegible"]
    reason: str
    field: str


def grounds(reason: ReasonSpec, facts: Facts) -> tuple[Ground, ...]:
    """What bears a reason out, the weightiest first; empty where nothing does."""
    scored = sorted(scored_for(reason, facts), key=lambda each: -each.points)
    return (
        *scored,
        *fired_for(reason, facts),
        *shown_for(reason, facts),
        *pointed_for(reason, facts),
    )


def scored_for(reason: ReasonSpec, facts: Facts) -> Iterator[Ground]:
    """Factors that were scored towards the outcome or, for who judges unseen, that are stated."""
    for name in reason.factors:
        if facts.towards is None and name in facts.stated:
            yield Ground("stated", name)
        elif facts.towards is not None and facts.towards.get(name, 0.0) > 0:
            yield Ground("scored", name, facts.towards[name])


def fired_for(reason: ReasonSpec, facts: Facts) -> Iterator[Ground]:
    """Rules and flags that fired."""
    return (Ground("fired", name) for name in reason.rules if name in facts.fired)


def shown_for(reason: ReasonSpec, facts: Facts) -> Iterator[Ground]:
    """Fields that differ from the data, and those that the reviewer settled or can't read."""
    for name, seen in facts.fields.items():
        base, word = name.partition("-")[0], facts.words.get(name)
        if base not in reason.fields or contradiction_at(reason, name, seen, word):
            continue
        if word is None:
            if seen.mismatch == "differs":
                yield Ground("differs", name)
        elif bears_out(reason, base, seen, word):
            yield Ground(SAYS[word.kind], name)


def bears_out(reason: ReasonSpec, base: str, seen: FieldSeen, word: FieldVerdict) -> bool:
    """Whether a word on a field is one for the reason: that its amount is too low nobody says unread."""
    if base in reason.differs:
        return word.kind != Correction.Kind.ILLEGIBLE and not agrees(seen, word)
    return word.kind != Correction.Kind.ILLEGIBLE or base not in (*reason.low, *reason.high)


def pointed_for(reason: ReasonSpec, facts: Facts) -> Iterator[Ground]:
    """The field that the reviewer points at, where they settled it themselves."""
    name = facts.pointed.get(reason.code, "")
    word = facts.words.get(name)
    if word is not None and word.kind in SETTLED and name in facts.fields:
        base = name.partition("-")[0]
        if base not in reason.fields or not contradiction_at(
            reason, name, facts.fields[name], word
        ):
            yield Ground("pointed", name)


# ---------------------------------------------------------------- contradictions


def contradictions(reason: ReasonSpec, facts: Facts, *, adverse: bool) -> Iterator[Contradiction]:
    """What the reviewer says of fields that can't be true beside a reason they cite."""
    own = [name for name in facts.fields if name.partition("-")[0] in reason.fields]
    if adverse:
        for name in own:
            found = contradiction_at(reason, name, facts.fields[name], facts.words.get(name))
            if found and (found.kind != "agrees" or not still_differs(own, facts)):
                yield found
    elif own and all(unreadable(facts.words.get(name)) for name in own):
        yield Contradiction("illegible", reason.code, own[0])


def contradiction_at(
    reason: ReasonSpec, name: str, seen: FieldSeen, word: FieldVerdict | None
) -> Contradiction | None:
    """What a correction of one field says against the reason, if anything.

    That an amount is too low can't be, where it was just corrected above all that was read or declared;
    nor that the papers contradict the data by a field that was corrected to what the data says.
    """
    base = name.partition("-")[0]
    if word is None or word.kind != Correction.Kind.CORRECTED:
        return None
    if base in reason.differs and agrees(seen, word):
        return Contradiction("agrees", reason.code, name)
    right, known = number(word.value), [number(seen.read), number(seen.declared)]
    said = [each for each in known if each is not None]
    if right is None or not said:
        return None
    if base in reason.low and right > max(said):
        return Contradiction("above", reason.code, name)
    if base in reason.high and right < min(said):
        return Contradiction("below", reason.code, name)
    return None


def still_differs(names: list[str], facts: Facts) -> bool:
    """Whether any of the fields differs from the data by the reviewer's words."""
    return any(
        facts.fields[name].mismatch == "differs"
        if (word := facts.words.get(name)) is None
        else word.kind != Correction.Kind.ILLEGIBLE and not agrees(facts.fields[name], word)
        for name in names
        if name in facts.words or facts.fields[name].mismatch
    )


def agrees(seen: FieldSeen, word: FieldVerdict) -> bool:
    """Whether a field, as the reviewer has it, says what the data declares; without that it does."""
    if seen.declared is None:
        return True
    if word.kind == Correction.Kind.CONFIRMED:
        return seen.mismatch != "differs"
    right, declared = number(word.value), number(seen.declared)
    if right is not None and declared is not None:
        return right == declared
    return plain(word.value) == plain(seen.declared)


def unreadable(word: FieldVerdict | None) -> bool:
    """Whether the reviewer says that nobody can read a field."""
    return word is not None and word.kind == Correction.Kind.ILLEGIBLE


def number(value: Any) -> Decimal | None:
    """A value as a number; None where it is none."""
    try:
        found = Decimal(str(value)) if value is not None and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def plain(value: Any) -> str:
    """A text as it is compared: without its spaces and capitals."""
    return "".join(str(value).split()).casefold()


# ---------------------------------------------------------------- the facts of a case


def points_towards(
    outcome: str, definition: Definition, contributions: list[Mapping[str, Any]]
) -> dict[str, float]:
    """What each scored factor counts towards an outcome; a factor that was missing counts nothing.

    The points of a model that knows two outcomes speak for the first; those of one that knows more
    speak for the outcome that it predicts, and are no factors against anybody here.
    """
    model = definition.model
    if model is None or len(model.outcomes) > 2 or outcome not in model.outcomes:
        return {}
    sign = 1.0 if outcome == model.positive else -1.0
    return {
        each["feature"]: sign * float(each["points"])
        for each in contributions
        if not each.get("missing")
    }


def stated_in(definition: Definition, declared: Mapping[str, Any]) -> frozenset[str]:
    """The factors that an application states, of those that `declared` holds by name."""
    model = definition.model
    features = model.features if model else {}
    return frozenset(name for name in features if declared.get(name) is not None)


def principal(definition: Definition, outcome: str, facts: Facts, most: int) -> tuple[str, ...]:
    """The reasons that weigh most against the person, of those that are borne out; `most` at most."""
    weighed = [
        (sum(ground.points for ground in found), reason.code)
        for reason in definition.reasons_for(outcome)
        if reason.names_facts and (found := grounds(reason, facts))
    ]
    ordered = sorted(weighed, key=lambda each: -each[0])
    return tuple(code for _, code in ordered[:most])


def grounds_asked(definition: Definition, outcome: str) -> bool:
    """Whether reasons for an outcome have to be borne out: it is adverse, and some say by which facts."""
    spec = next((spec for spec in definition.outcomes if spec.name == outcome), None)
    return bool(spec and spec.adverse) and any(
        reason.names_facts for reason in definition.reasons_for(outcome)
    )
