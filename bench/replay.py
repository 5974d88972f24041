"""Replaying a policy on a million past cases: loaded, a draft and the active one replayed, estimated.

Beside it the same arithmetic in plain numpy, written down for this one draft over the same arrays, which
it finds in memory: what any replay has to cost, were there no database and no policy to read.
"""

import copy
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connections
from django.utils import timezone
from numpy.typing import NDArray

from bench.database import as_owner, database
from bench.measure import Pace, heading, in_turns, line
from cases.definition import Definition
from cases.models import Pipeline
from reviews.doubts import BITS, rule_key
from reviews.lab import estimates, segments
from reviews.lab.columns import Columns
from reviews.lab.moves import moves_of
from reviews.lab.replay import replay_policy
from reviews.models import PolicyVersion
from reviews.policies import definition_of, read_policy
from reviews.policychecks import expressions
from reviews.replaying import load_columns
from reviews.routing import Policy

CASES = 1_000_000
SEED = 0.5
FILL = """
INSERT INTO reviews_basis (
    route_id, case_id, pipeline_id, pipeline_version_id, policy_version_id, model_version_id,
    routed_at, predicted, confidence, probabilities, doubts, fields_clear, fields_poor,
    rules_known, rules_met, rules_failed, segments, template, label, label_kind, weight,
    labelled_at, seconds
)
SELECT
    number, gen_random_uuid(), %(pipeline)s, %(version)s, %(policy)s, %(model)s,
    now() - (1 - number / %(count)s::float) * interval '89 days',
    CASE WHEN approves THEN 'approve' ELSE 'decline' END, confidence,
    CASE WHEN approves THEN ARRAY[confidence, 1 - confidence] ELSE ARRAY[1 - confidence, confidence] END,
    CASE WHEN chance[1] < 0.02 THEN %(missing)s WHEN chance[1] < 0.03 THEN %(unread)s ELSE 0 END,
    ARRAY(SELECT CASE WHEN poor THEN 'NaN' ELSE 1 - random() ^ 4 / 3 END + 0 * number
          FROM generate_series(1, %(fields)s)),
    ARRAY(SELECT CASE WHEN poor THEN 1 - random() ^ 4 / 2 ELSE 'NaN' END + 0 * number
          FROM generate_series(1, %(fields)s)),
    %(rules)s::bigint[],
    ARRAY(SELECT key FROM unnest(%(rules)s::bigint[]) AS key WHERE random() + 0 * number < 0.02), '{}',
    ARRAY[(ARRAY['under 25', '25 to 39', '40 to 61', '62 and over'])[1 + floor(chance[2] * 4)::int],
          (ARRAY['north', 'south', 'east', 'west', ''])[1 + floor(chance[3] * 5)::int]],
    '',
    CASE WHEN labelled THEN CASE WHEN approves = (chance[4] < confidence) THEN 'approve' ELSE 'decline' END
         ELSE '' END,
    CASE WHEN NOT labelled THEN '' WHEN chance[5] < 0.05 THEN 'sample' ELSE 'review' END,
    CASE WHEN NOT labelled THEN 0 WHEN chance[5] < 0.05 THEN 20 ELSE 1 END,
    CASE WHEN labelled THEN now() END, CASE WHEN labelled THEN 60 + 240 * chance[6] END
FROM (
    SELECT number, chance, chance[7] < 0.7 AS approves, 0.5 + chance[8] / 2 AS confidence,
           chance[9] < 0.12 AS poor, chance[10] < 0.5 AS labelled
    FROM generate_series(1, %(count)s) AS number
    CROSS JOIN LATERAL (
        SELECT ARRAY(SELECT random() + 0 * number FROM generate_series(1, 10)) AS chance
    ) AS drawn
) AS made
"""


def fill(count: int) -> Pipeline:
    """A basis for each of `count` cases of the last 90 days that stand nowhere else."""
    pipeline = Pipeline.objects.select_related("current").get(slug="loan")
    assert pipeline.current is not None
    active = pipeline.policy_versions.get(active=True)
    keys = sorted(rule_key(text) for _, text in expressions(active.content))
    given = {
        "pipeline": pipeline.pk,
        "version": pipeline.current.pk,
        "policy": active.pk,
        "model": 1,
        "count": count,
        "fields": len(pipeline.current.definition.fields),
        "rules": keys,
        "missing": BITS["field_missing"],
        "unread": BITS["paper_unread"],
    }
    with as_owner(str(connections["default"].settings_dict["NAME"])) as connection:
        keys_out = connection.execute(
            "SELECT conname FROM pg_constraint "
            "WHERE conrelid = 'reviews_basis'::regclass AND contype = 'f'"
        ).fetchall()
        for (name,) in keys_out:
            connection.execute(f'ALTER TABLE reviews_basis DROP CONSTRAINT "{name}"')
        connection.execute("SELECT setseed(%s)", [SEED])
        connection.execute(FILL, given)
        connection.execute("VACUUM ANALYZE reviews_basis")
    return pipeline


