"""A case locked for a verdict: while its reviewer holds it, and until what they said has its effect.

By hand: nothing is done as often, and the ORM would cost more than the database.

Every act on a case takes the locks that it needs in one order, so that no two wait for each other: the
person's own row, the queue's entry, the case, then claim, hold or review, the draft, and slots last.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from cases.models import Case, PipelineVersion, Status
from reviews.free import is_open
from reviews.models import Claim, Commitment, Notice, QueueEntry, Review, Route, Stage
from reviews.rights import Rights

CASE = ("id", "pipeline_id", "pipeline_version_id", "status", "version", "copies")
ROUTE = ("id", "prediction_id", "second_review_queue_id", "blind")
ENTRY = (
    "case_id", "queue_id", "route_id", "stage", "round", "claim_id", "escalated", "fresh", "sample_id",
)  # fmt: skip
COMMITMENT = ("id", "claim_id", "outcome", "sealed_content")
REVIEW = (
    "id", "case_id", "reviewer_id", "claim_id", "route_id", "round", "stage", "outcome", "override",
    "reason_codes", "sealed_explanation", "committed_outcome", "needed_person",
)  # fmt: skip


def columns(table: str, names: Sequence[str]) -> str:
    """The columns `names` of a table, in SQL."""
    return ", ".join(f"{table}.{name}" for name in names)


PLACE = ", ".join(
    (columns("held", CASE), "version.sha256", columns("route", ROUTE), columns("entry", ENTRY))
)
FROM = """
FROM reviews_queueentry entry
JOIN reviews_route route ON route.id = entry.route_id
JOIN cases_case held ON held.id = entry.case_id
JOIN cases_pipelineversion version ON version.id = held.pipeline_version_id
"""
HELD = f"""
SELECT claim.reviewer_id = %(reviewer)s AND claim.ended_at IS NULL
           AND claim.expires_at > clock_timestamp(),
       prediction.outcome, coalesce(sample.shown_version, held.version),
       {columns("committed", COMMITMENT)}, {PLACE}
{FROM}
LEFT JOIN reviews_sample sample ON sample.id = entry.sample_id
JOIN reviews_claim claim ON claim.id = entry.claim_id
LEFT JOIN inference_prediction prediction ON prediction.id = route.prediction_id
LEFT JOIN reviews_commitment committed ON committed.case_id = entry.case_id
    AND committed.round = entry.round AND committed.reviewer_id = %(reviewer)s
WHERE entry.claim_id = %(fence)s
FOR NO KEY UPDATE OF entry, held, claim
"""  # made of constants
GIVEN = f"""
SELECT review.reviewed_at + %(time)s <= clock_timestamp(), {columns("review", REVIEW)}, {PLACE}
{FROM}
JOIN reviews_review review ON review.claim_id = entry.claim_id
WHERE entry.claim_id = %(fence)s AND review.undone_at IS NULL AND {is_open("held")}
FOR NO KEY UPDATE OF entry, held, review
"""  # made of constants


class LateWrite(Exception):
    """The case has moved on since the reviewer opened it; `changed` says how, in words."""

    def __init__(self, changed: str) -> None:
        super().__init__(changed)
        self.changed = changed


@dataclass(frozen=True, slots=True)
class Held:
    """A case in its reviewer's hands: what the model said, and what they have committed to."""

    entry: QueueEntry
    predicted: str | None
    committed: Commitment | None

    @property
    def blind(self) -> bool:
        """Whether the reviewer must commit before they see the model's view."""
        first = self.entry.stage == Stage.FIRST
        return first and self.entry.route.blind and self.committed is None

    @property
    def independent(self) -> bool:
        """Whether the reviewer judges without knowing what earlier ones said."""
        return self.entry.stage != Stage.FIRST


@dataclass(frozen=True, slots=True)
class Given:
    """A review that has had no effect yet; `due` once it can no longer be undone."""

    entry: QueueEntry
    review: Review
    due: bool


