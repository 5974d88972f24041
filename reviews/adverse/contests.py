"""Contesting: a person who got a decision says why it is wrong, and somebody new judges the case.

Whom a decision is about may contest it, say how they see it, and have a human being look (GDPR 22(3)).
That is never somebody who has judged the case before, and a senior where there is one.
"""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from cases import lifecycle
from cases.announcing import Told, tell
from cases.deadlines import begin_anew
from cases.erasing import refuse_erased
from cases.models import Case, Decision, Priority, Status
from reviews.adverse.contested import who_is_left
from reviews.claims import give_back, live_claims
from reviews.colleagues import people_who_supervise
from reviews.hastening import hasten
from reviews.holding import end as end_hold
from reviews.models import Claim, Contest, Hold, Notice, QueueEntry, Route, Sample
from reviews.notices import tell as notify
from reviews.presenting.why import FROM_THE_SCORE
from reviews.reasons import because
from reviews.reopening import SETTLED, queue_again, supersede
from reviews.sampling import end_sample

LONGEST = 10_000
"""Characters that a person may say."""


class NotContestable(Exception):
    """There is no decision that could be contested now: the case is open, or was withdrawn."""


class NothingSaid(ValueError):
    """A contest says nothing, or more than anybody reads."""


@transaction.atomic
def contest_decision(
    case_id: UUID, words: str, *, by: Actor, taken_by: User | None = None
) -> Contest:
    """Takes what a person says against the decision on them, and gives the case to somebody new.

    The decision is superseded, the case waits with more urgency than before for somebody who has
    judged it in no round; `taken_by` is who took the words down, where the upstream did not send
    them. Raises NothingSaid, NotContestable, CaseErased, and Case.DoesNotExist.
    """
    words = words.replace("\0", "").strip()
    if not words or len(words) > LONGEST:
        raise NothingSaid
    case = locked_case(case_id, by=by)
    decision = supersede(case)
    opened = vault.of(case.pk)
    contest = Contest.objects.create(
        case=case,
        decision=decision,
        sealed_words=opened.seal(purpose(decision), words.encode()),
        taken_by=taken_by,
    )
    route = route_anew(case, decision)
    nobody = wait_for_somebody_new(case, route, contest, by=by)
    data = {"contest": contest.pk, "decision": decision.pk, "nobody_left": nobody}
    proof = {"words": opened.commitment(purpose(decision), words)}
    slug = case.pipeline.slug
    record(
        "decision.contested", by=by, case_id=case.pk, pipeline=slug, data=data, commitments=proof
    )
    if nobody:
        notify(people_who_supervise(case.pipeline_id), Notice.Kind.CONTESTED, case.pk)
    told = {"contest": contest.pk, "decision": decision.pk}
    tell(case, Told("decision.contested", f"contest:{contest.pk}", contest.contested_at, told))
    return contest


def locked_case(case_id: UUID, *, by: Actor) -> Case:
    """A settled case, locked, and no sample any more; raises NotContestable and CaseErased."""
    entry = QueueEntry.objects.select_for_update(no_key=True).filter(pk=case_id).first()
    cases = Case.objects.select_for_update(no_key=True, of=("self",))
    case = cases.select_related("pipeline", "pipeline_version").get(pk=case_id)
    refuse_erased(case)
    if case.status not in SETTLED:
        raise NotContestable(Status(case.status).label)
    if entry is not None:
        if entry.hold is not None:
            end_hold(entry, Hold.Ended.RESUMED, by=by)
        for claim in live_claims().filter(case=case):
            give_back(claim, Claim.Ended.TAKEN_OVER, by=by)
        end_sample(entry, Sample.Ended.GONE, by=by)
    return case


def route_anew(case: Case, decision: Decision) -> Route:
    """The way back to people, in sight of all that was said: as the case came to its decision.

    What fired then stands there too, since it still bears out reasons.
    """
    before, queue = queue_again(case, decision)
    reasons = [
        reason
        for reason in (before.reasons if before else ())
        if reason["code"] not in FROM_THE_SCORE
    ]
    return Route.objects.create(
        case=case,
        policy_version_id=before.policy_version_id if before else None,
        prediction_id=before.prediction_id if before else None,
        kind=Route.Kind.REVIEW,
        confidence=before.confidence if before else None,
        queue=queue,
        second_review_queue_id=before.second_review_queue_id if before else None,
        reasons=[asdict(because("contested")), *reasons],
        flags=before.flags if before else [],
    )


def wait_for_somebody_new(case: Case, route: Route, contest: Contest, *, by: Actor) -> bool:
    """Lets a contested case wait, by right for a senior; whether nobody is left who could judge it."""
    if route.queue is None:
        raise ValueError(f"route {route.pk} names no queue")
    if case.priority in (Priority.NORMAL, Priority.LOW):
        case.priority = Priority.HIGH
        Case.objects.filter(pk=case.pk).update(priority=case.priority)
    begin_anew(case)
    sooner = hasten(case, route.queue)
    senior, first, second = who_is_left(case, route)
    QueueEntry.objects.create(
        case=case,
        queue=route.queue,
        route=route,
        round=Route.objects.filter(case=case, kind=Route.Kind.REVIEW).count(),
        due_at=case.due_at,
        escalated=bool(senior) or not first,
        fresh=True,
    )
    data: dict[str, Any] = {
        "decision": contest.decision_id,
        "contest": contest.pk,
        "route": route.pk,
        "queue": route.queue.slug,
        "blind": False,
        "due_at": case.due_at.isoformat(),
        "priority": case.priority,
        **sooner,
    }
    lifecycle.move(case, Status.IN_REVIEW, by=by, data=data)
    judges = senior or first
    if route.second_review_queue_id is None:
        return not judges
    return not (judges and second and len(judges | second) > 1)


def words_of(contest: Contest) -> str:
    """What the person said; empty where the case was erased since."""
    if not contest.sealed_words:
        return ""
    opened = vault.of(contest.case_id)
    return opened.open(purpose(contest.decision), contest.sealed_words).decode()


def purpose(decision: Decision) -> str:
    """What a person's words are sealed for."""
    return f"contest:{decision.pk}"
