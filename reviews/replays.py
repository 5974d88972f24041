"""Replays: a policy against the active one, over the cases of a past window."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.utils.timezone import now

from cases.models import Pipeline
from inference.figures import Estimate
from reviews.curves import Past, probabilities, replayed, rule_keys
from reviews.lab import estimates
from reviews.lab.bounds import Numbers
from reviews.lab.columns import LABEL_KINDS, Columns
from reviews.lab.estimates import Expected, Mistakes, Work
from reviews.lab.moves import Moves, moves_of
from reviews.lab.replay import CannotReplay, Replayed
from reviews.lab.segments import Treated, treated
from reviews.models import Proposal
from reviews.policies import active_policy, definition_of, read_policy
from reviews.replaying import load_columns
from reviews.routing import InvalidPolicy, Policy

DAYS = 90
IN_VIEW = LABEL_KINDS.index("review")
LATE = """
SELECT queue.slug, count(*) FILTER (WHERE decision.decided_at > held.due_at), count(*)
FROM reviews_basis basis
JOIN cases_case held ON held.id = basis.case_id
JOIN cases_decision decision ON decision.case_id = basis.case_id
    AND decision.superseded_at IS NULL AND decision.made_by = 'review'
JOIN reviews_route route ON route.id = basis.route_id
JOIN reviews_queue queue ON queue.id = route.queue_id
WHERE basis.pipeline_id = %(pipeline)s AND basis.routed_at >= %(since)s
    AND basis.routed_at < %(until)s AND held.due_at IS NOT NULL
GROUP BY queue.slug
"""
"""How many of each queue's cases people decided after they were due, and how many they decided."""
Late = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Side:
    """What a policy comes to over the whole window: counts, and estimates of what is not known.

    `in_view` are those of the labels of `wrong` that were given with the model's view in sight.
    """

    known: int
    automatic: int
    automation: Estimate | None
    wrong: Expected
    in_view: int
    mistakes: Sequence[Mistakes]
    work: Work
    late: Estimate | None
    groups: Mapping[str, Sequence[Treated]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A policy beside the active one, over the same cases; `took` are seconds.

    `more_wrong` is by how many wrong decisions the draft differs, `more_automatic` by which share of the
    cases; `confidence` that which it goes by. Of `unknown` cases it is not known yet what it asks; `held`
    were held back by a stop or the gate alone.
    """

    columns: Columns
    since: datetime
    until: datetime
    active: Side
    draft: Side
    more_wrong: Estimate
    more_automatic: Estimate | None
    moves: Moves
    confidence: Numbers
    unknown: int
    held: int
    took: float


def compare(
    pipeline: Pipeline, active: Policy, draft: Policy, since: datetime, until: datetime
) -> Comparison:
    """Replays both over the cases routed within a time; raises CannotReplay."""
    began = time.perf_counter()
    definition = definition_of(pipeline)
    columns = load_columns(pipeline, since, until, rule_keys(active) | rule_keys(draft))
    before = replayed(pipeline, definition, columns, active)
    after = replayed(pipeline, definition, columns, draft)
    moves, both = moves_of(columns, before, after), before.known & after.known
    held, unknown = int((columns.held & before.automatic).sum()), int((~after.known).sum())
    before, after = before.among(both), after.among(both)
    weeks = (until - since) / timedelta(weeks=1)
    past = Past(pipeline, definition, active, columns, before, weeks)
    probability, late = every_probability(past), late_by_queue(pipeline, since, until)
    return Comparison(
        columns=columns,
        since=since,
        until=until,
        active=side_of(past, before, probability, late),
        draft=side_of(past, after, probability, late),
        more_wrong=estimates.change_of_mistakes(columns, before, after, probability),
        more_automatic=estimates.change_of_automation(before, after),
        moves=moves,
        confidence=after.confidence,
        unknown=unknown,
        held=held,
        took=time.perf_counter() - began,
    )


def side_of(past: Past, made: Replayed, probability: Numbers, late: Late) -> Side:
    """What a policy comes to; times and delays are those that there were."""
    columns = past.columns
    work = estimates.work(columns, made, past.replayed)
    adverse = [spec.name for spec in past.definition.outcomes if spec.adverse]
    return Side(
        known=int(made.known.sum()),
        automatic=int(made.automatic.sum()),
        automation=estimates.automation(made),
        wrong=estimates.all_mistakes(columns, made, probability),
        in_view=int((made.automatic & (columns.label_kind == IN_VIEW)).sum()),
        mistakes=estimates.mistakes(columns, made, probability),
        work=work,
        late=estimates.breaches(work.cases, late),
        groups={
            name: treated(columns, made, name, adverse, probability) for name in columns.segments
        },
    )


def every_probability(past: Past) -> Numbers:
    """With which probability each case was to be labelled."""
    found = np.ones(len(past.columns))
    for place, name in enumerate(past.columns.outcomes):
        mine = past.columns.predicted == place
        found[mine] = probabilities(past, name, mine)[mine]
    return found


def late_by_queue(
    pipeline: Pipeline, since: datetime, until: datetime
) -> dict[str, tuple[int, int]]:
    """Of each queue how many cases people decided too late, and how many at all."""
    with connection.cursor() as cursor:
        cursor.execute(LATE, {"pipeline": pipeline.pk, "since": since, "until": until})
        return {slug: (late, decided) for slug, late, decided in cursor.fetchall()}


# ---------------------------------------------------------------- what a signer is shown


def summary_for(pk: int, days: int = DAYS) -> dict[str, Any] | None:
    """What a replay of a proposal says in numbers, to be kept with it; None where none can be made."""
    proposal = Proposal.objects.select_related("pipeline").filter(pk=pk).first()
    if proposal is None:
        return None
    pipeline = proposal.pipeline
    version = active_policy(pipeline)
    if version is None:
        return None
    until = now()
    try:
        definition = definition_of(pipeline)
        draft = read_policy(proposal.content, definition)
        active = read_policy(version.content, definition)
        found = compare(pipeline, active, draft, until - timedelta(days=days), until)
    except (InvalidPolicy, CannotReplay):
        return None
    return {"against": version.number, "days": days, **summary_of(found)}


def summary_of(found: Comparison) -> dict[str, Any]:
    """A comparison in numbers: of each figure the active policy's and the draft's; None is not known."""
    sides = (found.active, found.draft)
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "digest": found.columns.digest,
        "cases": len(found.columns),
        "moved": found.moves.moved,
        "unknown": found.unknown,
        "automatic": [side.automatic for side in sides],
        "second": [side.work.second_reviews for side in sides],
        "hours": [ends(side.work.hours) for side in sides],
        "late": [ends(side.late) for side in sides],
        "wrong": [ends(side.wrong.rate) for side in sides],
        "labels": [side.wrong.labels for side in sides],
        "more_wrong": ends(found.more_wrong),
    }


def ends(figure: Estimate | None) -> list[float] | None:
    """An estimate and its ends, as JSON can carry them; None where nothing is known."""
    if figure is None:
        return None
    return [round(each, 6) for each in (figure.estimate, figure.lower, figure.upper)]
