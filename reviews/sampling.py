"""Samples: cases that are judged unseen to measure the policy, the model and the reviewers.

A sampled decision stands, and is announced as ever; its case waits in a queue beside that like one that
is judged blind, and nobody who may judge it is told (`reviews.veiling`). What they say decides nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import F

from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Case
from reviews.bases import handling_seconds, label_basis
from reviews.models import Basis, PolicyVersion, Queue, QueueEntry, Review, Route, Sample, Slot
from reviews.reasons import because
from reviews.routing import Policy
from reviews.slots import free

DRAWN = 12
"""Hexadecimal digits of the digest that draws a share: 48 bits, which a double holds."""
STRAIGHT = 4
"""The version of a case that came to people without a detour: received, read, scored, sent."""


def drawn(purpose: str, case: Case, version: PolicyVersion, share: float) -> bool:
    """Whether a case falls into a `share` (0–1) of all that a policy version routes.

    The draw is keyed: who looks at a case can't foresee it, and it falls the same way each time.
    """
    digest = vault.house_digest(purpose, f"{case.pk}:{version.pk}".encode())
    return int(digest[:DRAWN], 16) < share * (1 << 4 * DRAWN)


def held_by_gate(reasons: Iterable[Mapping[str, Any]]) -> bool:
    """Whether nothing but the gate, by a route's reasons, sent a case to people."""
    codes = [reason["code"] for reason in reasons]
    return bool(codes) and all(code.startswith("gate_") for code in codes)


# ---------------------------------------------------------------- drawing


def draw_sample(case: Case, route: Route, policy: Policy, *, by: Actor) -> Sample | None:
    """Draws the case of an automatic decision by its stratum's share, and enters it into a queue.

    Of what the gate alone held back each is a sample: its route is blind, and its first answer counts.
    None where the case is neither. Must run in the transaction in which it is routed.
    """
    version = route.policy_version
    if version is None or route.confidence is None:
        return None
    if route.kind == Route.Kind.REVIEW:
        return held_sample(route, policy, by=by) if held_by_gate(route.reasons) else None
    stratum = policy.samples.stratum(route.outcome, route.confidence)
    if not drawn("sample", case, version, stratum.share):
        return None
    sample = sample_of(route, Sample.Kind.AUTOMATIC, route.outcome)
    sample.stratum, sample.probability = stratum.lower, stratum.share
    enter_sample(case, sample, by=by)
    return sample


def held_sample(route: Route, policy: Policy, *, by: Actor) -> Sample | None:
    """The sample that a case is which the gate alone held back. Must run in a transaction."""
    if route.prediction is None:
        return None
    sample = sample_of(route, Sample.Kind.HELD, route.prediction.outcome)
    sample.stratum = policy.samples.stratum(sample.outcome, route.confidence or 0.0).lower
    sample.save(force_insert=True)
    record_drawn(sample, {"route": route.pk}, by=by)
    return sample


def sample_of(route: Route, kind: Sample.Kind, outcome: str) -> Sample:
    """A sample of what a route led to, measured against `outcome`; not kept yet."""
    return Sample(
        case=route.case,
        kind=kind,
        route=route,
        policy_version=route.policy_version,
        model_version=route.prediction.model_version if route.prediction else None,
        outcome=outcome,
        confidence=route.confidence,
    )


def enter_sample(case: Case, sample: Sample, *, by: Actor) -> QueueEntry:
    """Keeps a sample and lets its settled case wait for who judges it unseen, by a route of its own.

    It goes to those alone who have not judged the case before. Must run in a transaction; raises
    IntegrityError where the case waits already.
    """
    queue = queue_for(sample.route)
    due_at, sooner = due_of(case, sample, queue)
    version = STRAIGHT if sample.kind == Sample.Kind.KNOWN else case.version
    sample.shown_version = version + sooner
    sample.save(force_insert=True)
    route = Route.objects.create(
        case=case,
        policy_version=sample.policy_version,
        prediction=sample.route.prediction,
        kind=Route.Kind.REVIEW,
        confidence=sample.route.confidence,
        queue=queue,
        blind=True,
        reasons=reasons_for(sample),
    )
    entry = QueueEntry.objects.create(
        case=case,
        queue=queue,
        route=route,
        round=Route.objects.filter(case=case, kind=Route.Kind.REVIEW).count(),
        due_at=due_at,
        sample=sample,
    )
    shown = {"route": route.pk, "queue": queue.slug, "version": sample.shown_version}
    record_drawn(sample, shown, by=by)
    return entry


def reasons_for(sample: Sample) -> list[dict[str, Any]]:
    """Why a sample's case is said to have come to people.

    A case of which they judged before comes for the same reasons again: it shows what it was sent for.
    """
    if sample.kind == Sample.Kind.KNOWN and sample.route.kind == Route.Kind.REVIEW:
        return list(sample.route.reasons)
    return [asdict(because("sampled"))]


