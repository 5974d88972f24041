"""Undoing: for some seconds a verdict can be taken back, before it has had any effect."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import PipelineVersion, Status
from reviews.claims import claim_in_hand, give_back
from reviews.drafts import save_draft
from reviews.free import is_open
from reviews.locking import Given, locked_review
from reviews.models import Claim, Correction, QueueEntry, Review, Slot
from reviews.replying import reply_again
from reviews.reviewing import correction_purpose
from reviews.rights import Rights
from reviews.slots import free
from reviews.verdicts import FieldVerdict, Source

LAST = f"""
SELECT review.claim_id, held.id, held.reference, review.outcome, version.id, version.sha256,
       extract(epoch FROM review.reviewed_at + %(time)s - clock_timestamp())::float
FROM reviews_review review
JOIN reviews_queueentry entry ON entry.claim_id = review.claim_id
JOIN cases_case held ON held.id = review.case_id AND {is_open("held")}
JOIN cases_pipelineversion version ON version.id = held.pipeline_version_id
WHERE review.reviewer_id = %(reviewer)s AND review.undone_at IS NULL
  AND review.reviewed_at > statement_timestamp() - %(time)s
ORDER BY review.reviewed_at DESC LIMIT 1
"""  # noqa: S608  # made of constants


class TooLateToUndo(Exception):
    """The review can't be undone; the message says why, to its reviewer."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A verdict that its reviewer can still undo, and the seconds they have left for that."""

    fence: int
    case_id: UUID
    reference: str
    verdict: str
    seconds_left: float


def offer_to(reviewer: User) -> Offer | None:
    """The person's last verdict, while it can be undone."""
    if not settings.UNDO_SECONDS:
        return None
    time = timedelta(seconds=settings.UNDO_SECONDS)
    given: dict[str, Any] = {"reviewer": reviewer.pk, "time": time}
    with connection.cursor() as cursor:
        cursor.execute(LAST, given)
        row = cursor.fetchone()
    if row is None:
        return None
    fence, case_id, reference, outcome, *version, left = row
    opened_under = PipelineVersion.from_db(connection.alias, ("id", "sha256"), version)
    label = opened_under.definition.outcome(outcome).label
    return Offer(fence, case_id, reference, label, max(left, 0.0))


@transaction.atomic
def undo_review(fence: int, *, reviewer: User, rights: Rights, by: Actor) -> Claim:
    """Takes back the review given under a claim; the case is the reviewer's again, by a new claim.

    Their verdict and their words on fields are a draft again, as they stood. A case that they have
    taken since waits anew, its draft kept. Raises TooLateToUndo.
    """
    in_hand = claim_in_hand(reviewer, by=by)
    given = locked_review(fence)
    if given is None or given.review.reviewer_id != reviewer.pk:
        raise TooLateToUndo(what_became(fence, reviewer=reviewer))
    if given.due:
        raise TooLateToUndo(_("It was too late to undo the verdict: it has taken effect."))
    if not rights.may_judge(given.entry):
        raise TooLateToUndo(_("Your right to judge cases of this queue has been withdrawn."))
    if in_hand is not None:
        give_back(in_hand, Claim.Ended.RELEASED, by=by)
    Review.objects.filter(pk=given.review.pk).update(undone_at=ClockTimestamp())
    save_draft(given.review.case_id, draft_of(given.review), reviewer=reviewer)
    free(Slot.objects.filter(booked_by=given.review.pk), given.entry.case, by=by)
    event("review.undone", given, by=by, data={"review": given.review.pk, "claim": fence})
    return claim_again(given, by=by)


def what_became(fence: int, *, reviewer: User) -> str:
    """Why a review can't be undone, in words for whoever gave it; others learn nothing of it."""
    given = Review.objects.filter(claim=fence, reviewer=reviewer).select_related("case")
    review = given.first()
    if review is None:
        return _("There is nothing to undo.")
    if review.undone_at is not None:
        return _("You had undone this review.")
    if review.case.status == Status.WITHDRAWN:
        return _("The upstream has withdrawn the case.")
    return _("It was too late to undo the verdict: it has taken effect.")


def draft_of(review: Review) -> dict[str, Any]:
    """A review as the draft that it was."""
    opened = vault.of(review.case_id)
    purpose = f"explanation:{review.claim_id}"
    fields = {}
    for word in Correction.objects.filter(review=review):
        sealed = opened.open_json(
            correction_purpose(review.claim_id, word.field), word.sealed_values
        )
        said = FieldVerdict(Correction.Kind(word.kind), sealed["right"], Source.of(sealed))
        fields[word.field] = said.kept()
    return {
        "outcome": review.outcome,
        "reasons": review.reason_codes,
        "explanation": opened.open(purpose, review.sealed_explanation).decode(),
        "needed_person": review.needed_person,
        "fields": fields,
        "reply": reply_again(review, opened).kept(),
    }


def claim_again(given: Given, *, by: Actor) -> Claim:
    """A new claim on the case, for who had judged it. Must run in a transaction."""
    entry = given.entry
    claim = Claim.objects.create(
        case=entry.case,
        reviewer_id=given.review.reviewer_id,
        stage=entry.stage,
        expires_at=ClockTimestamp() + timedelta(minutes=settings.CLAIM_MINUTES),
    )
    QueueEntry.objects.filter(pk=entry.pk).update(claim=claim)
    event(
        "case.claimed",
        given,
        by=by,
        data={"claim": claim.pk, "queue": entry.queue_id, "stage": claim.stage},
    )
    return claim


def event(type: str, given: Given, *, by: Actor, data: dict[str, Any]) -> None:
    """An event of the case that a review was given on."""
    case = given.entry.case
    record(type, by=by, case_id=case.pk, pipeline=case.definition.slug, data=data)
