"""Exports beside PostgreSQL's own COPY of the same rows, and their memory: decisions, and a whole trail.

Each side writes what the job writes: the file, deflated into its ZIP and sealed, and throws it away.
"""

import itertools
import os
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import django
import psycopg
from django.db import connection
from psycopg import sql

from accounts.models import User
from audit import vault
from audit.models import CaseKey
from audit.sealing import seal
from bench import fill
from bench.database import as_owner, database
from bench.measure import heading, line
from cases.models import Pipeline
from reviews.models import Export
from reviews.trail import loglines
from reviews.trail.bundles import Bundle, Content
from reviews.trail.decisions import COLUMNS, SOURCE, decisions
from reviews.trail.members import content
from reviews.trail.sealedfiles import SealedWriter
from reviews.trail.selecting import Selection

ROWS = 100_000
FEW = 10_000  # of them, those decided on the later one of two days
EXPLAINED = 0.2
ROUNDS = 3
EVENTS = 1_000_000
FEWER = 10_000
EXPLANATION = "The bank statement shows savings that the application does not mention. " * 2
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)

DECIDE = """
INSERT INTO reviews_claim (case_id, reviewer_id, stage, expires_at, ended_at, ended)
    SELECT case_id, %(reviewer)s, stage, now() + interval '1 hour', now(), 'reviewed'
    FROM reviews_queueentry;
INSERT INTO cases_decision
    (case_id, outcome, adverse, override, made_by, route_id, reason_codes, decided_at)
    SELECT case_id, 'approve', false, false, 'review', route_id, '["papers_confirm"]',
           CASE WHEN row_number() OVER (ORDER BY case_id) > %(few)s
                THEN %(day)s::timestamptz ELSE %(day)s::timestamptz + interval '1 day' END
    FROM reviews_queueentry;
UPDATE cases_case SET status = 'announced';
"""
REVIEWS = """
COPY reviews_review (case_id, reviewer_id, claim_id, route_id, round, stage, outcome, override,
                     reason_codes, sealed_explanation, shown) FROM STDIN
"""
DECIDED = """
SELECT claim.case_id, claim.id, entry.route_id, key.master_key, key.wrapped
FROM reviews_claim claim JOIN reviews_queueentry entry ON entry.case_id = claim.case_id
JOIN audit_casekey key ON key.case_id = claim.case_id ORDER BY claim.id
"""
BARE = (
    "COPY (SELECT {columns} {source} WHERE c.pipeline_id = {pipeline} ORDER BY d.id) TO STDOUT CSV"
)
RECORD = """
INSERT INTO audit_event (type, actor_kind, actor_id, case_id, pipeline, data, commitments)
SELECT 'case.sent_to_review', 'system', 'policy', gen_random_uuid(), 'loan',
    '{"route": 4711, "queue": "loan-review", "reasons": ["not_confident"], "blind": false}',
    '{"data": "5a1f6e0c9d8b7a6958473625141302f1e0dccbba99887766554433221100ffee"}'
FROM generate_series(1, %s)
"""
BARE_EVENTS = """
COPY (SELECT event_line(event) FROM audit_event event ORDER BY id LIMIT {size}) TO STDOUT CSV
"""
KEYS = {"bench": bytes(range(32))}
Found = tuple[int, float, int]


def run() -> None:
    """Exports in fresh processes, so that each has its own peak of memory, in turns with the floor."""
    with database("exports"):
        fill.fill(ROWS)
        decide(User.objects.create_user("auditor", password=None))
        record()
        sides: dict[str, Callable[[], Found]] = {
            **{
                format: partial(in_fresh_process, export, format.value, None)
                for format in (Export.Format.CSV, Export.Format.JSON_LINES, Export.Format.PARQUET)
            },
            "floor": partial(in_fresh_process, bare_copy),
            "few": partial(in_fresh_process, export, "csv", DAY + timedelta(days=1)),
            "trail": partial(in_fresh_process, trail, EVENTS),
            "trail, few": partial(in_fresh_process, trail, FEWER),
            "trail, floor": partial(in_fresh_process, bare_events),
        }
        found: dict[str, list[Found]] = {side: [] for side in sides}
        for _, (side, measure) in itertools.product(range(ROUNDS), sides.items()):
            found[side].append(measure())
        show(found)


