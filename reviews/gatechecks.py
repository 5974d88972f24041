"""What live labels show of a model version: measured now and then, and what the gate goes by.

Measured is each pair of calibration and days that the active policy or a proposal names, so that a
policy is not closed for want of a look at it on its first day. What a calibration was fitted on is not
counted for it: only the other half of the cases is, and what was said of any since.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import structlog
from django.db import transaction
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, QuerySet, Value

from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp, Event
from cases.models import Pipeline
from inference.figures import FEWEST, Labels, figures
from inference.models import Calibration, ModelVersion
from reviews.calibrating import calibrated_labels, calibration_of, database_time, scored_by
from reviews.gate import UNMEASURED, Gate, LiveFigures, gate_doubts
from reviews.labels import Told, labels_of
from reviews.models import Basis, GateCheck, PolicyVersion, Proposal
from reviews.policies import active_policy, locked, readable
from reviews.routing import Policy

GOES_STALE = timedelta(hours=24)
"""How old what the gate goes by may be: nobody knows what labels since then would have shown."""
SAYS_AGAIN = timedelta(hours=6)
"""How old it gets where nothing changes."""
PATIENCE = timedelta(minutes=10)
"""How long few new labels beside many may wait to be counted; otherwise they are at the next look."""
MANY = 100

log = structlog.get_logger("countersign.gate")

OPENED, CLOSED = "gate.opened", "gate.closed"
ASKS = (Proposal.Status.DRAFT, Proposal.Status.REQUESTED, Proposal.Status.APPROVED)


# ---------------------------------------------------------------- what the gate goes by


def live_figures(
    pipeline: Pipeline,
    model_version: ModelVersion,
    policy: Policy,
    calibration: Calibration | None,
    at: datetime | None = None,
) -> LiveFigures:
    """What the last measurement shows, or showed `at` a time, under the policy's calibration."""
    if policy.calibration is not None and not fits(calibration, model_version):
        return LiveFigures(0, fits=False)
    last = last_check(Measured(pipeline, model_version, calibration, policy.gate.days), at)
    if last is None:
        return UNMEASURED
    check, age = last
    return LiveFigures(
        labels=check.labels,
        ece_upper=check.figures.get("ece", {}).get("upper"),
        auroc=check.figures.get("auroc", {}).get("estimate"),
        fresh=age < GOES_STALE,
    )


def fits(calibration: Calibration | None, model_version: ModelVersion) -> bool:
    """Whether a calibration is one of this model version's confidence."""
    return calibration is not None and calibration.model_version_id == model_version.pk


# ---------------------------------------------------------------- measured


@dataclass(frozen=True, slots=True)
class Measured:
    """What a check is of; without a calibration of confidence as it is stated."""

    pipeline: Pipeline
    model_version: ModelVersion
    calibration: Calibration | None
    days: int

    @property
    def checks(self) -> QuerySet[GateCheck]:
        """The checks of it, oldest first."""
        return GateCheck.objects.filter(
            pipeline=self.pipeline,
            model_version=self.model_version,
            calibration=self.calibration,
            days=self.days,
        ).order_by("id")


class Aged(NamedTuple):
    """A check, and how old it is."""

    check: GateCheck
    age: timedelta


def last_check(measured: Measured, at: datetime | None = None) -> Aged | None:
    """The last check and its age by the database's clock, or as they were `at` a time."""
    now = Value(at) if at else ClockTimestamp()
    age = ExpressionWrapper(now - F("checked_at"), output_field=DurationField())
    checks = measured.checks.filter(checked_at__lte=at) if at else measured.checks
    found = checks.annotate(age=age).last()
    return Aged(found, found.age) if found else None


def measure_gates(*, by: Actor) -> int:
    """Measures what changed since it was measured last, or long ago; says where a gate opened or closed.

    Returns how many checks were made. Cheap where nothing changed: run it every minute. What can't be
    measured keeps nothing else from it: its own gate closes once the last check is stale.
    """
    made = 0
    for pipeline in Pipeline.objects.filter(current__isnull=False).select_related("current"):
        for each in asked_for(pipeline):
            try:
                made += measure(each)
            except Exception as error:
                log.error(
                    "measuring_failed", pipeline=pipeline.slug, days=each.days, exc_info=error
                )
        tell_state(pipeline, by=by)
    return made


def asked_for(pipeline: Pipeline) -> Iterator[Measured]:
    """What has to be known of a pipeline: its model version as each policy would take it."""
    scores = scored_by(pipeline.current.definition if pipeline.current else None)
    if scores is None:
        return
    for number, days in sorted(ways(pipeline), key=str):
        calibration = calibration_of(pipeline, number)
        if number is None or fits(calibration, scores):
            yield Measured(pipeline, scores, calibration, days)


