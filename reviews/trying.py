"""Trying a rule on real cases before anybody relies on it: what it would have said of the last ones.

Cases that wait for somebody's judgement are left out: what a rule says of them may be what the model
says of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from audit import vault
from audit.vault import CannotOpen, Vault
from cases.expressions import InvalidExpression, holds, roots
from cases.models import Case, Pipeline
from inference.assessing import assessment_of, field_facts
from inference.knowing import NOTHING, names
from inference.models import Calibration, Prediction
from reviews.calibrating import calibrated_confidence
from reviews.models import Route
from reviews.policychecks import PREDICTED
from reviews.rights import Rights, listed_to

LISTED = 50
"""So many of the last cases are gone through for whoever may see them."""
COUNTED = 200
"""So many are for whoever may see none: they are told how many, and nothing of any."""
Answer = Mapping[str, Any]
NO_ANSWER: Answer = {"outcome": "", "confidence": 0.0, "probabilities": {}}
READ = frozenset({"fields", "papers", "mismatches", "unsure"})
ASSESSED = frozenset({"tables", "sums", "duplicates", "flags"})


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule says of a case; `met` is None where it could not be evaluated."""

    case_id: UUID
    reference: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule says of the last cases; `listed` are none where nobody may see them."""

    met: int
    unmet: int
    failed: int
    listed: tuple[Tried, ...]

    @property
    def cases(self) -> int:
        """How many cases were gone through."""
        return self.met + self.unmet + self.failed


def try_rule(
    expression: str, pipeline: Pipeline, rights: Rights, calibration: Calibration | None = None
) -> Trial:
    """Tries a rule on the pipeline's last cases; raises InvalidExpression where it is none.

    `calibration` is the one under which the rule would ask for the model's confidence.
    """
    asked = roots(expression)
    settled = settled_cases(pipeline)
    visible = list(listed_to(rights, settled)[:LISTED])
    cases = visible or list(settled[:COUNTED])
    vaults = vault.of_many(case.pk for case in cases)
    said = answers_of(cases, calibration) if asked & PREDICTED else {}
    tried = [
        Tried(
            case.pk,
            case.reference,
            met_by(expression, asked, case, vaults.get(case.pk), said.get(case.pk, NO_ANSWER)),
        )
        for case in cases
    ]
    answers = [each.met for each in tried]
    return Trial(
        met=answers.count(True),
        unmet=answers.count(False),
        failed=answers.count(None),
        listed=tuple(tried) if visible else (),
    )


def settled_cases(pipeline: Pipeline) -> QuerySet[Case]:
    """The pipeline's cases that were routed and wait for nobody, the last first."""
    routed = Exists(Route.objects.filter(case=OuterRef("pk")))
    cases = Case.objects.filter(routed, pipeline=pipeline, queue_entry=None)
    return cases.select_related("pipeline_version").order_by("-id")


def met_by(
    expression: str, asked: frozenset[str], case: Case, opened: Vault | None, answer: Answer
) -> bool | None:
    """Whether a rule holds for a case, `asked` being what it names; None where that can't be told."""
    if opened is None:
        return None
    try:
        return holds(expression, {**known_of(case, asked, opened), **answer})
    except (InvalidExpression, CannotOpen):
        return None


def known_of(case: Case, asked: frozenset[str], opened: Vault) -> dict[str, Any]:
    """What of a case a rule that asks for these names needs; raises CannotOpen."""
    data = opened.open_json("data", case.sealed_data)
    fields = field_facts(case, opened) if asked & READ else []
    assessed = assessment_of(case, opened) if asked & ASSESSED else NOTHING
    return names(case.definition, data, fields, assessed, on=case.created_at.date())


def answers_of(cases: Sequence[Case], calibration: Calibration | None) -> dict[UUID, Answer]:
    """By case, what the model last said of it, as a rule names it."""
    maps = calibration.maps if calibration else {}
    last = Prediction.objects.filter(case__in=cases).order_by("case_id", "-id").distinct("case_id")
    return {
        each.case_id: {
            "outcome": each.outcome,
            "confidence": calibrated_confidence(each.outcome, each.confidence, maps),
            "probabilities": {name: float(said) for name, said in each.probabilities.items()},
        }
        for each in last
    }