def queue_for(route: Route) -> Queue:
    """Where a sample of what a route led to waits: in the route's queue, or in the policy's own."""
    if route.queue is not None:
        return route.queue
    content = route.policy_version.content if route.policy_version else {}
    return Queue.objects.get(pipeline=route.case.pipeline_id, slug=content["queue"])


def due_of(case: Case, sample: Sample, queue: Queue) -> tuple[datetime, bool]:
    """By when a sample is to be judged, as any such case; and whether the queue has it due sooner.

    One that settled long ago is due as if it had come in now.
    """
    now: datetime = (
        Case.objects.annotate(now=ClockTimestamp()).values_list("now").get(pk=case.pk)[0]
    )
    due_at = case.due_at
    if sample.kind == Sample.Kind.KNOWN:
        minutes = cast(Mapping[str, int], case.definition.sla_minutes)
        due_at = now + timedelta(minutes=minutes[case.priority])
    if queue.sla_minutes is None:
        return due_at, False
    then = now + timedelta(minutes=queue.sla_minutes)
    return min(due_at, then), then < due_at


# ---------------------------------------------------------------- what comes of it


def settle_sample(entry: QueueEntry, review: Review, *, by: Actor) -> Sample:
    """Takes a settled case out of its queue, and keeps what was said of it unseen; nothing is decided.

    What the review had booked is free again. Must run in a transaction that has locked the entry.
    """
    sample = Sample.objects.select_for_update(no_key=True, of=("self",)).get(entry=entry.pk)
    QueueEntry.objects.filter(pk=entry.pk).delete()
    keep_verdict(sample, review, by=by)
    if sample.kind == Sample.Kind.AUTOMATIC:
        label_basis(
            entry.case,
            sample.verdict,
            Basis.Label.SAMPLE,
            weight=1 / sample.probability,
            seconds=handling_seconds(review),
        )
    free(Slot.objects.filter(booked_by=review.pk), entry.case, by=by)
    return sample


def judge_held(entry: QueueEntry, review: Review, *, by: Actor) -> None:
    """Keeps what was said unseen of a case that the gate had held back; others are no sample.

    Must run in a transaction.
    """
    held = Sample.objects.filter(
        route=entry.route_id, kind=Sample.Kind.HELD, judged_at=None, ended=""
    )
    for sample in held.select_for_update(no_key=True, of=("self",)):
        keep_verdict(sample, review, by=by)


def keep_verdict(sample: Sample, review: Review, *, by: Actor) -> None:
    """What a reviewer said of a sample, with its events. Must run in a transaction.

    That is the answer which they committed to before they saw the model's view.
    """
    sample.verdict = review.committed_outcome or review.outcome
    sample.reviewer_id = review.reviewer_id
    Sample.objects.filter(pk=sample.pk).update(
        verdict=sample.verdict, reviewer=review.reviewer_id, judged_at=ClockTimestamp()
    )
    said = {"review": review.pk, "outcome": sample.verdict, "expected": sample.outcome}
    record_of("sample.judged", sample, said, by=by)
    if sample.verdict != sample.outcome and sample.kind != Sample.Kind.KNOWN:
        record_of("sample.disagreed", sample, said, by=by)


def end_sample(entry: QueueEntry, how: Sample.Ended, *, by: Actor) -> None:
    """Ends a sample that can't be judged; its case leaves the queue. Must run in a transaction."""
    QueueEntry.objects.filter(pk=entry.pk).delete()
    end_samples(entry.case, how, by=by)


def end_samples(case: Case, how: Sample.Ended, *, by: Actor) -> None:
    """Ends the sample that a case still is, if it is one. Must run in a transaction."""
    for sample in Sample.objects.filter(case=case, judged_at=None, ended=""):
        Sample.objects.filter(pk=sample.pk).update(ended=how)
        record_of("sample.ended", sample, {"how": how.value}, by=by)


def put_off_shown(sample_id: int) -> int:
    """The version that is shown of a sample's case whose deadline was moved on, as any such case's."""
    Sample.objects.filter(pk=sample_id).update(shown_version=F("shown_version") + 1)
    return Sample.objects.values_list("shown_version", flat=True).get(pk=sample_id)


def record_drawn(sample: Sample, data: Mapping[str, Any], *, by: Actor) -> None:
    """The event of a case that became a sample."""
    drawn = {"probability": sample.probability, "stratum": sample.stratum, **data}
    record_of("sample.drawn", sample, drawn, by=by)


def record_of(type: str, sample: Sample, data: Mapping[str, Any], *, by: Actor) -> None:
    """An event of a sample's case."""
    record(
        type,
        by=by,
        case_id=sample.case_id,
        pipeline=sample.route.case.pipeline.slug,
        data={"sample": sample.pk, "kind": sample.kind, **data},
    )