def locked_entry(fence: int, *, case_version: int, reviewer: User, rights: Rights) -> Held:
    """What a claim holds, locked with its case and claim.

    Raises LateWrite where the claim has ended, is another's, the case has changed, or the reviewer
    may no longer judge it.
    """
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"fence": fence, "reviewer": reviewer.pk})
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise LateWrite(what_happened(fence, reviewer=reviewer))
    predicted, version, rest = row[1], row[2], row[3:]
    committed, place = rest[: len(COMMITMENT)], rest[len(COMMITMENT) :]
    entry = entry_of(place)
    if entry.case.status != Status.IN_REVIEW and entry.sample_id is None:
        status = Status(entry.case.status).label
        raise LateWrite(_("The case is now “%(status)s”.") % {"status": status})
    if version != case_version:
        raise LateWrite(_("The case has changed since you opened it."))
    if not rights.may_judge(entry):
        raise LateWrite(_("Your right to judge cases of this queue has been withdrawn."))
    return Held(entry, predicted, commitment_of(committed))


def locked_review(fence: int) -> Given | None:
    """The review given under a claim, locked with its entry and case; None where it has had effect.

    Nor is there one where it was undone, or where the case was withdrawn.
    """
    given: dict[str, Any] = {"fence": fence, "time": timedelta(seconds=settings.UNDO_SECONDS)}
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, given)
        row = cursor.fetchone()
    if row is None:
        return None
    review = Review.from_db(connection.alias, REVIEW, row[1 : 1 + len(REVIEW)])
    review.reason_codes = json.loads(review.reason_codes)
    return Given(entry_of(row[1 + len(REVIEW) :]), review, due=row[0])


def entry_of(place: Sequence[Any]) -> QueueEntry:
    """The entry, with its case and route, in the columns of PLACE."""
    case = Case.from_db(connection.alias, CASE, place[: len(CASE)])
    case.copies = json.loads(case.copies)
    case.pipeline_version = PipelineVersion.from_db(
        connection.alias, ("id", "sha256"), (case.pipeline_version_id, place[len(CASE)])
    )
    rest = place[len(CASE) + 1 :]
    entry = QueueEntry.from_db(connection.alias, ENTRY, rest[len(ROUTE) :])
    entry.case = case
    entry.route = Route.from_db(connection.alias, ROUTE, rest[: len(ROUTE)])
    return entry


def commitment_of(row: Sequence[Any]) -> Commitment | None:
    """The commitment in the columns of COMMITMENT."""
    return Commitment.from_db(connection.alias, COMMITMENT, row) if row[0] else None


def what_happened(fence: int, *, reviewer: User) -> str:
    """Why a claim no longer holds, in words for whoever held it; others learn nothing of it."""
    claim = Claim.objects.select_related("case").filter(pk=fence, reviewer=reviewer).first()
    if claim is None:
        return _("This claim does not exist.")
    if claim.case.status == Status.WITHDRAWN:
        return _("The upstream has withdrawn the case.")
    if not claim.ended:
        return _("Your claim has expired.")
    if Review.objects.filter(claim=claim, undone_at__isnull=False).exists():
        return _("You had undone this review.")
    if claim.ended == Claim.Ended.TAKEN_OVER:
        return taken_over(claim)
    words = {
        Claim.Ended.RELEASED: _("You had given the case back."),
        Claim.Ended.EXPIRED: _("Your claim had expired, and the case went back to its queue."),
        Claim.Ended.REVIEWED: _("Your review of this case had already been taken."),
        Claim.Ended.WITHDRAWN: _("The upstream has withdrawn the case."),
        Claim.Ended.SET_ASIDE: _("You had set the case aside."),
        Claim.Ended.ESCALATED: _("You had escalated the case."),
    }
    return words[Claim.Ended(claim.ended)]


def taken_over(claim: Claim) -> str:
    """Which supervisor took a case over, as the reviewer was told."""
    notice = (
        Notice.objects.filter(
            person=claim.reviewer_id, case=claim.case_id, kind=Notice.Kind.TAKEN_OVER
        )
        .select_related("by")
        .order_by("-id")
        .first()
    )
    if notice is None or notice.by is None:
        return _("A supervisor took the case over.")
    return _("%(name)s took the case over.") % {"name": notice.by.shown_name}