def ways(pipeline: Pipeline) -> set[tuple[int | None, int]]:
    """The calibrations by their numbers, and the days, that policies name; never naught of them."""
    active = PolicyVersion.objects.filter(pipeline=pipeline, active=True)
    asked = Proposal.objects.filter(pipeline=pipeline, status__in=ASKS)
    contents = [*active.values_list("content", flat=True), *asked.values_list("content", flat=True)]
    named = {(each.get("calibration"), days_of(each)) for each in contents}
    return named | {(None, days) for _, days in named} | {(None, Gate().days)}


def days_of(content: Mapping[str, Any]) -> int:
    """Of how many days a policy's content counts labels."""
    return int(content.get("gate", {}).get("days", Gate().days))


def measure(measured: Measured) -> bool:
    """Measures what labels show, where it may have changed; False where the last check still holds."""
    until = database_time()
    since = until - timedelta(days=measured.days)
    last, there = last_check(measured), counted(measured, since, until)
    if last is not None and last.age < SAYS_AGAIN and not is_due(last, there):
        return False
    told = labels_of(measured.pipeline, measured.model_version, since, until)
    found = {**figures_of(told, measured.calibration), "of": there}
    GateCheck.objects.create(
        pipeline=measured.pipeline,
        model_version=measured.model_version,
        calibration=measured.calibration,
        days=measured.days,
        labels=found["unseen"],
        figures=found,
    )
    return True


def counted(measured: Measured, since: datetime, until: datetime) -> dict[str, Any]:
    """How many labels there are and when the last was given: as long as both stay, nothing changed."""
    rows = Basis.objects.filter(
        pipeline=measured.pipeline,
        model_version=measured.model_version,
        labelled_at__gt=since,
        labelled_at__lte=until,
    )
    found = rows.aggregate(count=Count("*"), last=Max("labelled_at"))
    return {"labels": found["count"], "last": found["last"] and found["last"].isoformat()}


def is_due(last: Aged, there: Mapping[str, Any]) -> bool:
    """Whether what changed since a check is worth another: much at once, little after a while."""
    before = last.check.figures.get("of", {})
    if before == there:
        return False
    news = abs(there["labels"] - before.get("labels", 0))
    return bool(last.age >= PATIENCE or MANY * max(1, news) >= there["labels"])


def figures_of(told: Told, calibration: Calibration | None) -> dict[str, Any]:
    """The figures of labels under a calibration, of those that it was not fitted on; by queue as well.

    `unseen` is how many of them were given without the model's view in sight: those alone count towards
    what the target needs, since who sees the view leans towards it.
    """
    kept = told.unused(calibration.until if calibration else None)
    labels = calibrated_labels(told, calibration.maps if calibration else {}).chosen(kept)
    queues = np.array(told.queues, dtype=object)[kept]
    found = {name: short(labels.chosen(queues == name)) for name in sorted(set(queues))}
    return {
        **figures(labels),
        "names": told.groups,
        "unseen": int((told.unseen & kept).sum()),
        "queues": {name: each for name, each in found.items() if each},
    }


def short(labels: Labels) -> dict[str, Any]:
    """The figures without their bands; none of so few labels that they say nothing."""
    if len(labels) < FEWEST:
        return {}
    found = figures(labels)
    return {name: found[name] for name in ("labels", "ece", "brier", "auroc") if name in found}


# ---------------------------------------------------------------- told


@transaction.atomic
def tell_state(pipeline: Pipeline, *, by: Actor) -> None:
    """Records that the active policy's gate opened or closed, where it is not as it was told last."""
    pipeline = locked(pipeline)
    version = active_policy(pipeline)
    definition = pipeline.current.definition if pipeline.current else None
    scores, policy = scored_by(definition), readable(version, definition)
    if version is None or policy is None or scores is None or not policy.thresholds:
        return
    live = live_figures(pipeline, scores, policy, calibration_of(pipeline, policy.calibration))
    reasons = list(gate_doubts(live, policy.gate, policy.samples))
    now = CLOSED if reasons else OPENED
    if now == told_last(pipeline):
        return
    data = {
        "policy_version": version.pk,
        "number": version.number,
        "model_version": scores.pk,
        "calibration": policy.calibration,
        "labels": live.labels,
        "ece_upper": live.ece_upper,
        "auroc": live.auroc,
        "reasons": [reason.code for reason in reasons],
    }
    record(now, by=by, pipeline=pipeline.slug, data=data)
    log.warning(now.replace(".", "_"), pipeline=pipeline.slug, reasons=data["reasons"])


def told_last(pipeline: Pipeline) -> str:
    """Whether a gate was said to be open or closed last; one of which nothing was said is closed."""
    told = Event.objects.filter(type__in=(OPENED, CLOSED), pipeline=pipeline.slug)
    last = told.order_by("-id").values_list("type", flat=True).first()
    return last or CLOSED
