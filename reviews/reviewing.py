"""Reviews: a reviewer's verdict, fenced by their claim and the case's version.

It has no effect yet: for some seconds it can be undone, and only then it is settled.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.vault import Vault
from cases.models import Case
from inference.models import FieldRead
from reviews.adverse.checking import Grounds, check_grounds
from reviews.committing import keep_commitment, words_of
from reviews.drafts import with_drafted_fields
from reviews.locking import Held, locked_entry
from reviews.models import Claim, Correction, Reply, Review
from reviews.replying import keep_reply, purpose_of_review, text_of
from reviews.rights import Rights
from reviews.settling import ring_when_due
from reviews.signatures import Proof, sign
from reviews.verdicts import (
    IncompleteVerdict,
    Verdict,
    check_verdict,
    corrections_of,
    given_at_once,
    with_corrections_explained,
    with_raise_explained,
)

KEEP = """
WITH ended AS (
    UPDATE reviews_claim SET ended_at = clock_timestamp(), ended = %(ended)s
    WHERE id = %(claim)s),
gone AS (
    DELETE FROM reviews_draft WHERE case_id = %(case)s AND reviewer_id = %(reviewer)s)
INSERT INTO reviews_review (
    case_id, reviewer_id, claim_id, route_id, round, stage, outcome, override, reason_codes,
    sealed_explanation, shown, committed_outcome, needed_person)
VALUES (
    %(case)s, %(reviewer)s, %(claim)s, %(route)s, %(round)s, %(stage)s, %(outcome)s, %(override)s,
    %(reasons)s::jsonb, %(explanation)s, %(shown)s::jsonb, %(committed)s, %(needed)s)
RETURNING id
"""
"""By hand: nothing is done as often, and the ORM would cost more than the database."""


class NotCommitted(Exception):
    """The model's view is hidden on this case until its reviewer has committed to an answer."""


@transaction.atomic
def submit_review(
    *,
    fence: int,
    case_version: int,
    verdict: Verdict,
    reviewer: User,
    rights: Rights,
    by: Actor,
    proof: Proof | None = None,
) -> Review:
    """Takes a reviewer's verdict, to be settled once it can no longer be undone.

    What they have drafted of fields counts with it. It is an override where it differs from the
    prediction, or corrects a field that was read: what was read and what is right are then kept
    beside it. The claim ends, but the entry keeps pointing to it: until the review is settled or
    undone the case is nobody's to take. Where the model's view is hidden an urgent outcome that counts
    at once is the first answer and the last. Raises LateWrite where the claim, the case or the right to
    judge is no longer what the reviewer saw, NotCommitted, IncompleteVerdict, and NotSigned where the
    pipeline asks for a signature and no `proof` came with the verdict.
    """
    held = locked_entry(fence, case_version=case_version, reviewer=reviewer, rights=rights)
    # A second reviewer learns nothing by committing, so their verdict is final at once.
    at_once = given_at_once(held.entry.case.definition, verdict.outcome)
    if held.blind and not at_once:
        raise NotCommitted
    case = held.entry.case
    opened = vault.of(case.pk)
    verdict = with_drafted_fields(verdict, opened, reviewer=reviewer)
    if at_once and (held.blind or held.independent or verdict.outcome != held.predicted):
        verdict = with_raise_explained(verdict, case.definition)
    if held.blind:
        first = keep_commitment(held, verdict, opened, fence=fence, reviewer=reviewer, by=by)
        held = replace(held, committed=first)
    read = values_read(case, verdict, opened)
    corrected = corrections_of(verdict, read)
    switched = not at_once and check_switch(held, verdict, opened)
    if corrected and verdict.outcome == held.predicted and not (held.independent or switched):
        verdict = with_corrections_explained(verdict, corrected, read, case.definition)
    override = check_verdict(
        verdict,
        case.definition,
        held.predicted,
        explained=held.independent or switched,
        corrects=bool(corrected),
    )
    unseen = held.independent or held.committed is not None
    borne_out = check_grounds(case, held.entry.route_id, verdict, opened, unseen=unseen)
    review = review_of(held, verdict, opened, fence=fence, reviewer=reviewer, override=override)
    keep_review(review)
    correct_fields(review, verdict, read, opened)
    reply = keep_reply(review, verdict, opened, by=by)
    record(
        "review.submitted",
        by=by,
        case_id=case.pk,
        pipeline=case.definition.slug,
        data=facts_of(review, verdict, reply, borne_out),
        commitments=commitments_to(review, verdict, reply, opened),
    )
    sign(review, case.definition, proof, by=by)
    ring_when_due(fence)
    return review


