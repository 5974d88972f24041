"""What became of a case: its decision and the reviews that led there, for whoever reads the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.vault import Vault
from cases.definition import Definition
from cases.models import Decision
from reviews.models import Correction, Review, Stage
from reviews.presenting import values
from reviews.reviewing import correction_purpose


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision in words."""

    label: str
    adverse: bool
    how: str
    at: datetime
    override: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What a reviewer said of one field, beside what was read."""

    label: str
    read: str
    said: str
    corrected: bool
    illegible: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """One review in words."""

    stage: str
    label: str
    adverse: bool
    who: str
    at: datetime
    override: bool
    reasons: tuple[str, ...]
    explanation: str
    changes: tuple[Change, ...]


def ruling(decision: Decision, definition: Definition) -> Ruling:
    """A decision in words."""
    automatic = decision.made_by == Decision.MadeBy.POLICY
    return Ruling(
        label=definition.outcome(decision.outcome).label,
        adverse=decision.adverse,
        how="by the policy, without a person" if automatic else "by review",
        at=decision.decided_at,
        override=decision.override,
    )


def judgements(reviews: Sequence[Review], definition: Definition, opened: Vault) -> list[Judgement]:
    """Reviews in words; their corrections must be prefetched."""
    texts = {reason.code: reason.text for reason in definition.reasons}
    return [
        Judgement(
            stage=Stage(review.stage).label,
            label=definition.outcome(review.outcome).label,
            adverse=definition.outcome(review.outcome).adverse,
            who=review.reviewer.shown_name,
            at=review.reviewed_at,
            override=review.override,
            reasons=tuple(texts.get(code, code) for code in review.reason_codes),
            explanation=opened.open(
                f"explanation:{review.claim_id}", review.sealed_explanation
            ).decode(),
            changes=tuple(
                change(correction, definition, opened) for correction in review.corrections.all()
            ),
        )
        for review in reviews
    ]


def change(correction: Correction, definition: Definition, opened: Vault) -> Change:
    """A correction in words."""
    spec = definition.field_spec(correction.field)
    purpose = correction_purpose(correction.review.claim_id, correction.field)
    said: Mapping[str, Any] = opened.open_json(purpose, correction.sealed_values)
    kind = Correction.Kind(correction.kind)
    words = {
        Correction.Kind.CORRECTED: values.shown(said["right"], spec),
        Correction.Kind.ILLEGIBLE: "illegible",
        Correction.Kind.CONFIRMED: "confirmed",
    }[kind]
    return Change(
        label=spec.label,
        read=values.shown(said["read"], spec) or "not found",
        said=words,
        corrected=kind is kind.CORRECTED,
        illegible=kind is kind.ILLEGIBLE,
    )
