"""Ready reports that the database writes by itself: overrides, access to personal data, changes of models."""

from dataclasses import replace

from psycopg import sql

from accounts.models import User
from audit.eventclasses import CLASSES
from reviews.trail.decisions import COLUMNS as OF_DECISIONS
from reviews.trail.decisions import JOINED, SEALED, SOURCE, is_masked, is_veiled
from reviews.trail.explained import mask, opened
from reviews.trail.selecting import Selection, all_of, conditions, those_of, within
from reviews.trail.tables import Column, Table, Type, moment

# ---------------------------------------------------------------- overrides

SIDES = """
LEFT JOIN LATERAL (
    SELECT coalesce((spec ->> 'adverse')::boolean, false) AS adverse
    FROM jsonb_array_elements(pv.content -> 'outcomes') spec WHERE spec ->> 'name' = p.outcome
) foretold ON true
LEFT JOIN LATERAL (
    SELECT (policy.content -> 'thresholds' ->> p.outcome)::numeric AS threshold
) bound ON true
LEFT JOIN LATERAL (
    SELECT * FROM (
        SELECT next.outcome, next.decided_at AS at, CASE
            WHEN EXISTS (SELECT FROM reviews_contest contest WHERE contest.answer_id = next.id)
                THEN 'contest'
            WHEN EXISTS (SELECT FROM reviews_reopeningcase reopened
                         WHERE reopened.case_id = d.case_id AND reopened.result = 'reopened'
                             AND reopened.done_at BETWEEN d.decided_at AND next.decided_at)
                THEN 'reopening'
            ELSE 'decision' END AS by
        FROM cases_decision next WHERE next.case_id = d.case_id AND next.id > d.id
        UNION ALL
        SELECT sample.verdict, sample.judged_at, 'sample' FROM reviews_sample sample
        WHERE sample.case_id = d.case_id AND sample.judged_at > d.decided_at
    ) judgement ORDER BY at DESC LIMIT 1
) later ON true
"""
SIDE = """CASE
    WHEN d.outcome = p.outcome THEN 'same outcome'
    WHEN foretold.adverse AND NOT d.adverse THEN 'low side'
    WHEN NOT foretold.adverse AND d.adverse THEN 'high side'
    ELSE 'level' END"""
"""High side: the model spoke for the person, and people decided against them. Low side: the reverse."""
CONFIDENCE = "coalesce(r.confidence, p.confidence)::numeric"
BEFORE = ("case", "reference", "pipeline", "decided_at", "superseded_at")
AFTER = (
    "outcome",
    "adverse",
    "model",
    "model_version",
    "policy_version",
    "reasons",
    "reasons_in_words",
    "reviewers",
    "corrected_fields",
)
KNOWN = {column.name: column for column in OF_DECISIONS}
OVERRIDES = (
    *(KNOWN[name] for name in BEFORE),
    Column("side", SIDE),
    Column("predicted", "p.outcome"),
    Column("confidence", f"round({CONFIDENCE}, 6)", Type.NUMBER),
    Column("threshold", "bound.threshold", Type.NUMBER),
    Column("above_threshold", f"{CONFIDENCE} >= bound.threshold", Type.TRUTH),
    *(KNOWN[name] for name in AFTER),
    Column("later_outcome", "later.outcome"),
    Column("later_by", "later.by"),
    moment("later_at", "later.at"),
)


def overrides(selection: Selection, *, reader: User) -> Table:
    """Decisions that differ from the prediction, or from a read field: on which side, and what came later.

    Superseded ones as well, or those would be missing of which something came.
    """
    found = conditions(replace(selection, superseded=True), veiled=is_veiled(selection, reader))
    return Table(
        columns=OVERRIDES,
        source=SOURCE + SIDES,
        conditions=all_of([found, *those_of("d.override = {}", True)]),
        order="d.id",
        sealed=SEALED,
        read=mask if is_masked(selection, reader) else opened,
        counted_in=JOINED,
    )


# ---------------------------------------------------------------- access to personal data

ACCESS = (
    moment("at", "e.at"),
    Column("event", "e.id", Type.WHOLE),
    Column("type", "e.type"),
    Column("actor", "e.actor_kind || ':' || e.actor_id"),
    Column("person", "person.username"),
    Column("case", "e.case_id", Type.ID),
    Column("reference", "c.reference"),
    Column("pipeline", "e.pipeline"),
    Column("purpose", "coalesce(e.data ->> 'purpose', e.data #>> '{filter,purpose}')"),
    Column("details", "e.data::text"),
)
READ = """
FROM audit_event e
LEFT JOIN cases_case c ON c.id = e.case_id
LEFT JOIN accounts_user person ON e.actor_kind = 'user' AND person.id::text = e.actor_id
"""


