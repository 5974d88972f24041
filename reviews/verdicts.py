"""Verdicts: what a reviewer says, and when that is complete. Pure: no database, no clock."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from cases.definition import Definition, OutcomeSpec
from cases.definition.adverse import is_vague
from inference.words import Box
from reviews.models import Correction
from reviews.presenting.words import name as called

MOST_REASONS = 4
"""Principal reasons of an adverse verdict (Regulation B, 12 CFR 1002.9(b)(2) and its commentary)."""


class IncompleteVerdict(ValueError):
    """A verdict that can't be taken; `problems` maps what is missing to words for the reviewer."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a reviewer had a value read: a page's id, and a box in pixels of its image."""

    page: str
    box: Box

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Source | None":
        """The source in a word that was kept; None where it has none."""
        return cls(kept["page"], tuple(kept["box"])) if kept.get("page") else None

    def kept(self) -> dict[str, Any]:
        """The source as it is kept with its word."""
        return {"page": self.page, "box": list(self.box)}


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """A reviewer's word on one field; `value` only where it is corrected, `source` where they showed it."""

    kind: Correction.Kind
    value: str | None = None
    source: Source | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "FieldVerdict":
        """The word as a draft keeps it."""
        return cls(Correction.Kind(kept["kind"]), kept["value"], Source.of(kept))

    def kept(self) -> dict[str, Any]:
        """The word for a draft to keep."""
        source = self.source.kept() if self.source else {}
        return {"kind": self.kind.value, "value": self.value, **source}


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """What a reviewer lets the person know: the words, the `template` they began with, by which
    `contact`, and the id of the `slot` that they confirmed. All empty where they say nothing.
    """

    text: str = ""
    template: str = ""
    contact: str = ""
    slot: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.template or self.slot)

    @classmethod
    def of(cls, kept: Mapping[str, str] | None) -> "ReplyWords":
        """The reply as a draft keeps it."""
        return cls(**kept) if kept else cls()

    def kept(self) -> dict[str, str] | None:
        """The reply for a draft to keep."""
        return asdict(self) if self else None


NO_REPLY = ReplyWords()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer submits; `opened` is what they looked at, for the record.

    `needed_person` is their answer whether the case needed a person at all; None where they gave none.
    `pointed` are the fields that they point at as what shows a reason, by its code.
    """

    outcome: str
    reason_codes: tuple[str, ...] = ()
    explanation: str = ""
    fields: Mapping[str, FieldVerdict] = field(default_factory=dict)
    opened: Mapping[str, Any] = field(default_factory=dict)
    needed_person: bool | None = None
    reply: ReplyWords = NO_REPLY
    pointed: Mapping[str, str] = field(default_factory=dict)


def check_verdict(
    verdict: Verdict,
    definition: Definition,
    predicted: str | None,
    *,
    explained: bool = False,
    corrects: bool = False,
) -> bool:
    """Whether the verdict is an override; raises IncompleteVerdict with what is missing.

    An override (of the prediction, or with `corrects` of a read field) and an adverse verdict need at
    least one reason that can apply to the outcome and an explanation. With `explained` every verdict
    needs both: an independent one, since to ask only where it differs from the prediction would tell
    what that was, and one that differs from what the reviewer had committed to.
    """
    try:
        outcome = definition.outcome(verdict.outcome)
    except KeyError:
        raise IncompleteVerdict({"outcome": _("Choose an outcome.")}) from None
    override = corrects or (predicted is not None and predicted != outcome.name)
    explained = explained or override or outcome.adverse
    problems = {
        **reason_problems(verdict, definition, outcome, explained=explained),
        **field_problems(verdict, definition),
    }
    if explained and not verdict.explanation.strip():
        problems["explanation"] = _("Explain the verdict in a sentence.")
    elif outcome.adverse and is_vague(verdict.explanation):
        problems["explanation"] = _(
            "Say what it was in this case: a score, a policy or a standard is no explanation."
        )
    if problems:
        raise IncompleteVerdict(problems)
    return override


def reason_problems(
    verdict: Verdict, definition: Definition, outcome: OutcomeSpec, *, explained: bool
) -> dict[str, str]:
    """What is wrong with the reasons of a verdict."""
    allowed = {reason.code for reason in definition.reasons_for(outcome.name)}
    if not set(verdict.reason_codes) <= allowed:
        words = _("A chosen reason can't apply to “%(outcome)s”.")
        return {"reasons": words % {"outcome": _(outcome.label)}}
    if explained and not verdict.reason_codes:
        return {"reasons": _("Choose at least one reason.")}
    if outcome.adverse and len(set(verdict.reason_codes)) > MOST_REASONS:
        return {"reasons": _("Choose the four principal reasons at most.")}
    return {}


def field_problems(verdict: Verdict, definition: Definition) -> dict[str, str]:
    """What is wrong with the words on fields, by the field's name."""
    specs = {spec.name: spec for spec in definition.fields}
    problems = {}
    for name, word in verdict.fields.items():
        if name not in specs:
            problems[name] = _("There is no field %(name)s.") % {"name": name}
        elif word.kind == Correction.Kind.CORRECTED and not (word.value or "").strip():
            label = called(specs[name].label)
            problems[name] = _("%(field)s: enter the right value.") % {"field": label}
    return problems


