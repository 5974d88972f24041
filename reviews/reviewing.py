"""Reviews: a reviewer's verdict, fenced by their claim and the case's version, and what follows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.vault import Vault
from cases.decisions import decide
from cases.definition import Definition
from cases.models import Case, Decision, PipelineVersion, Status
from inference.models import FieldRead
from reviews.models import Claim, Correction, QueueEntry, Review, Route, Stage
from reviews.rights import Rights

CASE = ("id", "pipeline_id", "pipeline_version_id", "status", "version")
ROUTE = ("id", "prediction_id", "second_review_queue_id")
ENTRY = ("case_id", "queue_id", "route_id", "stage", "round")
LOCK = """
SELECT claim.reviewer_id = %(reviewer)s AND claim.ended_at IS NULL
           AND claim.expires_at > clock_timestamp(),
       prediction.outcome, version.sha256,
       held.id, held.pipeline_id, held.pipeline_version_id, held.status, held.version,
       route.id, route.prediction_id, route.second_review_queue_id,
       entry.case_id, entry.queue_id, entry.route_id, entry.stage, entry.round
FROM reviews_queueentry entry
JOIN reviews_claim claim ON claim.id = entry.claim_id
JOIN reviews_route route ON route.id = entry.route_id
JOIN cases_case held ON held.id = entry.case_id
JOIN cases_pipelineversion version ON version.id = held.pipeline_version_id
LEFT JOIN inference_prediction prediction ON prediction.id = route.prediction_id
WHERE entry.claim_id = %(fence)s
FOR NO KEY UPDATE OF entry, held, claim
"""
KEEP = """
WITH ended AS (
    UPDATE reviews_claim SET ended_at = clock_timestamp(), ended = %(ended)s
    WHERE id = %(claim)s),
gone AS (
    DELETE FROM reviews_draft WHERE case_id = %(case)s AND reviewer_id = %(reviewer)s)
INSERT INTO reviews_review (
    case_id, reviewer_id, claim_id, route_id, round, stage, outcome, override, reason_codes,
    sealed_explanation, shown)
VALUES (
    %(case)s, %(reviewer)s, %(claim)s, %(route)s, %(round)s, %(stage)s, %(outcome)s, %(override)s,
    %(reasons)s::jsonb, %(explanation)s, %(shown)s::jsonb)
RETURNING id
"""
"""Both by hand: nothing is done as often, and the ORM would cost more than the database."""


class LateWrite(Exception):
    """The case has moved on since the reviewer opened it; `changed` says how, in words."""

    def __init__(self, changed: str) -> None:
        super().__init__(changed)
        self.changed = changed


class IncompleteVerdict(ValueError):
    """A verdict that can't be taken; `problems` maps what is missing to words for the reviewer."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """A reviewer's word on one field; `value` only where it is corrected."""

    kind: Correction.Kind
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer submits; `opened` is what they looked at, for the record."""

    outcome: str
    reason_codes: tuple[str, ...] = ()
    explanation: str = ""
    fields: Mapping[str, FieldVerdict] = field(default_factory=dict)
    opened: Mapping[str, Any] = field(default_factory=dict)


def check_verdict(
    verdict: Verdict,
    definition: Definition,
    predicted: str | None,
    *,
    stage: str,
    corrects: bool = False,
) -> bool:
    """Whether the verdict is an override; raises IncompleteVerdict with what is missing.

    An override (of the prediction, or with `corrects` of a read field) and an adverse verdict need at
    least one reason that can apply to the outcome and an explanation; an adverse one states at most
    four principal reasons (Regulation B, 12 CFR 1002.9(b)(2) and its commentary). After the first
    stage every verdict needs both: to ask only where it differs from the prediction would tell an
    independent reviewer what that was.
    """
    try:
        outcome = definition.outcome(verdict.outcome)
    except KeyError:
        raise IncompleteVerdict({"outcome": "Choose an outcome."}) from None
    override = corrects or (predicted is not None and predicted != outcome.name)
    explained = override or outcome.adverse or stage != Stage.FIRST
    problems = {}
    allowed = {reason.code for reason in definition.reasons_for(outcome.name)}
    if not set(verdict.reason_codes) <= allowed:
        problems["reasons"] = f"A chosen reason can't apply to {outcome.label.lower()}."
    elif explained and not verdict.reason_codes:
        problems["reasons"] = "Choose at least one reason."
    elif outcome.adverse and len(set(verdict.reason_codes)) > 4:
        problems["reasons"] = "Choose the four principal reasons at most."
    if explained and not verdict.explanation.strip():
        problems["explanation"] = "Explain the verdict in a sentence."
    known = {spec.name for spec in definition.fields}
    for name, word in verdict.fields.items():
        if name not in known:
            problems[name] = f"There is no field {name}."
        elif word.kind == Correction.Kind.CORRECTED and not (word.value or "").strip():
            problems[name] = f"{definition.field_spec(name).label}: enter the right value."
    if problems:
        raise IncompleteVerdict(problems)
    return override


