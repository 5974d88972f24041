"""Asking the upstream: the case waits for its answer, and what the answer brings is judged by a person."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import ApiClient, User
from audit import vault
from audit.actors import Actor
from audit.events import record
from cases.announcing import Told, tell
from cases.intake import SentPaper
from cases.models import Case, Document
from cases.papers import Paper
from cases.supplementing import judge_papers, supplement
from reviews.claims import end as end_claim
from reviews.commenting import comment_on
from reviews.drafts import load_draft, save_draft
from reviews.holding import (
    NotHeld,
    answer_of,
    check_follow_up,
    claimed_entry,
    end,
    held_entry,
    set_aside,
)
from reviews.models import Claim, Correction, Draft, Hold, Notice, QueueEntry, Sample
from reviews.notices import tell as notify
from reviews.sampling import end_sample, end_samples


class RequestClosed(Exception):
    """The question was answered already, or nobody waits for its answer any more."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a reviewer asks, and the kinds of paper and the fields that it concerns, by name."""

    text: str
    documents: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@transaction.atomic
def request_information(
    question: Question, *, fence: int, follow_up_at: datetime, reviewer: User, by: Actor
) -> Hold | None:
    """Asks the upstream, which is told that it was asked; the case waits until `follow_up_at` at most.

    None where the case is a sample: the upstream knows its decision, and is asked nothing. Raises
    ClaimLost and BadFollowUp.
    """
    if Sample.objects.filter(entry__claim=fence).exists():
        leave_sample(question, fence, follow_up_at, reviewer=reviewer, by=by)
        return None
    hold = set_aside(
        Hold.Kind.QUESTION,
        asdict(question),
        fence=fence,
        follow_up_at=follow_up_at,
        reviewer=reviewer,
        by=by,
    )
    hold.refresh_from_db(fields=["held_at"])
    tell(
        hold.case,
        Told(
            "case.information_requested",
            about=f"hold:{hold.pk}",
            at=hold.held_at,
            data={"information_request": str(hold.pk)},
        ),
    )
    return hold


def leave_sample(
    question: Question, fence: int, follow_up_at: datetime, *, reviewer: User, by: Actor
) -> None:
    """Ends the sample that a reviewer would ask the upstream about; what they wrote stays as a comment.

    Must run in a transaction. Raises as asking does.
    """
    entry, claim = claimed_entry(fence, reviewer=reviewer)
    check_follow_up(follow_up_at, claim.now)
    end_claim(claim, Claim.Ended.SET_ASIDE)
    end_sample(entry, Sample.Ended.ASKED, by=by)
    comment_on(entry.case, question.text, author=reviewer, by=by)


def question_of(hold: Hold, opened: vault.Vault) -> Question:
    """The question that a hold asks."""
    words = opened.open_json(f"hold:{hold.pk}", hold.sealed_words)
    return Question(words["text"], tuple(words["documents"]), tuple(words["fields"]))


# ---------------------------------------------------------------- the upstream's answer


def requests_of(case: Case) -> list[Hold]:
    """What the upstream was asked of a case, the first question first."""
    return list(case.holds.filter(kind=Hold.Kind.QUESTION).order_by("id"))


def request_to(client: ApiClient, case_id: UUID, request_id: UUID) -> Hold:
    """A question to a client; raises Hold.DoesNotExist for anybody else's."""
    asked = Hold.objects.select_related("case__pipeline_version", "case__pipeline")
    mine = asked.filter(kind=Hold.Kind.QUESTION, case__client=client)
    return mine.get(pk=request_id, case=case_id)


def answer(hold: Hold, text: str, papers: Sequence[SentPaper], *, by: Actor) -> None:
    """Takes the upstream's answer; with papers the case is read, scored and routed anew.

    Raises InvalidInput, and RequestClosed where nobody waits for the answer any more: both before
    anything is changed. Papers are looked at before anything is locked. Must run in `blobs.atomic`.
    """
    if hold.ended_at is not None:
        raise RequestClosed(str(hold.pk))
    judged = judge_papers(hold.case, papers)
    entry, opened, purpose = waiting_entry(hold), vault.of(hold.case_id), answer_of(hold.pk)
    sealed = opened.seal_json(purpose, {"text": text})
    end(entry, Hold.Ended.ANSWERED, by=by, sealed_answer=sealed)
    record(
        "case.information_given",
        by=by,
        case_id=hold.case_id,
        pipeline=entry.case.pipeline.slug,
        data={"hold": str(hold.pk), "papers": len(papers)},
        commitments={purpose: opened.commitment(purpose, {"text": text})},
    )
    if papers:
        start_anew(entry, papers, judged, hold, by=by)
    notify([hold.held_by], Notice.Kind.ANSWERED, hold.case_id)


def waiting_entry(hold: Hold) -> QueueEntry:
    """The locked entry of the case that waits for the answer; raises RequestClosed."""
    try:
        entry = held_entry(hold.case_id)
    except NotHeld:
        raise RequestClosed(str(hold.pk)) from None
    if entry.hold_id != hold.pk:
        raise RequestClosed(str(hold.pk))
    return entry


def start_anew(
    entry: QueueEntry,
    papers: Sequence[SentPaper],
    judged: Sequence[Paper],
    hold: Hold,
    *,
    by: Actor,
) -> list[Document]:
    """Takes a case out of its queue with its new papers, to be read, scored and routed again.

    Drafts stay, but for fields that were confirmed: that was said of what the papers before showed.
    """
    QueueEntry.objects.filter(pk=entry.pk).delete()
    end_samples(entry.case, Sample.Ended.GONE, by=by)
    reopen_confirmed(entry.case)
    return supplement(entry.case, papers, judged, by=by, data={"hold": str(hold.pk)})


def reopen_confirmed(case: Case) -> None:
    """Takes out of all drafts of a case that a field was confirmed."""
    opened = vault.of(case.pk)
    for draft in Draft.objects.filter(case=case).select_related("reviewer"):
        content = load_draft(opened, reviewer=draft.reviewer)
        fields = content.get("fields", {})
        content["fields"] = {
            name: word
            for name, word in fields.items()
            if word["kind"] != Correction.Kind.CONFIRMED.value
        }
        save_draft(case.pk, content, reviewer=draft.reviewer)


def was_asked(case: Case) -> bool:
    """Whether somebody has asked the upstream of a case: then a person judges it."""
    return Hold.objects.filter(case=case, kind=Hold.Kind.QUESTION).exists()
