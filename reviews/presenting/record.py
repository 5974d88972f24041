"""What became of a case: its decision and the reviews that led there, for whoever reads the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.vault import Vault
from cases.definition import Definition
from cases.models import Decision
from reviews.models import Correction, Reopening, Reply, Review, Signature, Stage
from reviews.presenting import values
from reviews.presenting.appointments import day_and_time
from reviews.presenting.grids import differences
from reviews.replying import text_of
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
class Superseded:
    """A decision that was superseded: what it was, since when it is none, and who said so, and why."""

    ruling: Ruling
    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a reviewer said of one field, beside what was read; `page` is where they had it read again.

    Of a table it is said what changed, a line for each cell and row, and `read` is empty.
    """

    field: str
    label: str
    read: str
    said: str
    corrected: bool
    illegible: bool
    page: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """What the person is told: how, by which words, and with which appointment; both may be empty."""

    how: str
    text: str
    appointment: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as it is shown and printed: who, when in UTC, and what it means (21 CFR 11.50(a))."""

    name: str
    at: datetime
    meaning: str
    method: str

    @property
    def stamp(self) -> str:
        """The time as it is printed, in whatever zone its reader is."""
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC"


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
    reply: Told | None
    signature: Signed | None


def ruling(decision: Decision, definition: Definition) -> Ruling:
    """A decision in words."""
    automatic = decision.made_by == Decision.MadeBy.POLICY
    return Ruling(
        label=_(definition.outcome(decision.outcome).label),
        adverse=decision.adverse,
        how=_("Decided by the policy, without a person") if automatic else _("Decided by review"),
        at=decision.decided_at,
        override=decision.override,
    )


def superseded(
    decisions: Sequence[Decision], reopenings: Sequence[Reopening], definition: Definition
) -> list[Superseded]:
    """Superseded decisions in words, each with the reopening that did it: both in order."""
    return [
        Superseded(
            ruling=ruling(decision, definition),
            at=decision.superseded_at,
            who=reopening.opened_by.shown_name,
            why=reopening.reason,
        )
        for decision, reopening in zip(decisions, reopenings, strict=False)
        if decision.superseded_at is not None
    ]


def judgements(
    reviews: Sequence[Review],
    definition: Definition,
    opened: Vault,
    numbers: Mapping[UUID, int],
) -> list[Judgement]:
    """Reviews in words; their corrections must be prefetched. `numbers` are those of the pages."""
    return [judgement(review, definition, opened, numbers) for review in reviews]


def judgement(
    review: Review, definition: Definition, opened: Vault, numbers: Mapping[UUID, int]
) -> Judgement:
    """One review in words."""
    outcome = definition.outcome(review.outcome)
    texts = {reason.code: reason.text for reason in definition.reasons}
    said = opened.open(f"explanation:{review.claim_id}", review.sealed_explanation).decode()
    return Judgement(
        stage=_("Sample, judged unseen") if of_sample(review) else str(Stage(review.stage).label),
        label=_(outcome.label),
        adverse=outcome.adverse,
        who=review.reviewer.shown_name,
        at=review.reviewed_at,
        override=review.override,
        reasons=tuple(_(texts.get(code, code)) for code in review.reason_codes),
        explanation=said,
        changes=tuple(
            change(each, definition, opened, numbers) for each in review.corrections.all()
        ),
        reply=told(reply, opened) if (reply := getattr(review, "reply", None)) else None,
        signature=signed(review),
    )


def signed(review: Review) -> Signed | None:
    """A review's signature in words, where it was signed."""
    signature: Signature | None = getattr(review, "signature", None)
    if signature is None:
        return None
    return Signed(
        name=signature.printed_name,
        at=signature.signed_at.astimezone(UTC),
        meaning=_(signature.meaning),
        method=str(Signature.Method(signature.method).label),
    )


def of_sample(review: Review) -> bool:
    """Whether a review decided nothing: its case was settled, and judged to measure."""
    return any(reason["code"] == "sampled" for reason in review.route.reasons)


def told(reply: Reply, opened: Vault) -> Told:
    """A reply in words."""
    return Told(
        how=str(Reply.Contact(reply.contact).label),
        text=text_of(reply, opened),
        appointment=day_and_time(reply.slot) if reply.slot else "",
    )


def change(
    correction: Correction, definition: Definition, opened: Vault, numbers: Mapping[UUID, int]
) -> Change:
    """A correction in words."""
    spec = definition.field_spec(correction.field)
    said, kind = sealed_words(correction, opened), Correction.Kind(correction.kind)
    cells = differences(said["read"], said["right"], spec) if spec.type == "table" else []
    told_apart = bool(cells) and kind is kind.CORRECTED
    words = {
        Correction.Kind.CORRECTED: "\n".join(cells) or values.shown(said["right"], spec),
        Correction.Kind.ILLEGIBLE: _("illegible"),
        Correction.Kind.CONFIRMED: _("confirmed"),
    }[kind]
    return Change(
        field=spec.name,
        label=_(spec.label),
        read="" if told_apart else values.shown(said["read"], spec) or _("not found"),
        said=words,
        corrected=kind is kind.CORRECTED,
        illegible=kind is kind.ILLEGIBLE,
        page=page_of(said, numbers),
    )


def words_on_fields(
    reviews: Sequence[Review], opened: Vault, numbers: Mapping[UUID, int]
) -> dict[str, dict[str, Any]]:
    """What was last said of each field, as a draft has it, with who said it and when."""
    words = {}
    for review in reviews:
        for correction in review.corrections.all():
            said = sealed_words(correction, opened)
            words[correction.field] = {
                "kind": correction.kind,
                "value": said["right"],
                "who": review.reviewer.shown_name,
                "at": review.reviewed_at.isoformat(),
                "number": page_of(said, numbers),
            }
    return words


def sealed_words(correction: Correction, opened: Vault) -> Mapping[str, Any]:
    """What a correction keeps sealed: the value read, the right one, and where that was read."""
    purpose = correction_purpose(correction.review.claim_id, correction.field)
    said: Mapping[str, Any] = opened.open_json(purpose, correction.sealed_values)
    return said


def page_of(said: Mapping[str, Any], numbers: Mapping[UUID, int]) -> int | None:
    """The number of the page on which the reviewer had a region read again."""
    return numbers.get(UUID(said["page"])) if said.get("page") else None
