"""Routing a scored case: the facts gathered, the policy asked, the answer carried out."""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q

from audit import vault
from audit.actors import Actor, system
from audit.vault import CannotOpen
from cases import lifecycle
from cases.decisions import decide
from cases.lifecycle import Step
from cases.models import Case, Decision, Status
from inference.assessing import assessment_of, field_facts
from inference.knowing import NOTHING, names
from inference.models import Prediction
from reviews.asking import was_asked
from reviews.models import Claim, PolicyVersion, Queue, QueueEntry, Route
from reviews.policies import active_policy, read_policy
from reviews.routing import (
    SAYS,
    Facts,
    InvalidPolicy,
    Routed,
    because,
    route,
    second_review_of,
)

DRAWN = 12
"""Hexadecimal digits of the digest that draws the blind share: 48 bits, which a double holds."""


def route_case(case: Case, step: Step) -> None:
    """Does the step of routing: decides the clear case, queues every other one."""
    prediction = Prediction.objects.filter(case=case).order_by("-id").first()
    version = active_policy(case.pipeline)
    try:
        if version is None:
            raise InvalidPolicy("there is none")
        routed = route(
            gather_facts(case, prediction),
            read_policy(version.content, case.definition),
            case.definition.outcomes,
        )
    except InvalidPolicy:
        reason = because("policy_failed")
        queue, second = queue_of_last_resort(case, version), second_queue(case, version)
        routed = Routed(None, queue, (reason,), second)
    with transaction.atomic():
        row = save_route(case, routed, prediction, version)
        by = system("policy")
        if routed.outcome is not None:
            decide(
                case,
                routed.outcome,
                by=by,
                made_by=Decision.MadeBy.POLICY,
                route_id=row.pk,
                reason_codes=[reason.code for reason in routed.reasons],
                step=step,
            )
        else:
            enter_queue(case, row, by=by, step=step)


def queue_quarantined_case(case: Case, step: Step) -> None:
    """Gives a case whose step failed for good to a person, who is told what failed.

    Where the policy asks for two people it does so here too: a failure is no way round the second.
    """
    reason = because("step_failed", error=case.step_error)
    prediction = Prediction.objects.filter(case=case).order_by("-id").first()
    version = active_policy(case.pipeline)
    queue, second = queue_of_last_resort(case, version), second_queue(case, version)
    with transaction.atomic():
        routed = Routed(None, queue, (reason,), second)
        row = save_route(case, routed, prediction, version)
        enter_queue(case, row, by=system("policy"), step=step)


def queue_of_last_resort(case: Case, version: PolicyVersion | None) -> str:
    """The policy's queue or, where that can't be, the first of the pipeline's that there is."""
    wanted = [str(version.content.get("queue"))] if version else []
    wanted += [spec.slug for spec in case.definition.queues]
    known = list(Queue.objects.filter(pipeline=case.pipeline_id).values_list("slug", flat=True))
    return next((slug for slug in wanted if slug in known), known[0])


def second_queue(case: Case, version: PolicyVersion | None) -> str | None:
    """The queue of the second review that the policy asks for by the case's data alone.

    A policy that can't be evaluated but knows of second reviews asks for one: it might have.
    """
    if version is None:
        return None
    try:
        policy = read_policy(version.content, case.definition)
        data = vault.of(case.pk).open_json("data", case.sealed_data)
    except InvalidPolicy:
        return (version.content.get("second_review") or {}).get("queue")
    except CannotOpen:
        data = {}
    known = names(case.definition, data, (), NOTHING, on=case.created_at.date())
    queue, _ = second_review_of(Facts(None, 0.0, (), known), policy)
    return queue


def gather_facts(case: Case, prediction: Prediction | None) -> Facts:
    """All that the policy may look at."""
    opened = vault.of(case.pk)
    fields = field_facts(case, opened)
    data = opened.open_json("data", case.sealed_data)
    assessed = assessment_of(case, opened)
    return Facts(
        outcome=prediction.outcome if prediction else None,
        confidence=prediction.confidence if prediction else 0.0,
        fields=tuple(fields),
        known=names(case.definition, data, fields, assessed, on=case.created_at.date()),
        probabilities=prediction.probabilities if prediction else {},
        failure="" if prediction else SAYS["no_prediction"],
        unread=tuple(unread_papers(case)),
        asked=was_asked(case),
    )


def unread_papers(case: Case) -> list[str]:
    """Names of the case's papers of which a page is missing, or has no word that could be read."""
    names = {spec.kind: spec.name for spec in case.definition.documents}
    worded = Count("pages", filter=Q(pages__readings__word_count__gt=0), distinct=True)
    papers = case.documents.annotate(worded=worded).filter(worded__lt=F("page_count"))
    return [names.get(paper.kind, paper.kind) for paper in papers.order_by("position")]


def save_route(
    case: Case, routed: Routed, prediction: Prediction | None, version: PolicyVersion | None
) -> Route:
    """The route as a row."""
    queues = {queue.slug: queue for queue in Queue.objects.filter(pipeline=case.pipeline_id)}
    queue = queues[routed.queue] if routed.queue else None
    return Route.objects.create(
        case=case,
        policy_version=version,
        prediction=prediction,
        kind=Route.Kind.REVIEW if routed.queue else Route.Kind.AUTOMATIC,
        outcome=routed.outcome or "",
        queue=queue,
        second_review_queue=queues.get(routed.second_review, queue)
        if routed.second_review
        else None,
        blind=bool(routed.queue and prediction and version and drawn_blind(case, version)),
        reasons=[asdict(reason) for reason in routed.reasons],
    )


def drawn_blind(case: Case, version: PolicyVersion) -> bool:
    """Whether the case falls into the share that is judged without the model's view first.

    The draw is keyed: who looks at a case can't foresee it, and it falls the same way each time.
    """
    digest = vault.house_digest("blind_share", f"{case.pk}:{version.pk}".encode())
    share: float = version.content.get("blind_share", 0.0)
    return int(digest[:DRAWN], 16) < share * (1 << 4 * DRAWN)


def enter_queue(case: Case, row: Route, *, by: Actor, step: Step) -> None:
    """Puts a case into its route's queue, each time for a round of its own. Must run in a transaction.

    What was once passed on to those who give second reviews is theirs in each later round as well.
    """
    if row.queue is None:
        raise ValueError(f"route {row.pk} names no queue")
    times = Route.objects.filter(case=case, kind=Route.Kind.REVIEW).count()
    QueueEntry.objects.create(
        case=case,
        queue=row.queue,
        route=row,
        round=times,
        due_at=case.due_at,
        escalated=Claim.objects.filter(case=case, ended=Claim.Ended.ESCALATED).exists(),
    )
    data: dict[str, Any] = {
        "route": row.pk,
        "queue": row.queue.slug,
        "reasons": [reason["code"] for reason in row.reasons],
        "blind": row.blind,
    }
    lifecycle.move(case, Status.IN_REVIEW, by=by, step=step, data=data)