@transaction.atomic
def submit_review(
    *,
    fence: int,
    case_version: int,
    verdict: Verdict,
    reviewer: User,
    rights: Rights,
    by: Actor,
) -> Decision | None:
    """Takes a reviewer's verdict; returns the decision where it ends the case.

    It is an override where it differs from the prediction, or corrects a field that was read: what
    was read and what is right are then kept beside it. Raises LateWrite where the claim, the case or
    the right to judge is no longer what the reviewer saw, and IncompleteVerdict. What follows: a
    second review where the route asks for one, an adjudication where the outcomes of first and
    second differ, else the decision.
    """
    entry, predicted = locked_entry(fence, case_version=case_version, reviewer=reviewer)
    if not rights.may_review(entry.queue_id, entry.stage):
        raise LateWrite("Your right to judge cases of this queue has been withdrawn.")
    case, route = entry.case, entry.route
    opened = vault.of(case.pk)
    read = values_read(case, verdict, opened)
    corrected = corrections_of(verdict, read)
    if corrected and verdict.outcome == predicted and entry.stage == Stage.FIRST:
        verdict = with_corrections_explained(verdict, corrected, read, case.definition)
    override = check_verdict(
        verdict, case.definition, predicted, stage=entry.stage, corrects=bool(corrected)
    )
    review = Review(
        case=case,
        reviewer=reviewer,
        claim_id=fence,
        route=route,
        round=entry.round,
        stage=entry.stage,
        outcome=verdict.outcome,
        override=override,
        reason_codes=list(dict.fromkeys(verdict.reason_codes)),
        sealed_explanation=opened.seal(f"explanation:{fence}", verdict.explanation.encode()),
        shown={
            "case_version": case.version,
            "prediction": route.prediction_id,
            "route": route.pk,
            "opened": dict(verdict.opened),
        },
    )
    keep_review(review)
    correct_fields(review, verdict, read, opened)
    record(
        "review.submitted",
        by=by,
        case_id=case.pk,
        pipeline=case.definition.slug,
        data={
            "review": review.pk,
            "claim": fence,
            "stage": review.stage,
            "outcome": review.outcome,
            "override": override,
            "reasons": review.reason_codes,
            "fields": {name: word.kind for name, word in sorted(verdict.fields.items())},
        },
        commitments={"explanation": opened.commitment(f"explanation:{fence}", verdict.explanation)},
    )
    return follow(review, entry, by=by)


