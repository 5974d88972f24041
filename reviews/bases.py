"""Bases: what each route rested on, kept in numbers, so that any other policy can be replayed on it.

A basis holds what no policy changes: what was predicted and read, with which confidence, and which
doubts there were. What a rule said stands under a key of its text, so that the same rule in another
policy needs not be evaluated again.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import (
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Extract

from audit.models import ClockTimestamp
from cases.definition import Definition
from cases.expressions import InvalidExpression, value_of
from cases.models import Case
from inference.knowing import FieldFact
from reviews.doubts import mask_of, rule_key
from reviews.letterheads import template_of
from reviews.models import Basis, Review, Route, Stage
from reviews.routing import Facts, Routed

FAILED = frozenset({"policy_failed", "step_failed"})
LONGEST_SEGMENT = 60


def save_basis(row: Route, facts: Facts, routed: Routed) -> Basis:
    """Keeps what a route rested on, in its transaction; `facts` are those before any calibration."""
    basis = basis_of(row, facts, routed)
    basis.save(force_insert=True)
    return basis


def basis_of(row: Route, facts: Facts, routed: Routed) -> Basis:
    """What a route rested on, as a row not saved yet."""
    definition = row.case.pipeline_version.definition
    prediction = row.prediction
    content = row.policy_version.content if row.policy_version else {}
    keys = {rule_key(text, content.get("calibration")): met for text, met in routed.answers.items()}
    said = prediction.probabilities if prediction else {}
    return Basis(
        route=row,
        case=row.case,
        pipeline=row.case.pipeline,
        pipeline_version=row.case.pipeline_version,
        policy_version=row.policy_version,
        model_version=prediction.model_version if prediction else None,
        predicted=prediction.outcome if prediction else "",
        confidence=prediction.confidence if prediction else 0.0,
        probabilities=[float(said.get(each.name, math.nan)) for each in definition.outcomes],
        doubts=mask_of(*doubts_of(row, facts, routed)),
        fields_clear=least_confidences(
            definition, (fact for fact in facts.fields if not fact.poor)
        ),
        fields_poor=least_confidences(definition, (fact for fact in facts.fields if fact.poor)),
        rules_known=sorted(keys),
        rules_met=sorted(key for key, met in keys.items() if met),
        rules_failed=sorted(key for key, met in keys.items() if met is None),
        segments=[segment_of(spec.value, facts.known) for spec in definition.segments],
        template=template_of(definition, facts.fields),
    )


def doubts_of(row: Route, facts: Facts, routed: Routed) -> Iterator[str]:
    """The doubts that no policy takes away, each by its name in `reviews.doubts`."""
    codes = {reason.code for reason in routed.reasons}
    specs = {spec.name: spec for spec in row.case.pipeline_version.definition.outcomes}
    spec = specs.get(row.prediction.outcome) if row.prediction else None
    held = {"stopped" if code == "stopped" else "gate" for code in codes if holds_back(code)}
    found = {
        "flag": facts.flags,
        "unlooked": facts.unlooked,
        "urgent": spec and spec.urgent,
        "failure": facts.failure or row.prediction is None,
        "asked": facts.asked,
        "paper_unread": facts.unread,
        "paper_unseen": facts.unseen,
        "field_missing": any(fact.required and not fact.found for fact in facts.fields),
        "no_consent": not facts.consent,
        "unusable": row.prediction and spec is None,
        "failed": codes & FAILED,
    }
    yield from (name for name, is_so in found.items() if is_so)
    if all(map(holds_back, codes)):
        yield from held


def holds_back(code: str) -> bool:
    """Whether a reason's code is one of a stop or of the gate."""
    return code == "stopped" or code.startswith("gate_")


def least_confidences(definition: Definition, facts: Iterable[FieldFact]) -> list[float]:
    """Of each field of a definition the least confidence with which one was found; NaN where none was.

    What is no confidence meets no minimum, and is kept as -1.
    """
    least: dict[str, float] = {}
    for fact in facts:
        if fact.found:
            confidence = float(fact.confidence) if 0 <= fact.confidence <= 1 else -1.0
            least[fact.base] = min(confidence, least.get(fact.base, math.inf))
    return [least.get(spec.name, math.nan) for spec in definition.fields]


def segment_of(expression: str, known: Mapping[str, Any]) -> str:
    """The segment that a case is in; empty where that can't be told or is too fine to be one."""
    try:
        value = value_of(expression, known)
    except InvalidExpression:
        return ""
    return value if isinstance(value, str) and len(value) <= LONGEST_SEGMENT else ""


def label_basis(
    case: Case, outcome: str, kind: str, weight: float = 1.0, seconds: Combinable | None = None
) -> None:
    """Keeps what people said of a case beside the basis of its last route: the last word counts.

    Save that a sampled verdict stays: it stands for `weight` cases, and those only as long as it was
    drawn by chance; what is said of the case afterwards, since it was found wrong, was not.
    """
    rows = last_bases(case)
    if kind != Basis.Label.SAMPLE:
        rows = rows.exclude(label_kind=Basis.Label.SAMPLE)
    label(rows, outcome, kind, weight, seconds)


def label_reviewed(case: Case, review: Review) -> None:
    """Keeps the outcome that a review ended a case with, and how long its reviewers had it.

    Who had to answer before the model's view was shown is taken at that word, unmoved by the view; who
    judged after somebody else never saw it. What was reopened was not drawn by chance: the new verdict
    takes the place of an earlier one, and labels no decision that the policy had made alone.
    """
    outcome = review.committed_outcome or review.outcome
    unseen = review.committed_outcome or review.stage != Stage.FIRST
    kind = Basis.Label.BLIND if unseen else Basis.Label.REVIEW
    reviewed = Q(route=review.route_id) | ~Q(label="")
    rows = last_bases(case).filter(reviewed).exclude(label_kind=Basis.Label.SAMPLE)
    label(rows, outcome, kind, 1.0, handling_seconds(review))


def last_bases(case: Case) -> QuerySet[Basis]:
    """The basis of a case's last route, if it has any."""
    last = Basis.objects.filter(case=case).order_by("-route").values("route")[:1]
    return Basis.objects.filter(route__in=last)


def label(
    rows: QuerySet[Basis], outcome: str, kind: str, weight: float, seconds: Combinable | None
) -> None:
    """Keeps a label, in one statement: somebody may wait for the verdict that it comes from."""
    rows.update(
        label=outcome,
        label_kind=kind,
        weight=weight,
        labelled_at=ClockTimestamp(),
        seconds=seconds,
    )


def handling_seconds(review: Review) -> Combinable:
    """How long the reviewers of a round had its case before them, all together; for a statement."""
    took = ExpressionWrapper(F("reviewed_at") - F("claim__claimed_at"), DurationField())
    own = Review.objects.filter(case=review.case_id, round=review.round, undone_at=None)
    total = own.order_by().values("case").annotate(total=Sum(Extract(took, "epoch")))
    return Subquery(total.values("total"), output_field=FloatField())
