"""Cases filled in by COPY: each with a key of its own and sealed under it, scored, routed, waiting.

The data and scores are those of the reference model's held-out rows, over and over; keys, nonces and
sealed bytes are each case's own, so that whatever is opened or judged behaves as a real case does.
"""

import contextlib
import json
import multiprocessing
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.db import connections
from django.db.models import Max
from psycopg import sql

from accounts.keys import make_client
from accounts.models import ApiClient
from audit import vault
from audit.vault import Vault, canonical
from bench.database import BENCH, as_owner
from cases.models import Pipeline, PipelineVersion, Priority, Status, new_id
from config.demo.applicants import applicant
from inference.models import ModelVersion, Prediction
from inference.registry import scorer_of
from inference.runtimes import score
from inference.scoring import features_of
from inference.training.holdout import held_out_rows
from reviews.models import Route, Stage
from reviews.reasons import Reason

CHUNK = 5_000
PROCESSES = 2
SEED = 1
SAMPLES = 50
TABLES: Mapping[str, tuple[str, ...]] = {
    "audit_casekey": ("case_id", "master_key", "wrapped"),
    "cases_case": (
        "id", "pipeline_id", "pipeline_version_id", "client_id", "reference", "status", "version",
        "priority", "due_at", "sealed_data", "step_attempts", "step_error",
    ),
    "inference_prediction": (
        "id", "case_id", "model_version_id", "outcome", "confidence", "probabilities",
        "contributions", "sealed_input", "input_commitment",
    ),
    "reviews_route": (
        "id", "case_id", "policy_version_id", "prediction_id", "kind", "outcome", "queue_id", "reasons",
    ),
    "reviews_queueentry": ("case_id", "queue_id", "route_id", "stage", "round", "due_at"),
    "audit_event": ("type", "actor_kind", "actor_id", "case_id", "pipeline", "data", "commitments"),
}  # fmt: skip
VERSION = 4  # received, read, scored, sent to review
REASON = Reason("unsure", "The model is less sure than the policy asks")


@dataclass(frozen=True, slots=True)
class Sample:
    """One applicant's data and score, as they stand in the rows of a case."""

    data: bytes
    features: Mapping[str, Any]
    input: bytes
    outcome: str
    confidence: float
    probabilities: str
    contributions: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What all cases share: ids of the installation, and the samples."""

    pipeline: int
    version: int
    client: int
    model_version: int
    policy_version: int
    queues: Sequence[int]
    samples: Sequence[Sample]


def fill(count: int, *, held: int = 0) -> None:
    """Adds `count` waiting cases; the `held` most urgent of all are claimed by somebody else."""
    ground = lay_ground()
    first = (Prediction.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    parts = [(ground, first + start, min(CHUNK, count - start)) for start in range(0, count, CHUNK)]
    connections.close_all()
    with as_owner() as connection:
        with (
            without_indexes(connection) if count > CHUNK else contextlib.nullcontext(),
            multiprocessing.get_context("fork").Pool(min(len(parts), PROCESSES)) as pool,
        ):
            pool.starmap(fill_part, parts, chunksize=1)
        for table in ("inference_prediction", "reviews_route"):
            connection.execute(f"SELECT setval('{table}_id_seq', {first + count})")
        hold(connection, held)
        connection.execute("VACUUM ANALYZE" if count > CHUNK else "ANALYZE")


@contextlib.contextmanager
def without_indexes(connection: psycopg.Connection) -> Iterator[None]:
    """Takes the tables' foreign keys and plain indexes away for a block, then builds them anew."""
    tables = list(TABLES)
    keys = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        [tables],
    ).fetchall()
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid::regclass::text = ANY(%s) AND NOT indisunique",
        [tables],
    ).fetchall()
    for table, name, _ in keys:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    connection.execute("SET maintenance_work_mem = '512MB'")
    for _, definition in indexes:
        connection.execute(definition)
    for table, name, definition in keys:
        connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def lay_ground() -> Ground:
    """Registers the client of the cases, and scores the samples."""
    pipeline = Pipeline.objects.select_related("current").get(slug="loan")
    client = ApiClient.objects.filter(name="fill").first() or make_client(
        "fill", pipelines=["loan"], by=BENCH
    )
    version = pipeline.current
    assert version is not None
    model_version = ModelVersion.objects.select_related("model").get(
        model__name=version.definition.own_model.name
    )
    rows = held_out_rows()[:SAMPLES]
    return Ground(
        pipeline=pipeline.pk,
        version=version.pk,
        client=client.pk,
        model_version=model_version.pk,
        policy_version=pipeline.policy_versions.get(active=True).pk,
        queues=list(pipeline.queues.exclude(slug="loan-second").values_list("pk", flat=True)),
        samples=[
            sample(applicant(row.features, seed).data, model_version, version)
            for seed, row in enumerate(rows)
        ],
    )


