"""The notice that an adverse decision owes: by when, what it says, that it was sent, and who presses.

A creditor notifies an applicant within 30 days of a completed application (12 CFR 1002.9(a)(1)). The clock
runs from the case's receipt, whoever decides and however late; the database's clock decides.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp, Event
from cases.announcing import Told, tell
from cases.models import Case, Decision, Pipeline, PipelineVersion, Status
from reviews.adverse.letters import Letter, letter_of
from reviews.colleagues import people_who_supervise
from reviews.models import AdverseNotice, Notice
from reviews.notices import tell as notify

UNDECIDED = (
    Status.RECEIVED, Status.READ, Status.SCORED, Status.QUARANTINED, Status.IN_REVIEW,
)  # fmt: skip
ESCALATED = "notice.escalated"
AT_ONCE = 200
"""How many notices, and how many cases, one look presses for."""
Channel = AdverseNotice.Channel


class NothingOwed(Exception):
    """The notice was dropped: its decision is superseded, and another one will tell the person."""


class SentBefore(ValueError):
    """The notice is said to have been sent before it was decided, or in the future."""


def owe_notice(decision: Decision, case: Case, *, by: Actor) -> AdverseNotice | None:
    """Notes that a decision owes a notice, if it does. Must run in the decision's transaction.

    One that is made too late owes it at once: no deadline lies before the decision.
    """
    spec = case.definition.adverse
    if spec is None or not decision.adverse:
        return None
    notice = AdverseNotice.objects.create(
        decision=decision,
        case=case,
        pipeline_id=case.pipeline_id,
        due_at=max(case.created_at + timedelta(days=spec.notice_days), decision.decided_at),
        escalate_at=max(case.created_at + timedelta(days=spec.escalate_days), decision.decided_at),
    )
    data = {"notice": notice.pk, "decision": decision.pk, "due_at": notice.due_at.isoformat()}
    record("notice.owed", by=by, case_id=case.pk, pipeline=case.definition.slug, data=data)
    return notice


def drop_notice(decision: Decision) -> bool:
    """Drops the notice of a superseded decision, unless it was sent; whether there was one."""
    owed = AdverseNotice.objects.filter(decision=decision, sent_at=None, dropped_at=None)
    return bool(owed.update(dropped_at=ClockTimestamp()))


def letter_for(notice: AdverseNotice) -> Letter:
    """The letter as it was sent, or would be now; raises CannotOpen where the case was erased."""
    case = Case.objects.select_related("pipeline_version").get(pk=notice.case_id)
    day = notice.sent_at or database_time()
    return letter_of(notice.decision, case, vault.of(case.pk), now=day)


def words_sent(notice: AdverseNotice) -> str:
    """What was sent, as text; empty where nothing was, or nobody can read it any more."""
    if not notice.sealed_letter:
        return ""
    return vault.of(notice.case_id).open(purpose(notice), notice.sealed_letter).decode()


@transaction.atomic
def mark_sent(
    notice_id: int,
    *,
    channel: AdverseNotice.Channel,
    by: Actor,
    sender: User | None,
    at: datetime | None = None,
) -> AdverseNotice:
    """Keeps that the letter went out, sealed as it was, with a commitment to it; once, however often told.

    Raises NothingOwed where the notice was dropped, SentBefore where `at` can't be, and CannotOpen
    where the case was erased.
    """
    rows = AdverseNotice.objects.select_for_update(no_key=True, of=("self",))
    notice = rows.select_related("decision", "case__pipeline_version").get(pk=notice_id)
    if notice.sent_at is not None:
        return notice
    if notice.dropped_at is not None:
        raise NothingOwed(notice_id)
    now = database_time()
    if at is not None and not notice.decision.decided_at <= at <= now:
        raise SentBefore(at.isoformat())
    sent_at, opened = at or now, vault.of(notice.case_id)
    text = letter_of(notice.decision, notice.case, opened, now=sent_at).text
    notice.sealed_letter = opened.seal(purpose(notice), text.encode())
    notice.sent_at, notice.sent_by, notice.channel = sent_at, sender, channel
    notice.save(update_fields=["sealed_letter", "sent_at", "sent_by", "channel"])
    told = {
        "decision": notice.decision_id,
        "channel": channel.value,
        "sent_at": sent_at.isoformat(),
    }
    record(
        "notice.sent",
        by=by,
        case_id=notice.case_id,
        pipeline=notice.case.definition.slug,
        data={"notice": notice.pk, **told, "late": sent_at > notice.due_at},
        commitments={"letter": opened.commitment(purpose(notice), text)},
    )
    if sender is not None:
        tell(notice.case, Told("notice.sent", f"notice:{notice.pk}", sent_at, told))
    return notice


def purpose(notice: AdverseNotice) -> str:
    """What a letter is sealed for."""
    return f"notice:{notice.decision_id}"


def database_time() -> datetime:
    """What time it is, by the database."""
    return Pipeline.objects.annotate(now=ClockTimestamp()).values_list("now", flat=True)[0]


# ---------------------------------------------------------------- pressing


def escalate_due(*, by: Actor) -> int:
    """Tells supervisors of notices that are owed soon, and of cases that should have been decided by now.

    Each once; returns how many there were.
    """
    return escalate_notices(by=by) + escalate_undecided(by=by)


@transaction.atomic
def escalate_notices(*, by: Actor) -> int:
    """Presses for the notices whose time has come; two at once press for different ones."""
    rows = AdverseNotice.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    due = rows.filter(
        escalate_at__lte=ClockTimestamp(), escalated_at=None, sent_at=None, dropped_at=None
    )
    found = list(due.select_related("case__pipeline").order_by("escalate_at")[:AT_ONCE])
    AdverseNotice.objects.filter(pk__in=[notice.pk for notice in found]).update(
        escalated_at=ClockTimestamp()
    )
    now = database_time()
    for notice in found:
        due_at = notice.due_at.isoformat()
        press(notice.case, {"notice": notice.pk, "due_at": due_at}, by=by)
        told = {"decision": notice.decision_id, "due_at": due_at}
        tell(notice.case, Told(ESCALATED, f"notice:{notice.pk}", now, told))
    return len(found)


def escalate_undecided(*, by: Actor) -> int:
    """Presses for the cases that are old enough and not decided: the notice is owed all the same."""
    found = 0
    for version in PipelineVersion.objects.filter(content__has_key="adverse"):
        spec = version.definition.adverse
        if spec is not None:
            found += escalate_cases(version, spec.escalate_days, spec.notice_days, by=by)
    return found


@transaction.atomic
def escalate_cases(version: PipelineVersion, escalate: int, days: int, *, by: Actor) -> int:
    """Presses for the cases of one version that came in `escalate` days ago and have no decision.

    One whose decision was superseded since it was pressed for is pressed for anew.
    """
    since = Event.objects.filter(
        case_id=OuterRef("case_id"), type="decision.superseded", pk__gt=OuterRef("pk")
    )
    pressed = Event.objects.filter(~Exists(since), case_id=OuterRef("pk"), type=ESCALATED)
    answered = AdverseNotice.objects.filter(case=OuterRef("pk"), sent_at__isnull=False)
    rows = Case.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    waiting = rows.filter(
        ~Exists(pressed),
        ~Exists(answered),
        pipeline_version=version,
        status__in=UNDECIDED,
        created_at__lte=ClockTimestamp() - timedelta(days=escalate),
    )
    cases = list(waiting.select_related("pipeline").order_by("created_at")[:AT_ONCE])
    for case in cases:
        due = case.created_at + timedelta(days=days)
        press(case, {"notice": None, "due_at": due.isoformat()}, by=by)
    return len(cases)


def press(case: Case, data: dict[str, Any], *, by: Actor) -> None:
    """Tells who supervises a case's pipeline that it presses. Must run in a transaction."""
    people = people_who_supervise(case.pipeline_id)
    notify(people, Notice.Kind.OVERDUE, case.pk)
    told = {**data, "people": len(people)}
    record(ESCALATED, by=by, case_id=case.pk, pipeline=case.pipeline.slug, data=told)