def show(found: dict[str, list[Found]]) -> None:
    """Product beside floor, and many rows beside few."""
    pace = {
        side: median(rows / seconds for rows, seconds, _ in runs) for side, runs in found.items()
    }
    peak = {side: median(peak for _, _, peak in runs) for side, runs in found.items()}
    heading(f"Export of {ROWS:,} decided cases, {EXPLAINED:.0%} explained, rows a second")
    for format in (Export.Format.CSV, Export.Format.JSON_LINES, Export.Format.PARQUET):
        line(str(format.label), pace[format], pace["floor"], target="≥ 0.25")
    line(
        f"peak memory, MiB, {ROWS:,} rows beside {FEW:,}",
        peak[Export.Format.CSV],
        peak["few"],
        target="≤ 1.05",
    )
    line("the same, Parquet", peak[Export.Format.PARQUET], peak["few"])
    heading(f"Export of a trail of {EVENTS:,} events, events a second")
    line("events.jsonl", pace["trail"], pace["trail, floor"], target="≥ 0.25")
    line(
        f"peak memory, MiB, beside {FEWER:,} events",
        peak["trail"],
        peak["trail, few"],
        target="≤ 1.05",
    )


def record() -> None:
    """Records and seals the events of a long trail."""
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [EVENTS])
    while seal(keys=KEYS):
        pass


def decide(auditor: User) -> None:
    """Decides every waiting case, a share of them with a sealed explanation."""
    with as_owner() as connection, connection.cursor() as cursor:
        few = {"reviewer": auditor.pk, "few": FEW, "day": DAY}
        for statement in DECIDE.split(";\n"):
            if statement.strip():
                cursor.execute(statement, few)
        rows = cursor.execute(DECIDED).fetchall()
        with cursor.copy(REVIEWS) as copy:
            for number, row in enumerate(rows):
                copy.write_row(review(row, auditor, explained=number % round(1 / EXPLAINED) == 0))
        cursor.execute("DELETE FROM reviews_queueentry")
        cursor.execute("VACUUM ANALYZE")


def review(row: Sequence[Any], auditor: User, *, explained: bool) -> Sequence[Any]:
    """The row of a review, its explanation sealed under the case's own key."""
    case_id, claim_id, route_id, master_key, wrapped = row
    opened = vault.unwrap(CaseKey(case_id=case_id, master_key=master_key, wrapped=wrapped))
    sealed = opened.seal(f"explanation:{claim_id}", EXPLANATION.encode() if explained else b"")
    return (
        case_id, auditor.pk, claim_id, route_id, 1, "first", "approve", False,
        '["papers_confirm"]', sealed, "{}",
    )  # fmt: skip


def in_fresh_process(work: Callable[..., int], *given: Any) -> Found:
    """What the work returns, how many seconds it took, and the peak of its process in MiB."""
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=django.setup) as pool:
        return pool.submit(timed, work, *given).result()


def timed(work: Callable[..., int], *given: Any) -> Found:
    """The same, in the process."""
    connection.ensure_connection()
    start = perf_counter()
    rows = work(*given)
    seconds = perf_counter() - start
    return rows, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def export(format: str, since: datetime | None) -> int:
    """The product's export, thrown away; returns its rows."""
    auditor = User.objects.get(username="auditor")
    loan, day = Pipeline.objects.get(slug="loan"), since.date() if since else None
    chosen = Selection(loan, since=day, purpose="Audit sample")
    return written(f"decisions.{format}", content(decisions(chosen, reader=auditor), format))


def trail(size: int) -> int:
    """A trail of the log's first events, thrown away; returns how many they are."""
    return written("events.jsonl", loglines.whole_log(size))


def written(name: str, content: Content) -> int:
    """Writes a file as an export does, but into nothing; returns its rows."""
    with Path(os.devnull).open("wb") as nothing:
        bundle = Bundle(SealedWriter(nothing, bytes(32)), DAY, lambda rows: None)
        bundle.add(name, content)
        bundle.finish()
    return bundle.rows


def bare_events() -> int:
    """The floor of a trail: its lines alone."""
    return copied(sql.SQL(BARE_EVENTS).format(size=EVENTS))


def bare_copy() -> int:
    """The floor's export: the same columns of the same join, without explanations."""
    return copied(bare_statement())


def copied(statement: sql.Composed) -> int:
    """What a COPY writes, thrown away; returns its rows."""
    with (
        psycopg.connect(os.environ["DATABASE_URL"]) as bare,
        bare.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        return sum(bytes(chunk).count(b"\n") for chunk in copy)


def bare_statement() -> sql.Composed:
    """The COPY of the floor."""
    return sql.SQL(BARE).format(
        columns=sql.SQL(", ".join(column.value for column in COLUMNS)),
        source=sql.SQL(SOURCE),
        pipeline=Pipeline.objects.get(slug="loan").pk,
    )