def sample(
    data: Mapping[str, Any], model_version: ModelVersion, version: PipelineVersion
) -> Sample:
    """An applicant's data, scored as `inference.scoring` does."""
    features = features_of(version.definition.own_model, data, {})
    answer = score(scorer_of(model_version), features)
    words = {each.feature: [each.label, each.fact, each.words] for each in answer.contributions}
    points = [
        {
            "feature": each.feature,
            "points": each.points,
            "missing": each.missing,
            "outside_range": each.outside_range,
        }
        for each in answer.contributions
    ]
    return Sample(
        data=canonical(data),
        features=features,
        input=canonical({"features": features, "words": words}),
        outcome=answer.outcome,
        confidence=answer.confidence,
        probabilities=json.dumps(answer.probabilities),
        contributions=json.dumps(points),
    )


def fill_part(ground: Ground, start: int, count: int) -> None:
    """Adds the cases `start` to `start + count - 1`, table by table, in one transaction."""
    chance = random.Random(SEED + start)  # noqa: S311  # deadlines, no secrets
    rows: dict[str, list[Sequence[Any]]] = {table: [] for table in TABLES}
    for number in range(start, start + count):
        for table, row in zip(TABLES, rows_of(ground, number, chance), strict=True):
            rows[table].append(row)
    with as_owner() as connection, connection.transaction(), connection.cursor() as cursor:
        for table, columns in TABLES.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            with cursor.copy(into) as copy:
                for row in rows[table]:
                    copy.write_row(row)


def rows_of(ground: Ground, number: int, chance: random.Random) -> Iterator[Sequence[Any]]:
    """One case's row of each table, in the order of TABLES."""
    sample = ground.samples[number % len(ground.samples)]
    opened = Vault(new_id(), os.urandom(32))
    case_id = str(opened.case_id)
    due_at = datetime.now(UTC) + timedelta(seconds=chance.uniform(0, 86_400))
    queue = ground.queues[chance.random() < 0.3]
    key = vault.wrap(opened)
    yield case_id, key.master_key, key.wrapped
    yield (
        case_id, ground.pipeline, ground.version, ground.client, f"L-{number:07}",
        Status.IN_REVIEW.value, VERSION, Priority.NORMAL.value, due_at,
        opened.seal("data", sample.data), 0, "",
    )  # fmt: skip
    yield (
        number, case_id, ground.model_version, sample.outcome, sample.confidence,
        sample.probabilities, sample.contributions, opened.seal("prediction", sample.input),
        opened.commitment("prediction", sample.features),
    )  # fmt: skip
    yield (
        number, case_id, ground.policy_version, number, Route.Kind.REVIEW.value, "", queue,
        json.dumps([asdict(REASON)]),
    )  # fmt: skip
    yield case_id, queue, number, Stage.FIRST.value, 1, due_at
    yield "case.sent_to_review", "system", "policy", case_id, "loan", '{"version": 4}', "{}"


def hold(connection: psycopg.Connection, count: int) -> None:
    """The `count` most urgent cases are claimed for an hour, each by somebody else."""
    connection.execute(
        """
        WITH people AS (
            INSERT INTO accounts_user (username, password, first_name, last_name, email,
                                       is_superuser, is_staff, is_active, date_joined, theme)
            SELECT 'holder' || number, '!', '', '', '', false, false, true, now(), 'system'
            FROM generate_series(1, %(count)s) AS number RETURNING id
        ), numbered AS (
            SELECT id, row_number() OVER () AS place FROM people
        ), urgent AS (
            SELECT case_id, stage, row_number() OVER (ORDER BY due_at, case_id) AS place
            FROM reviews_queueentry ORDER BY due_at, case_id LIMIT %(count)s
        ), claims AS (
            INSERT INTO reviews_claim (case_id, reviewer_id, stage, expires_at, ended)
            SELECT case_id, id, stage, now() + interval '1 hour', ''
            FROM urgent JOIN numbered USING (place) RETURNING id, case_id
        )
        UPDATE reviews_queueentry entry SET claim_id = claims.id
        FROM claims WHERE claims.case_id = entry.case_id
        """,
        {"count": count},
    )
