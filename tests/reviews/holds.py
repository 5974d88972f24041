"""Cases on hold: set aside as reviewers do it, or as if it had been some time ago."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from audit import vault
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Case
from reviews.asking import Question, request_information
from reviews.claims import end
from reviews.holding import hold_case, words_of
from reviews.models import Claim, Hold, QueueEntry
from tests.casefiles import held

REASON = "The employer's letter is on its way."
QUESTION = Question("Who wrote the payslip?", ("payslip",), ("employer",))


def now() -> datetime:
    """The database's clock."""
    at: datetime = QueueEntry.objects.annotate(now=ClockTimestamp()).values_list("now")[0][0]
    return at


def on_hold(case: Case, reviewer: User, *, days: float = 3, claim: Claim | None = None) -> Hold:
    """A case that its reviewer has set aside for some days."""
    return hold_case(REASON, **aside(case, reviewer, days, claim))


def asked(case: Case, reviewer: User, *, days: float = 3, claim: Claim | None = None) -> Hold:
    """A case whose reviewer has asked the upstream."""
    hold = request_information(QUESTION, **aside(case, reviewer, days, claim))
    assert hold is not None, "a sample asks nobody"
    return hold


def aside(case: Case, reviewer: User, days: float, claim: Claim | None) -> dict[str, Any]:
    """What setting aside asks for; under a claim of now where none is given."""
    return {
        "fence": (claim or held(case, reviewer)).pk,
        "follow_up_at": now() + timedelta(days=days),
        "reviewer": reviewer,
        "by": reviewer.actor,
    }


def long_on_hold(
    case: Case,
    reviewer: User,
    *,
    days: float,
    over: bool = False,
    kind: Hold.Kind = Hold.Kind.FOLLOW_UP,
) -> Hold:
    """A case that was set aside some days ago; its day has come where it is `over`."""
    end(held(case, reviewer), Claim.Ended.SET_ASIDE)
    hold = Hold(case=case, kind=kind, held_by=reviewer)
    words = {"text": REASON} if kind == Hold.Kind.FOLLOW_UP else asdict(QUESTION)
    hold.sealed_words = vault.of(case.pk).seal_json(words_of(hold.pk), words)
    hold.held_at = now() - timedelta(days=days)
    hold.follow_up_at = now() + timedelta(seconds=-1 if over else 3600)
    hold.save(force_insert=True)
    QueueEntry.objects.filter(case=case).update(hold=hold)
    record("case.held", by=reviewer.actor, case_id=case.pk, data={"hold": str(hold.pk)})
    return hold
