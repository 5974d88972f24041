"""The curve of a pipeline: its past cases as each outcome's threshold meets them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from cases.definition import Definition, OutcomeSpec
from cases.models import Pipeline
from inference.models import Calibration
from reviews.calibrating import calibrated, calibration_of, maps_of
from reviews.doubts import rule_key
from reviews.lab.bounds import Numbers
from reviews.lab.columns import Columns
from reviews.lab.curve import (
    Design,
    Field,
    Flags,
    filled_seconds,
    label_probability,
    sampled_share,
)
from reviews.lab.replay import Replayed, replay_policy
from reviews.labels import drawn
from reviews.models import PolicyVersion
from reviews.policies import definition_of, readable
from reviews.replaying import load_columns
from reviews.routing import Policy


@dataclass(frozen=True, slots=True)
class Past:
    """Past cases of a pipeline, and what a policy makes of them."""

    pipeline: Pipeline
    definition: Definition
    policy: Policy
    columns: Columns
    replayed: Replayed
    weeks: float


def choices(policy: Policy, outcomes: Iterable[OutcomeSpec]) -> list[OutcomeSpec]:
    """The outcomes that a policy may decide without a person, at some threshold."""
    return [
        spec
        for spec in outcomes
        if not spec.urgent and (not spec.adverse or spec.name in policy.automatic_adverse)
    ]


def past_of(pipeline: Pipeline, policy: Policy, since: datetime, until: datetime) -> Past:
    """The cases routed within a time, as the policy would have routed them; raises CannotReplay."""
    definition = definition_of(pipeline)
    columns = load_columns(pipeline, since, until, rule_keys(policy))
    made = replayed(pipeline, definition, columns, policy)
    weeks = (until - since) / timedelta(weeks=1)
    return Past(pipeline, definition, policy, columns, made, weeks)


def replayed(
    pipeline: Pipeline, definition: Definition, columns: Columns, policy: Policy
) -> Replayed:
    """What a policy makes of the cases, with the calibrations that it names; raises CannotReplay."""
    maps = maps_of(pipeline, policy.calibration, Calibration.Kind.CONFIDENCE)
    field_maps = maps_of(pipeline, policy.field_calibration, Calibration.Kind.FIELDS)
    return replay_policy(columns, policy, definition, maps, field_maps)


def rule_keys(policy: Policy) -> set[int]:
    """The keys of all that a policy asks of a case."""
    texts = [rule.when for rule in policy.rules]
    texts += [policy.second_review.rule] if policy.second_review else []
    return {rule_key(text, policy.calibration) for text in texts}


def field_of(past: Past, outcome: str) -> Field:
    """The cases as the threshold of one outcome meets them."""
    columns, replayed = past.columns, past.replayed
    place = columns.outcomes.index(outcome) if outcome in columns.outcomes else -2
    mine = columns.predicted == place
    samples = past.policy.samples
    return Field(
        confidence=np.nan_to_num(replayed.confidence),
        open=replayed.clear & mine,
        others=replayed.automatic & ~mine,
        wrong=np.where(
            (columns.label >= 0) & ~fitted_on(past, mine),
            (columns.label != place).astype(float),
            np.nan,
        ),
        probability=probabilities(past, outcome, mine),
        sampled=sampled_share(outcome, replayed.confidence, samples),
        seconds=filled_seconds(columns.seconds, columns.predicted),
        weeks=past.weeks,
    )


def fitted_on(past: Past, mine: Flags) -> Flags:
    """Which of the cases that are `mine` the policy's calibration may have been fitted on.

    What they say made its steps, and so which cases each threshold takes in: tested on these labels
    again, a promise is broken twice as often as it says. The halves are by a draw of the cases' ids.
    """
    columns, calibration = past.columns, calibration_of(past.pipeline, past.policy.calibration)
    found = np.zeros(len(columns), bool)
    if calibration is not None:
        early = columns.routed_at <= calibration.until.timestamp()
        same = columns.model_version == (calibration.model_version_id or 0)
        places = np.flatnonzero(mine & early & same & (columns.label >= 0))
        found[places] = drawn(columns.cases(places))[0]
    return found


def probabilities(past: Past, outcome: str, mine: Flags) -> Numbers:
    """With which probability each case was to be labelled, by the version that routed it."""
    columns = past.columns
    found = np.ones(len(columns))
    for pk, design in designs(past, outcome):
        own = mine & (columns.policy_version == pk)
        found[own] = label_probability(
            outcome, columns.confidence[own], columns.weight[own], columns.held[own], design
        )
    return found


def designs(past: Past, outcome: str) -> Iterator[tuple[int, Design]]:
    """How each of the versions that routed these cases decided and sampled an outcome."""
    used = np.unique(past.columns.policy_version).tolist()
    for version in PolicyVersion.objects.filter(pk__in=used, pipeline=past.pipeline):
        policy = readable(version, past.definition)
        policy = policy or Policy(queue="", field_queue="", samples=past.policy.samples)
        maps = maps_of(past.pipeline, policy.calibration, Calibration.Kind.CONFIDENCE)
        line = maps.get(outcome)
        threshold = policy.thresholds.get(outcome)
        yield version.pk, Design(threshold, policy.samples, partial(calibrated, line=line))