def locked_entry(fence: int, *, case_version: int, reviewer: User) -> tuple[QueueEntry, str | None]:
    """The entry that a claim holds, locked with its case and claim, and the outcome predicted.

    Raises LateWrite where the claim has ended, is another's, or the case has changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"fence": fence, "reviewer": reviewer.pk})
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise LateWrite(what_happened(fence, reviewer=reviewer))
    _, predicted, sha256, *columns = row
    case = Case.from_db(connection.alias, CASE, columns[: len(CASE)])
    case.pipeline_version = PipelineVersion.from_db(
        connection.alias, ("id", "sha256"), (case.pipeline_version_id, sha256)
    )
    if case.status != Status.IN_REVIEW:
        raise LateWrite(f"The case is now: {Status(case.status).label.lower()}.")
    if case.version != case_version:
        raise LateWrite("The case has changed since you opened it.")
    columns = columns[len(CASE) :]
    route = Route.from_db(connection.alias, ROUTE, columns[: len(ROUTE)])
    entry = QueueEntry.from_db(connection.alias, ENTRY, columns[len(ROUTE) :])
    entry.case, entry.route = case, route
    return entry, predicted


def keep_review(review: Review) -> None:
    """Keeps the review; its claim ends, and what the reviewer had drafted goes."""
    given: dict[str, Any] = {
        "case": review.case_id,
        "reviewer": review.reviewer_id,
        "claim": review.claim_id,
        "route": review.route_id,
        "round": review.round,
        "stage": review.stage,
        "outcome": review.outcome,
        "override": review.override,
        "reasons": json.dumps(review.reason_codes),
        "explanation": review.sealed_explanation,
        "shown": json.dumps(review.shown),
        "ended": Claim.Ended.REVIEWED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(KEEP, given)
        review.pk = cursor.fetchone()[0]


def what_happened(fence: int, *, reviewer: User) -> str:
    """Why a claim no longer holds, in words for whoever held it; others learn nothing of it."""
    claim = Claim.objects.select_related("case").filter(pk=fence, reviewer=reviewer).first()
    if claim is None:
        return "This claim does not exist."
    if claim.case.status == Status.WITHDRAWN:
        return "The upstream has withdrawn the case."
    words = {
        Claim.Ended.RELEASED: "You had given the case back.",
        Claim.Ended.EXPIRED: "Your claim had expired, and the case went back to its queue.",
        Claim.Ended.REVIEWED: "Your review of this case had already been taken.",
        Claim.Ended.TAKEN_OVER: "A supervisor took the case over.",
        Claim.Ended.WITHDRAWN: "The upstream has withdrawn the case.",
    }
    if claim.ended:
        return words[Claim.Ended(claim.ended)]
    return "Your claim has expired."


def values_read(case: Case, verdict: Verdict, opened: Vault) -> dict[str, str | None]:
    """What was read of each field that the verdict speaks of; None where nothing was found."""
    read: dict[str, str | None] = dict.fromkeys(verdict.fields)
    if verdict.fields:
        for row in FieldRead.objects.filter(case=case, name__in=verdict.fields):
            read[row.name] = opened.open_json(f"field:{row.name}", row.sealed_value)["value"]
    return read


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
    An adverse verdict, whose reasons an applicant is told, is left as it is.
    """
    if any(spec.adverse for spec in definition.outcomes if spec.name == verdict.outcome):
        return verdict
    words = [
        f"{spec.label}: read as {read[spec.name]}, is {corrected[spec.name]}."
        for spec in definition.fields
        if spec.name in corrected
    ]
    fitting = [spec.code for spec in definition.reasons_for(verdict.outcome) if spec.correction]
    return replace(
        verdict,
        reason_codes=verdict.reason_codes or tuple(fitting),
        explanation=verdict.explanation.strip() or " ".join(words),
    )


def correct_fields(
    review: Review, verdict: Verdict, read: Mapping[str, str | None], opened: Vault
) -> None:
    """Keeps the reviewer's word on each field beside what was read."""
    Correction.objects.bulk_create(
        Correction(
            review=review,
            field=name,
            kind=word.kind,
            sealed_values=opened.seal_json(
                correction_purpose(review.claim_id, name), {"read": read[name], "right": word.value}
            ),
        )
        for name, word in sorted(verdict.fields.items())
    )


def correction_purpose(claim_id: int, field_name: str) -> str:
    """What a correction's values are sealed for: the review is named by its claim."""
    return f"correction:{claim_id}:{field_name}"


def follow(review: Review, entry: QueueEntry, *, by: Actor) -> Decision | None:
    """What a review leads to. Must run in a transaction."""
    second_queue = entry.route.second_review_queue_id
    if review.stage == Stage.FIRST and second_queue is not None:
        ask_again(entry, Stage.SECOND, second_queue, by=by)
        return None
    if review.stage == Stage.SECOND and differs_from_first(review):
        ask_again(entry, Stage.ADJUDICATION, entry.queue_id, by=by)
        return None
    QueueEntry.objects.filter(pk=entry.pk).delete()
    return decide(
        entry.case,
        review.outcome,
        by=by,
        made_by=Decision.MadeBy.REVIEW,
        route_id=review.route_id,
        override=review.override,
        reason_codes=review.reason_codes,
    )


def differs_from_first(review: Review) -> bool:
    """Whether a second review ends otherwise than the first one of its round."""
    first = Review.objects.get(case=review.case_id, round=review.round, stage=Stage.FIRST)
    return first.outcome != review.outcome


def ask_again(entry: QueueEntry, stage: Stage, queue_id: int, *, by: Actor) -> None:
    """Lets the case wait for somebody else's judgement. Must run in a transaction."""
    QueueEntry.objects.filter(pk=entry.pk).update(stage=stage, queue=queue_id, claim=None)
    event = "case.sent_to_second_review" if stage is Stage.SECOND else "case.sent_to_adjudication"
    record(
        event,
        by=by,
        case_id=entry.case_id,
        pipeline=entry.case.definition.slug,
        data={"queue": queue_id},
    )
