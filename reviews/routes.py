"""Routing a scored case: the facts gathered, the policy asked, the answer carried out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from audit import vault
from audit.actors import Actor, system
from audit.vault import CannotOpen
from cases import lifecycle
from cases.decisions import decide
from cases.definition import Definition, at_pointer
from cases.lifecycle import Step
from cases.models import Case, Decision, Document, Status
from inference.assessing import assessment_of, field_facts
from inference.knowing import NOTHING, Assessed, consented, names
from inference.models import Calibration, Prediction
from reviews.adverse.contested import is_contested, is_for_seniors
from reviews.adverse.notices import owe_notice
from reviews.adverse.principal import for_want_of_reasons, principal_reasons
from reviews.asking import was_asked
from reviews.bases import save_basis
from reviews.calibrating import (
    calibrated_confidence,
    calibrated_fields,
    calibration_of,
    maps_of,
)
from reviews.gatechecks import live_figures
from reviews.hastening import hasten
from reviews.models import Claim, PolicyVersion, Queue, QueueEntry, Route
from reviews.policies import active_policy, read_policy
from reviews.reasons import Reason, because
from reviews.replying import reply_by_policy
from reviews.routing import (
    Facts,
    Flag,
    InvalidPolicy,
    Policy,
    Routed,
    answers_of,
    flag_doubts,
    route,
    second_review_of,
)
from reviews.sampling import draw_sample, drawn, held_by_gate
from reviews.stopping import hold_stops_off, what_is_stopped
from reviews.trail.grounds import grounds_of


def route_case(case: Case, step: Step) -> None:
    """Does the step of routing: decides the clear case, queues every other one."""
    prediction = last_prediction(case)
    version = active_policy(case.pipeline)
    facts = gather_facts(case, prediction)
    policy = None
    with transaction.atomic():
        hold_stops_off()
        try:
            if version is None:
                raise InvalidPolicy("there is none")
            policy = read_policy(version.content, case.pipeline_version.definition)
            seen = under(policy, facts, case, prediction)
            routed = route(seen, policy, case.definition.outcomes)
            reasons = principal_reasons(case, prediction, routed)
            if routed.outcome is not None and reasons is None:
                routed = for_want_of_reasons(routed, case.definition, policy.queue)
        except InvalidPolicy:
            seen, routed = facts, to_a_person(case, because("policy_failed"), facts, version)
            reasons = None
        row = save_route(case, routed, prediction, version, seen.confidence)
        save_basis(row, facts, routed)
        by = system("policy")
        if routed.outcome is not None:
            decision = decide(
                case,
                routed.outcome,
                by=by,
                made_by=Decision.MadeBy.POLICY,
                route_id=row.pk,
                reason_codes=reasons or [reason.code for reason in routed.reasons],
                grounds=grounds_of(row.pk),
                step=step,
            )
            owe_notice(decision, case, by=by)
            reply_by_policy(case, row)
        else:
            enter_queue(case, row, by=by, step=step)
        if policy is not None:
            draw_sample(case, row, policy, by=by)


def queue_quarantined_case(case: Case, step: Step) -> None:
    """Gives a case whose step failed for good to a person, who is told what failed.

    Where the policy asks for two people it does so here too: a failure is no way round the second.
    Nor is it one past the flags, whether they were looked for or not.
    """
    reason = because("step_failed", error=case.step_error)
    prediction = last_prediction(case)
    version = active_policy(case.pipeline)
    facts = signs_of(case)
    routed = to_a_person(case, reason, facts, version)
    with transaction.atomic():
        row = save_route(case, routed, prediction, version, None)
        save_basis(row, facts, routed)
        enter_queue(case, row, by=system("policy"), step=step)


def last_prediction(case: Case) -> Prediction | None:
    """The case's newest prediction, with its model version."""
    found = Prediction.objects.filter(case=case).select_related("model_version")
    return found.order_by("-id").first()


def signs_of(case: Case) -> Facts:
    """What is known of a case's flags and data where nothing else may be; sealed for good, it is nothing."""
    definition, day = case.definition, case.created_at.date()
    unknown = ("not_assessed",) if definition.flags else ()
    try:
        opened = vault.of(case.pk)
        data = opened.open_json("data", case.sealed_data)
        assessed = assessment_of(case, opened)
    except CannotOpen:
        known = names(definition, {}, (), NOTHING, on=day)
        return Facts(None, 0.0, (), known, unlooked=unknown)
    return Facts(
        None,
        0.0,
        (),
        names(definition, data, (), assessed, on=day),
        flags=flags_of(assessed),
        unlooked=unlooked(definition, data, assessed),
    )