def corrections_of(verdict: Verdict, read: Mapping[str, str | None]) -> dict[str, str]:
    """The fields for which the verdict puts another value in the place of one that was read."""
    return {
        name: word.value
        for name, word in verdict.fields.items()
        if word.kind == Correction.Kind.CORRECTED
        and word.value is not None
        and read[name] not in (None, word.value)
    }


def with_corrections_explained(
    verdict: Verdict,
    corrected: Mapping[str, str],
    read: Mapping[str, str | None],
    definition: Definition,
) -> Verdict:
    """A verdict that differs from read fields alone, with the reason and words that say so.

    What was read and what is right is the whole explanation; what the reviewer wrote comes first.
    Of a personal field it says no value: those stand with the corrections, where they can be masked.
    An adverse verdict, whose reasons an applicant is told, is left as it is.
    """
    if any(spec.adverse for spec in definition.outcomes if spec.name == verdict.outcome):
        return verdict
    words = [
        f"{spec.label}: read wrongly, corrected."
        if spec.personal
        else f"{spec.label}: read as {read[spec.name]}, is {corrected[spec.name]}."
        for spec in definition.fields
        if spec.name in corrected
    ]
    fitting = [spec.code for spec in definition.reasons_for(verdict.outcome) if spec.correction]
    return replace(
        verdict,
        reason_codes=verdict.reason_codes or tuple(fitting),
        explanation=verdict.explanation.strip() or " ".join(words),
    )


def given_at_once(definition: Definition, outcome: str) -> bool:
    """Whether a verdict counts without reason, words or a second question: nothing may delay it.

    So it is of an urgent outcome for which the pipeline has a reason that stands by itself. One that
    is adverse as well goes against somebody: that is never given without a word.
    """
    spec = next((spec for spec in definition.outcomes if spec.name == outcome), None)
    return (
        spec is not None
        and spec.urgent
        and not spec.adverse
        and any(reason.raises for reason in definition.reasons_for(outcome))
    )


def with_raise_explained(verdict: Verdict, definition: Definition) -> Verdict:
    """A verdict that raises a case to an urgent outcome, with the reason and words that say so.

    What the reviewer gave themselves comes first.
    """
    if not given_at_once(definition, verdict.outcome):
        return verdict
    fitting = [spec.code for spec in definition.reasons_for(verdict.outcome) if spec.raises]
    return replace(
        verdict,
        reason_codes=verdict.reason_codes or tuple(fitting),
        explanation=verdict.explanation.strip()
        or f"Raised to “{definition.outcome(verdict.outcome).label}”.",
    )
