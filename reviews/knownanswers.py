"""Known answers: settled cases whose right answer is beyond doubt, given to reviewers anew to measure them.

Such a case was decided by two people who agreed without knowing of each other, settled by a third, or
confirmed by an unseen sample. It waits like any case that is judged blind and changes nothing; nobody
is told, neither before nor afterwards. Half of them are taken from where the model was wrong, if there
are any: only there a reviewer can catch anything.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, zip_longest
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actors import Actor
from audit.events import record
from audit.models import CaseKey, ClockTimestamp
from cases.models import Case, Decision, Pipeline, Status
from reviews.colleagues import holders
from reviews.models import QueueEntry, Review, Route, Sample, Stage
from reviews.policies import active_policy, readable
from reviews.rights import rights_of
from reviews.sampling import enter_sample, queue_for, sample_of

MOST_BY_HAND = 20
"""How many can be given at once by hand."""
MOST_WAITING = 5
"""How many wait at once by themselves: they are to be met among others, not in a row."""
PACE = timedelta(days=7)
"""Over how long the share is kept."""
LOOKED_AT = 40
"""Candidates that are looked at in one go, of each kind."""

CANDIDATES = """
SELECT c.id
FROM cases_case c
JOIN cases_decision d ON d.case_id = c.id AND d.superseded_at IS NULL
JOIN reviews_route r ON r.id = d.route_id
JOIN inference_prediction p ON p.id = r.prediction_id
JOIN audit_casekey k ON k.case_id = c.id AND k.wrapped IS NOT NULL
WHERE c.pipeline_id = %(pipeline)s AND c.status IN ('decided', 'announced')
    AND (p.outcome <> d.outcome) = %(model_wrong)s AND r.flags = '[]'
    AND NOT EXISTS (SELECT FROM reviews_queue q WHERE q.id = r.queue_id AND q.pinned)
    AND c.id IN (
        SELECT judged.case_id FROM reviews_review judged
        JOIN cases_case own ON own.id = judged.case_id AND own.pipeline_id = %(pipeline)s
        WHERE judged.stage <> 'first' AND judged.undone_at IS NULL
            AND judged.reviewed_at > clock_timestamp() - %(age)s
        UNION ALL
        SELECT seen.case_id FROM reviews_sample seen
        WHERE seen.kind <> 'known' AND seen.verdict = seen.outcome
            AND seen.judged_at > clock_timestamp() - %(age)s)
    AND EXISTS (SELECT FROM cases_document paper WHERE paper.case_id = c.id)
    AND NOT EXISTS (SELECT FROM reviews_queueentry entry WHERE entry.case_id = c.id)
    AND NOT EXISTS (SELECT FROM reviews_sample open WHERE open.case_id = c.id
        AND open.judged_at IS NULL AND open.ended = '')
    AND NOT EXISTS (SELECT FROM reviews_sample wrong WHERE wrong.case_id = c.id
        AND wrong.kind <> 'known' AND wrong.verdict NOT IN ('', d.outcome))
ORDER BY (SELECT count(*) FROM reviews_sample used WHERE used.case_id = c.id AND used.kind = 'known'),
    random()
LIMIT %(most)s
"""
"""Settled cases that were judged twice or seen as a sample, the least used first, else at random. A case
without papers would be known by that, and nothing that may be urgent is played."""
AGE = timedelta(days=90)
"""Older ones are left alone: guidance and policy were others."""


class CannotSeed(ValueError):
    """Cases can't be given so; the message says why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What reviewers got lately: how much in all, how much of it known, and what waits of that now."""

    reviews: int
    known: int
    waiting: int


def is_beyond_doubt(case: Case, decision: Decision) -> bool:
    """Whether two people who judged apart agree on a decision, a third settled it, or a sample confirms."""
    stages = dict(
        Review.objects.filter(route=decision.route_id, undone_at=None).values_list(
            "stage", "outcome"
        )
    )
    if stages.get(Stage.ADJUDICATION) == decision.outcome:
        return True
    if {stages.get(Stage.FIRST), stages.get(Stage.SECOND)} == {decision.outcome}:
        return True
    seen = Sample.objects.filter(case=case, judged_at__isnull=False)
    return seen.exclude(kind=Sample.Kind.KNOWN).filter(verdict=decision.outcome).exists()


def candidates(pipeline: Pipeline, *, model_wrong: bool, most: int = LOOKED_AT) -> list[UUID]:
    """Cases that may have a known answer, of those in which the model was wrong, or right."""
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "pipeline": pipeline.pk,
            "model_wrong": model_wrong,
            "most": most,
            "age": AGE,
        }
        cursor.execute(CANDIDATES, given)
        return [case_id for (case_id,) in cursor.fetchall()]