def to_a_person(case: Case, reason: Reason, facts: Facts, version: PolicyVersion | None) -> Routed:
    """The route where no policy can be asked: to the urgent cases where a flag is raised, or may be."""
    content = version.content if version else {}
    signs = [doubt for _, doubt in flag_doubts(facts, None)]
    wanted = [content.get("flag_queue")] if signs else []
    queue = queue_of_last_resort(case, [*wanted, content.get("queue")])
    raised = tuple(flag.name for flag in facts.flags)
    second, answers = second_of(case, facts, version)
    return Routed(None, queue, (reason, *signs), second, raised, answers)


def queue_of_last_resort(case: Case, wanted: Sequence[str | None]) -> str:
    """The first queue wanted that there is or, where that can't be, the first of the pipeline's."""
    slugs = [*wanted, *(spec.slug for spec in case.definition.queues)]
    known = list(Queue.objects.filter(pipeline=case.pipeline_id).values_list("slug", flat=True))
    return next((slug for slug in slugs if slug in known), known[0])


def second_of(
    case: Case, facts: Facts, version: PolicyVersion | None
) -> tuple[str | None, Mapping[str, bool | None]]:
    """The queue of the second review that the policy asks for by what is known, and what its rule said.

    A policy that can't be evaluated but knows of second reviews asks for one: it might have.
    """
    if version is None:
        return None, {}
    try:
        policy = read_policy(version.content, case.pipeline_version.definition)
    except InvalidPolicy:
        return (version.content.get("second_review") or {}).get("queue"), {}
    answers = answers_of(facts, replace(policy, rules=()))
    return second_review_of(policy, answers)[0], answers


def gather_facts(case: Case, prediction: Prediction | None) -> Facts:
    """All that the policy may look at."""
    opened = vault.of(case.pk)
    definition = case.definition
    fields = field_facts(case, opened)
    data = opened.open_json("data", case.sealed_data)
    assessed = assessment_of(case, opened)
    return Facts(
        outcome=prediction.outcome if prediction else None,
        confidence=prediction.confidence if prediction else 0.0,
        fields=tuple(fields),
        known=names(definition, data, fields, assessed, on=case.created_at.date()),
        probabilities=prediction.probabilities if prediction else {},
        failure="" if prediction else "no_prediction" if definition.model else "no_model",
        unread=tuple(unread_papers(case)),
        asked=was_asked(case),
        unseen=tuple(unseen_papers(case)),
        flags=flags_of(assessed),
        unlooked=unlooked(definition, data, assessed),
        figures=upper_figures(prediction.model_version.facts) if prediction else {},
        consent=consented(definition, data),
    )


def under(policy: Policy, facts: Facts, case: Case, prediction: Prediction | None) -> Facts:
    """The facts as a policy sees them: calibrated, with what holds back all that it would decide."""
    field_maps = maps_of(case.pipeline, policy.field_calibration, Calibration.Kind.FIELDS)
    fields = calibrated_fields(facts.fields, case.pipeline_version.definition, field_maps)
    if prediction is None:
        return replace(facts, fields=fields)
    version = prediction.model_version
    calibration = calibration_of(case.pipeline, policy.calibration)
    maps = calibration.maps if calibration else {}
    return replace(
        facts,
        confidence=calibrated_confidence(prediction.outcome, facts.confidence, maps),
        fields=fields,
        live=live_figures(case.pipeline, version, policy, calibration),
        stopped=what_is_stopped(case.pipeline, version),
    )


def flags_of(assessed: Assessed) -> tuple[Flag, ...]:
    """The raised flags, each once, as a policy is told of them."""
    labels = {flag["name"]: flag["label"] for flag in assessed.content.get("flags", ())}
    return tuple(Flag(name, label) for name, label in labels.items())


def unlooked(
    definition: Definition, data: Mapping[str, Any], assessed: Assessed
) -> tuple[str, ...]:
    """Codes of why the flags of a case could not be looked for."""
    codes = []
    if definition.flags and assessed is NOTHING:
        codes.append("not_assessed")
    message = definition.message
    language = at_pointer(data, message.language) if message and message.language else None
    if message is not None and not message.reads(language):
        codes.append("language_unknown")
    return tuple(codes)