READING = (*CLASSES["access"], "case.claimed", "export.downloaded")
"""Who holds a case reads it without a further event; who takes an export away has it elsewhere."""
UNTELLING = """NOT (e.type IN ('receipt.taken', 'case.claimed', 'export.downloaded')
    AND EXISTS (SELECT FROM reviews_queueentry entry WHERE entry.case_id = e.case_id))"""
"""Without what tells of cases that are with people that they were decided, or by whom."""


def access(selection: Selection, *, reader: User) -> Table:
    """Who read what of cases, when, and for what purpose, as far as these events are kept."""
    reviewer = selection.reviewer and str(selection.reviewer)
    return Table(
        columns=ACCESS,
        source=READ,
        conditions=all_of(
            [
                *those_of("e.type = ANY({})", list(READING)),
                *those_of("e.pipeline = {}", selection.pipeline and selection.pipeline.slug),
                *those_of("e.case_id = {}", selection.case and str(selection.case)),
                *those_of("e.actor_kind = 'user' AND e.actor_id = {}", reviewer),
                *within(selection, "e.at"),
                *([sql.SQL(UNTELLING)] if is_veiled(selection, reader) else []),
            ]
        ),
        order="e.id",
    )


# ---------------------------------------------------------------- changes of models

CHANGES = """
FROM (
    SELECT e.at, e.type AS what, e.actor_kind || ':' || e.actor_id AS actor, e.pipeline,
           coalesce(e.data ->> 'model', m.name) AS model,
           coalesce((e.data ->> 'version')::bigint, mv.number) AS version,
           (e.data ->> CASE e.type WHEN 'calibration.fitted' THEN 'number' ELSE 'calibration' END)::bigint
               AS calibration,
           (e.data ->> 'labels')::bigint AS labels,
           CASE e.type WHEN 'automation.stopped' THEN stop.reason
                       WHEN 'automation.resumed' THEN stop.lifted_reason END AS reason,
           e.data::text AS details
    FROM audit_event e
    LEFT JOIN reviews_stop stop ON e.type LIKE 'automation.%' AND stop.id = (e.data ->> 'stop')::bigint
    LEFT JOIN inference_modelversion mv
        ON e.type <> 'model.registered' AND mv.id::text = e.data ->> 'model_version'
    LEFT JOIN inference_model m ON m.id = coalesce(mv.model_id, stop.model_id)
    WHERE e.type IN ('model.registered', 'calibration.fitted', 'gate.opened', 'gate.closed',
                     'automation.stopped', 'automation.resumed')
    UNION ALL
    SELECT measured.checked_at, 'gate.measured', 'system:gate', pipeline.slug, m.name, mv.number,
           calibration.number, measured.labels, NULL,
           (SELECT jsonb_object_agg(key, value) FROM jsonb_each(measured.figures)
            WHERE key IN ('ece', 'auroc', 'brier', 'unseen'))::text
    FROM reviews_gatecheck measured
    JOIN cases_pipeline pipeline ON pipeline.id = measured.pipeline_id
    JOIN inference_modelversion mv ON mv.id = measured.model_version_id
    JOIN inference_model m ON m.id = mv.model_id
    LEFT JOIN inference_calibration calibration ON calibration.id = measured.calibration_id
) found
LEFT JOIN accounts_user person ON 'user:' || person.id = found.actor
"""
MODELS = (
    moment("at", "found.at"),
    Column("what", "found.what"),
    Column("actor", "found.actor"),
    Column("person", "person.username"),
    Column("pipeline", "nullif(found.pipeline, '')"),
    Column("model", "found.model"),
    Column("version", "found.version", Type.WHOLE),
    Column("calibration", "found.calibration", Type.WHOLE),
    Column("labels", "found.labels", Type.WHOLE),
    Column("reason", "found.reason"),
    Column("details", "found.details"),
)


def models(selection: Selection, *, reader: User) -> Table:
    """What became of the models: registered, calibrated, measured, stopped and let go on.

    What belongs to no pipeline, such as a release, stands in the report of each.
    """
    slug = selection.pipeline and selection.pipeline.slug
    own = those_of("found.pipeline IN ('', {})", slug)
    return Table(
        columns=MODELS,
        source=CHANGES,
        conditions=all_of([*own, *within(selection, "found.at")]),
        order="found.at, found.what",
    )
