"""The export of decided cases beside PostgreSQL's own COPY of the same joined rows, and its memory."""

import itertools
import os
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
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
from bench import fill
from bench.database import as_owner, database
from bench.measure import heading, line
from cases.models import Pipeline
from reviews.exporting import COLUMNS, SOURCE, Selection, export_decisions
from reviews.models import Export

ROWS = 100_000
FEW = 10_000  # of them, those decided on the later one of two days
EXPLAINED = 0.2
ROUNDS = 3
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
Found = tuple[int, float, int]


def run() -> None:
    """Exports in fresh processes, so that each has its own peak of memory, in turns with the floor."""
    with database("exports"):
        fill.fill(ROWS)
        decide(User.objects.create_user("auditor", password=None))
        csv = partial(in_fresh_process, export, Export.Format.CSV)
        json = partial(in_fresh_process, export, Export.Format.JSON_LINES)
        sides: dict[str, Callable[[], Found]] = {
            "CSV": partial(csv, None),
            "JSON Lines": partial(json, None),
            "floor": partial(in_fresh_process, bare_copy),
            "CSV, few": partial(csv, DAY + timedelta(days=1)),
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
    heading(
        f"Export of {found['CSV'][0][0]:,} decided cases, {EXPLAINED:.0%} explained, rows a second"
    )
    for format in ("CSV", "JSON Lines"):
        line(format, pace[format], pace["floor"], target="≥ 0.25")
    few, many = found["CSV, few"][0][0], found["CSV"][0][0]
    line(
        f"peak memory, MiB, {many:,} rows beside {few:,}",
        peak["CSV"],
        peak["CSV, few"],
        target="≤ 1.05",
    )


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


def export(format: Export.Format, since: datetime | None) -> int:
    """The product's export, thrown away; returns its rows."""
    auditor = User.objects.get(username="auditor")
    loan, day = Pipeline.objects.get(slug="loan"), since.date() if since else None
    chosen = Selection(loan, since=day, purpose="Audit sample")
    return sum(
        chunk.count(b"\n")
        for chunk in export_decisions(chosen, format, exported_by=auditor, by=auditor.actor)
    ) - (format == Export.Format.CSV)


def bare_copy() -> int:
    """The floor's export: the same columns of the same join, without explanations."""
    with (
        psycopg.connect(os.environ["DATABASE_URL"]) as bare,
        bare.cursor() as cursor,
        cursor.copy(bare_statement()) as copy,
    ):
        return sum(bytes(chunk).count(b"\n") for chunk in copy)


def bare_statement() -> sql.Composed:
    """The COPY of the floor."""
    return sql.SQL(BARE).format(
        columns=sql.SQL(", ".join(column.value for column in COLUMNS)),
        source=sql.SQL(SOURCE),
        pipeline=Pipeline.objects.get(slug="loan").pk,
    )