def upper_figures(card: Mapping[str, Any]) -> dict[str, float]:
    """The upper ends of the figures of a model's card, where it gives any; nothing else is one."""
    figures = card.get("figures")
    ends = {
        name: each.get("upper")
        for name, each in (figures.items() if isinstance(figures, Mapping) else ())
        if isinstance(each, Mapping)
    }
    return {
        name: float(end)
        for name, end in ends.items()
        if isinstance(end, int | float) and not isinstance(end, bool)
    }


def unread_papers(case: Case) -> list[str]:
    """Names of the case's papers of which a page is missing, or has no word that could be read."""
    worded = Count("pages", filter=Q(pages__readings__word_count__gt=0), distinct=True)
    read = [spec.kind for spec in case.definition.documents if not spec.read]
    papers = case.documents.exclude(kind__in=read).annotate(worded=worded)
    return names_of(case, papers.filter(worded__lt=F("page_count")))


def unseen_papers(case: Case) -> list[str]:
    """Names of the case's papers on which nothing is read: what they show only people can say."""
    shown = [spec.kind for spec in case.definition.documents if not spec.read]
    return names_of(case, case.documents.filter(kind__in=shown)) if shown else []


def names_of(case: Case, papers: QuerySet[Document]) -> list[str]:
    """What the papers are called, in their order: by their kinds, one of several with its number."""
    named = {paper.pk for paper in papers}
    specs = {spec.kind: spec for spec in case.definition.documents}
    seen: Counter[str] = Counter()
    names = []
    for paper in case.documents.order_by("position") if named else ():
        seen[paper.kind] += 1
        if paper.pk in named:
            spec = specs.get(paper.kind)
            name = spec.name if spec else paper.kind
            names.append(f"{name} {seen[paper.kind]}" if spec and spec.several else name)
    return names


def save_route(
    case: Case,
    routed: Routed,
    prediction: Prediction | None,
    version: PolicyVersion | None,
    confidence: float | None,
) -> Route:
    """The route as a row, with the confidence that the policy went by."""
    queues = {queue.slug: queue for queue in Queue.objects.filter(pipeline=case.pipeline_id)}
    queue = queues[routed.queue] if routed.queue else None
    reasons = [asdict(reason) for reason in routed.reasons]
    return Route.objects.create(
        case=case,
        policy_version=version,
        prediction=prediction,
        kind=Route.Kind.REVIEW if routed.queue else Route.Kind.AUTOMATIC,
        outcome=routed.outcome or "",
        confidence=confidence if prediction else None,
        queue=queue,
        second_review_queue=queues.get(routed.second_review, queue)
        if routed.second_review
        else None,
        blind=bool(
            routed.queue
            and prediction
            and version
            and (held_by_gate(reasons) or judged_blind(case, queue, version))
        ),
        reasons=reasons,
        flags=list(routed.flags),
    )


def judged_blind(case: Case, queue: Queue | None, version: PolicyVersion) -> bool:
    """Whether the case is drawn for it; what may be urgent is not slowed down by any measurement.

    Nor would the case be judged unseen: that it waits in such a queue tells what the model said.
    """
    urgent = (version.content.get("flag_queue"), version.content.get("ceiling_queue"))
    return (queue is None or queue.slug not in urgent) and drawn_blind(case, version)


def drawn_blind(case: Case, version: PolicyVersion) -> bool:
    """Whether the case falls into the share that is judged without the model's view first."""
    share: float = version.content.get("blind_share", 0.0)
    return drawn("blind_share", case, version, share)


def enter_queue(case: Case, row: Route, *, by: Actor, step: Step) -> None:
    """Puts a case into its route's queue, each time for a round of its own. Must run in a transaction.

    What was once passed on to those who give second reviews is theirs in each later round as well,
    and what is contested waits for a senior who has not judged it, as it did before.
    """
    if row.queue is None:
        raise ValueError(f"route {row.pk} names no queue")
    sooner = hasten(case, row.queue)
    times = Route.objects.filter(case=case, kind=Route.Kind.REVIEW).count()
    fresh = times > 1 and is_contested(case)
    passed_on = Claim.objects.filter(case=case, ended=Claim.Ended.ESCALATED).exists()
    QueueEntry.objects.create(
        case=case,
        queue=row.queue,
        route=row,
        round=times,
        due_at=case.due_at,
        escalated=passed_on or (fresh and is_for_seniors(case, row)),
        fresh=fresh,
    )
    data: dict[str, Any] = {
        "route": row.pk,
        "queue": row.queue.slug,
        "reasons": [reason["code"] for reason in row.reasons],
        "blind": row.blind,
        **sooner,
    }
    lifecycle.move(case, Status.IN_REVIEW, by=by, step=step, data=data)
