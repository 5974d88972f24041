"""Finding out what a policy's rules say of past cases that were never asked them.

A rule needs the case as it was, which is sealed: so it is asked once of each, in the background, and the
answer kept. Whoever replays a policy rings for it; until then a replay says of how many cases it does
not know, and of those whose key is destroyed nobody ever will.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

import structlog
from celery import current_app
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Value
from kombu.exceptions import OperationalError

from audit import vault
from audit.models import CaseKey, ClockTimestamp
from audit.vault import CannotOpen
from cases.models import Case, Pipeline
from inference.assessing import assessment_of, field_facts
from inference.knowing import names as known_of
from inference.models import Calibration
from reviews.calibrating import calibrated_confidence, maps_of
from reviews.doubts import BITS, rule_key
from reviews.models import Basis, PolicyVersion, Proposal, RuleResult
from reviews.policychecks import expressions
from reviews.routes import signs_of
from reviews.routing import Facts, answer_of, names

log = structlog.get_logger("countersign.findingrules")

TASK = "reviews.tasks.find_rules"
PRIORITY = 9  # after everything that somebody waits for: 0 is first in Redis
BACK = timedelta(days=366)
BATCH = 100
BATCHES = 5
"""Of so many cases a task finds out before it lets others work, and rings for the next."""
SOURCES: Mapping[str, Any] = {"proposal": Proposal, "version": PolicyVersion}


@dataclass(frozen=True, slots=True)
class Asked:
    """The rules of a policy, by their keys, and the maps under which they see the model's confidence."""

    pipeline: Pipeline
    texts: Mapping[int, str]
    maps: Mapping[str, Any]


def asked_by(pipeline: Pipeline, content: Mapping[str, Any]) -> Asked:
    """What a policy's content asks of a case."""
    number = content.get("calibration")
    return Asked(
        pipeline,
        {rule_key(text, number): text for _, text in expressions(content)},
        maps_of(pipeline, number, Calibration.Kind.CONFIDENCE),
    )


def ring_for_rules(source: Proposal | PolicyVersion, below: int | None = None) -> None:
    """Lets a worker find out what a policy's rules say of past cases. A broker away costs time only."""
    kind = "proposal" if isinstance(source, Proposal) else "version"
    try:
        current_app.send_task(TASK, args=[kind, source.pk, below], priority=PRIORITY, retry=False)
    except OperationalError:
        log.warning("doorbell_unheard", source=kind, id=source.pk)


def find_rules_or_ring(kind: str, pk: int, below: int | None) -> None:
    """Finds out of some cases, the newest first, and rings for those before them."""
    source = SOURCES[kind].objects.select_related("pipeline").get(pk=pk)
    asked = asked_by(source.pipeline, source.content)
    for _ in range(BATCHES):
        below = find_rules(asked, below)
        if below is None:
            return
    ring_for_rules(source, below)


def find_rules(asked: Asked, below: int | None) -> int | None:
    """Asks the rules of the next cases before the route `below`; the last of them, None at the end.

    A case that can't be opened is passed by. What can't be evaluated is kept as that: a doubt.
    """
    rows = list(
        unknown(asked, below).select_related("case__pipeline_version", "route__prediction")[:BATCH]
    )
    found = [result for basis in rows for result in results_of(asked, basis)]
    RuleResult.objects.bulk_create(found, ignore_conflicts=True)
    return rows[-1].pk if rows else None


def unknown(asked: Asked, below: int | None = None) -> QuerySet[Basis]:
    """The bases of cases that can be opened, and of which a rule is not known; the newest first."""
    rows = Basis.objects.filter(pipeline=asked.pipeline, routed_at__gt=ClockTimestamp() - BACK)
    if not asked.texts:
        return rows.none()
    keys = CaseKey.objects.filter(case_id=OuterRef("case"), destroyed_at=None)
    missing = (
        ~Q(rules_known__contains=[Value(key, BigIntegerField())])  # bare, it is cut to 32 bits
        & ~Exists(RuleResult.objects.filter(rule=key, basis=OuterRef("pk")))
        for key in asked.texts
    )
    rows = rows.filter(Exists(keys), reduce(or_, missing))
    return (rows if below is None else rows.filter(pk__lt=below)).order_by("-pk")


def unknown_between(
    pipeline: Pipeline, content: Mapping[str, Any], since: datetime, until: datetime
) -> int:
    """Of how many routes within a time it can yet be found out what a policy's rules say."""
    rows = unknown(asked_by(pipeline, content))
    return rows.filter(routed_at__gte=since, routed_at__lt=until).count()


def results_of(asked: Asked, basis: Basis) -> Iterator[RuleResult]:
    """What the rules that its case was never asked say of a basis."""
    try:
        known = names(facts_of(asked, basis))
    except CannotOpen:
        return
    for key, text in asked.texts.items():
        if key not in basis.rules_known:
            yield RuleResult(basis=basis, rule=key, met=answer_of(text, known))


def facts_of(asked: Asked, basis: Basis) -> Facts:
    """What a rule can name of a case, as it would have been told when the case was routed."""
    case: Case = basis.case
    if basis.doubts & BITS["failed"]:
        return signs_of(case)
    opened = vault.of(case.pk)
    definition, prediction = case.definition, basis.route.prediction
    fields = field_facts(case, opened)
    data = opened.open_json("data", case.sealed_data)
    known = known_of(
        definition, data, fields, assessment_of(case, opened), on=case.created_at.date()
    )
    confidence = calibrated_confidence(basis.predicted, basis.confidence, asked.maps)
    return Facts(
        basis.predicted or None,
        confidence if prediction else 0.0,
        tuple(fields),
        known,
        prediction.probabilities if prediction else {},
    )