def run() -> None:
    """Loads and replays, and does by plain numpy what the replay of the same draft comes to."""
    heading("Replaying a policy on a million past cases, milliseconds")
    with database("replay"):
        pipeline = fill(CASES)
        definition = definition_of(pipeline)
        content = PolicyVersion.objects.get(pipeline=pipeline, active=True).content
        active = read_policy(content, definition)
        draft = read_policy(drafted(content), definition)
        columns = load(pipeline)
        agree(columns, draft, definition)
        found = in_turns(
            {
                "plain": taking(lambda: plain(columns, draft)),
                "replay": taking(lambda: replay_policy(columns, draft, definition, {}, {})),
                "told": taking(lambda: told(columns, definition, active, draft)),
                "whole": taking(lambda: told(load(pipeline), definition, active, draft)),
            },
            3,
        )
        floor = found["plain"].p50
        line("one policy, over columns in memory", found["replay"].p50, floor)
        line("two, their moves and all estimates", found["told"].p50, floor)
        line("the same from the database's rows on", found["whole"].p50, floor, target="≤ 10,000")


def taking(act: Callable[[], object]) -> Callable[[], Pace]:
    """Something that does the act once and says how long it took."""

    def timed() -> Pace:
        began = time.perf_counter()
        act()
        took = time.perf_counter() - began
        return Pace(1 / took, took * 1000, took * 1000)

    return timed


def drafted(content: Mapping[str, Any]) -> dict[str, Any]:
    """The policy with less asked of the model's confidence, and more of one field's."""
    draft = copy.deepcopy(dict(content))
    draft["thresholds"] = {"approve": 0.8}
    draft["field_confidence"] = {**draft["field_confidence"], "net_income": 0.95}
    return draft


def load(pipeline: Pipeline) -> Columns:
    """All that was filled in."""
    now = timezone.now()
    columns = load_columns(pipeline, now - timedelta(days=90), now + timedelta(days=1))
    if len(columns) != CASES:
        raise RuntimeError(f"{len(columns)} cases were loaded")
    return columns


def told(columns: Columns, definition: Definition, active: Policy, draft: Policy) -> None:
    """Both policies replayed and compared, with every estimate for both."""
    before, after = (
        replay_policy(columns, policy, definition, {}, {}) for policy in (active, draft)
    )
    probability = np.where(before.automatic, 0.05, 1.0)
    labelled = columns.weight > 0
    probability[labelled] = 1 / columns.weight[labelled]
    adverse = [spec.name for spec in definition.outcomes if spec.adverse]
    moves_of(columns, before, after)
    estimates.change_of_mistakes(columns, before, after, probability)
    estimates.change_of_automation(before, after)
    for replayed in (before, after):
        estimates.mistakes(columns, replayed, probability)
        estimates.all_mistakes(columns, replayed, probability)
        estimates.work(columns, replayed, before)
        for segment in columns.segments:
            segments.treated(columns, replayed, segment, adverse, probability)


def plain(columns: Columns, policy: Policy) -> tuple[NDArray[np.bool_], NDArray[np.int16]]:
    """What the draft makes of the cases in the fewest operations that tell: automatic, and queue."""
    papers = (columns.doubts & (BITS["field_missing"] | BITS["paper_unread"])) != 0
    for name, minimum in (("applicant_name", 0.8), ("amount", 0.9), ("net_income", 0.95)):
        place = columns.fields.index(name)
        papers |= columns.fields_clear[:, place] < minimum
        papers |= columns.fields_poor[:, place] < minimum
    large = columns.rule(rule_key(policy.rules[3].when)) == 1
    for rule in policy.rules[:3]:
        papers |= columns.rule(rule_key(rule.when)) == 1
    if policy.second_review is not None:
        large |= columns.rule(rule_key(policy.second_review.rule)) == 1
    sure = (columns.predicted == 0) & (columns.confidence >= 0.8)
    return sure & ~papers & ~large, np.where(papers, np.int16(1), np.int16(0))


def agree(columns: Columns, policy: Policy, definition: Definition) -> None:
    """Raises an error where the two sides do not say the same of each case."""
    replayed = replay_policy(columns, policy, definition, {}, {})
    automatic, queue = plain(columns, policy)
    waits = ~automatic
    if (replayed.automatic != automatic).any() or (replayed.queue[waits] != queue[waits]).any():
        raise RuntimeError("the replay and plain numpy differ")