def review_of(
    held: Held, verdict: Verdict, opened: Vault, *, fence: int, reviewer: User, override: bool
) -> Review:
    """The review that a verdict makes of a held case, not kept yet."""
    entry, case = held.entry, held.entry.case
    return Review(
        case=case,
        reviewer=reviewer,
        claim_id=fence,
        route=entry.route,
        round=entry.round,
        stage=entry.stage,
        outcome=verdict.outcome,
        override=override,
        reason_codes=list(dict.fromkeys(verdict.reason_codes)),
        sealed_explanation=opened.seal(f"explanation:{fence}", verdict.explanation.encode()),
        shown={
            "case_version": case.version,
            "prediction": entry.route.prediction_id,
            "route": entry.route.pk,
            "opened": dict(verdict.opened),
        },
        committed_outcome=held.committed.outcome if held.committed else "",
        needed_person=verdict.needed_person,
    )


def commitments_to(
    review: Review, verdict: Verdict, reply: Reply | None, opened: Vault
) -> dict[str, str]:
    """What the event commits to of the words: those for the record, and those for the person."""
    explanation = f"explanation:{review.claim_id}"
    words = {"explanation": opened.commitment(explanation, verdict.explanation)}
    if reply is not None:
        purpose = purpose_of_review(review)
        words["reply"] = opened.commitment(purpose, text_of(reply, opened))
    return words


def check_switch(held: Held, verdict: Verdict, opened: Vault) -> bool:
    """Whether the verdict differs from what the reviewer had committed to.

    Raises IncompleteVerdict where it is explained by the very words that explained the other.
    """
    if held.committed is None or held.committed.outcome == verdict.outcome:
        return False
    before = words_of(held.committed, opened)["explanation"].strip()
    if verdict.explanation.strip() == before:
        raise IncompleteVerdict({"explanation": _("Say what changed your verdict.")})
    return True


def facts_of(
    review: Review, verdict: Verdict, reply: Reply | None, borne_out: Grounds
) -> dict[str, Any]:
    """What the event tells of a review; of one that was committed to before, whether it switched."""
    facts = {
        "review": review.pk,
        "claim": review.claim_id,
        "stage": review.stage,
        "outcome": review.outcome,
        "override": review.override,
        "reasons": review.reason_codes,
        "fields": {name: word.kind for name, word in sorted(verdict.fields.items())},
    }
    if borne_out:
        facts["grounds"] = borne_out
    if review.needed_person is not None:
        facts["needed_person"] = review.needed_person
    if review.committed_outcome:
        facts["committed"] = review.committed_outcome
        facts["switched"] = review.committed_outcome != review.outcome
    if reply is not None:
        facts["reply"] = {"template": reply.template, "contact": reply.contact}
    return facts


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
        "committed": review.committed_outcome,
        "needed": review.needed_person,
        "ended": Claim.Ended.REVIEWED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(KEEP, given)
        review.pk = cursor.fetchone()[0]


def values_read(case: Case, verdict: Verdict, opened: Vault) -> dict[str, str | None]:
    """What was read of each field that the verdict speaks of; None where nothing was found."""
    read: dict[str, str | None] = dict.fromkeys(verdict.fields)
    if verdict.fields:
        for row in FieldRead.objects.filter(case=case, name__in=verdict.fields):
            read[row.name] = opened.open_json(f"field:{row.name}", row.sealed_value)["value"]
    return read


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
                correction_purpose(review.claim_id, name),
                {
                    "read": read[name],
                    "right": word.value,
                    **(word.source.kept() if word.source else {}),
                },
            ),
        )
        for name, word in sorted(verdict.fields.items())
    )


def correction_purpose(claim_id: int, field_name: str) -> str:
    """What a correction's values are sealed for: the review is named by its claim."""
    return f"correction:{claim_id}:{field_name}"