def seed_by_hand(pipeline: Pipeline, count: int, *, by: User) -> list[Sample]:
    """Lets `count` known answers wait for reviewers, or as many as there are; raises CannotSeed."""
    if not rights_of(by).may_pipeline("configure", pipeline.pk):
        raise CannotSeed(_("Who configures the pipeline gives its reviewers known answers."))
    if not 0 < count <= MOST_BY_HAND:
        raise CannotSeed(_("Give between 1 and %(most)d cases.") % {"most": MOST_BY_HAND})
    return seed(pipeline, count, drawn_by=by, by=by.actor)


def seed(pipeline: Pipeline, count: int, *, drawn_by: User | None, by: Actor) -> list[Sample]:
    """Lets known answers wait, of cases in which the model was wrong and right by turns."""
    wrong, right = (candidates(pipeline, model_wrong=each) for each in (True, False))
    by_turns = (each for each in chain.from_iterable(zip_longest(wrong, right)) if each)
    found: list[Sample] = []
    for case_id in by_turns:
        if len(found) == count:
            break
        sample = enter_known(case_id, drawn_by=drawn_by, by=by)
        found += [sample] if sample else []
    if found:
        data = {"samples": [sample.pk for sample in found]}
        with transaction.atomic():
            record("known_answers.seeded", by=by, pipeline=pipeline.slug, data=data)
    return found


@transaction.atomic
def enter_known(case_id: UUID, *, drawn_by: User | None, by: Actor) -> Sample | None:
    """Lets a settled case wait as one whose answer is known; None where it is not, or nobody can judge it."""
    waits = QueueEntry.objects.select_for_update(no_key=True).filter(pk=case_id).exists()
    case = (
        Case.objects.select_for_update(no_key=True, of=("self",))
        .select_related("pipeline", "pipeline_version")
        .get(pk=case_id)
    )
    decision = Decision.objects.filter(case=case, superseded_at=None).first()
    settled = case.status in (Status.DECIDED, Status.ANNOUNCED)
    alive = CaseKey.objects.filter(case_id=case.pk, wrapped__isnull=False).exists()
    if waits or not settled or not alive or decision is None or decision.route_id is None:
        return None
    if not is_beyond_doubt(case, decision):
        return None
    routes = Route.objects.select_related("prediction__model_version", "policy_version", "queue")
    route = routes.get(pk=decision.route_id)
    route.case = case
    if not somebody_new(case, queue_for(route).pk):
        return None
    sample = sample_of(route, Sample.Kind.KNOWN, decision.outcome)
    sample.drawn_by = drawn_by
    enter_sample(case, sample, by=by)
    return sample


def somebody_new(case: Case, queue_id: int) -> bool:
    """Whether anybody who reviews the queue has never judged the case."""
    judged = Review.objects.filter(case=case, undone_at=None).values_list("reviewer", flat=True)
    return bool(holders([queue_id]).get((queue_id, "review"), frozenset()) - frozenset(judged))


# ---------------------------------------------------------------- by itself


def keep_seeded(*, by: Actor) -> int:
    """Lets known answers wait as each pipeline's active policy has it; returns how many it added."""
    return sum(len(keep_share(pipeline, by=by)) for pipeline in measured_pipelines())


def measured_pipelines() -> QuerySet[Pipeline]:
    """The pipelines that there are policies for."""
    return Pipeline.objects.filter(current__isnull=False).select_related("current")


def keep_share(pipeline: Pipeline, *, by: Actor) -> list[Sample]:
    """Adds known answers of a pipeline until they are the policy's share of what reviewers get."""
    missing = missing_known(share_of(pipeline), standing(pipeline))
    return seed(pipeline, missing, drawn_by=None, by=by) if missing else []


def share_of(pipeline: Pipeline) -> float:
    """Which share of what reviewers get has a known answer, by the active policy; 0 where none has."""
    definition = pipeline.current.definition if pipeline.current else None
    policy = readable(active_policy(pipeline), definition)
    return policy.samples.known if policy else 0.0


def standing(pipeline: Pipeline) -> Standing:
    """What the pipeline's reviewers got in the last days."""
    lately = ClockTimestamp() - PACE
    reviews = Review.objects.filter(
        case__pipeline=pipeline, stage=Stage.FIRST, reviewed_at__gt=lately, undone_at=None
    )
    known = Sample.objects.filter(case__pipeline=pipeline, kind=Sample.Kind.KNOWN)
    waiting = QueueEntry.objects.filter(
        sample__kind=Sample.Kind.KNOWN, sample__case__pipeline=pipeline
    )
    judged = known.filter(judged_at__gt=lately).count()
    return Standing(reviews.count(), judged, waiting.count())


def missing_known(share: float, lately: Standing) -> int:
    """How many known answers are missing that `share` of all that reviewers get has one. Pure.

    What waits counts as got: it is met soon, among what comes meanwhile.
    """
    wanted = int(share * (lately.reviews + lately.waiting))
    missing = wanted - lately.known - lately.waiting
    return max(0, min(missing, MOST_WAITING - lately.waiting))
