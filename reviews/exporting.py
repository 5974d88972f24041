"""Exporting decided cases, streamed: PostgreSQL writes the lines, we open what is sealed in them.

One COPY is one snapshot at constant memory. Each of its rows is a finished line, but for the
explanations, which come sealed beside it; only the few lines that have any are touched here.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import CaseKey, ClockTimestamp
from cases.models import Pipeline
from reviews.models import Export

CHUNK = 64 * 1024
SEPARATOR = b"\x02"  # neither JSON nor our CSV cells can hold it
FORMULA = r"^[=+@\t\r-]"
"""How a cell begins that a spreadsheet would run as a formula (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the SQL of its value, and whether that is text."""

    name: str
    value: str
    text: bool = True


COLUMNS = (
    Column("case", "c.id", text=False),
    Column("reference", "c.reference"),
    Column("pipeline", "pipeline.slug"),
    Column("pipeline_version", "pv.number", text=False),
    Column("priority", "c.priority"),
    Column(
        "received_at",
        "to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    ),
    Column(
        "decided_at",
        "to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    ),
    Column("outcome", "d.outcome"),
    Column("adverse", "d.adverse", text=False),
    Column("made_by", "d.made_by"),
    Column("override", "d.override", text=False),
    Column("predicted", "p.outcome"),
    Column("confidence", "round(p.confidence::numeric, 6)", text=False),
    Column("model", "m.name"),
    Column("model_version", "mv.number", text=False),
    Column("policy_version", "policy.number", text=False),
    Column(
        "reasons",
        "(SELECT string_agg(code, ' ') FROM jsonb_array_elements_text(d.reason_codes) code)",
    ),
    Column("reviewers", "judged.reviewers"),
    Column("corrected_fields", "judged.corrected"),
)
EXPLANATION = "explanation"

SOURCE = """
FROM cases_decision d
JOIN cases_case c ON c.id = d.case_id
JOIN cases_pipeline pipeline ON pipeline.id = c.pipeline_id
JOIN cases_pipelineversion pv ON pv.id = c.pipeline_version_id
LEFT JOIN reviews_route r ON r.id = d.route_id
LEFT JOIN inference_prediction p ON p.id = r.prediction_id
LEFT JOIN inference_modelversion mv ON mv.id = p.model_version_id
LEFT JOIN inference_model m ON m.id = mv.model_id
LEFT JOIN reviews_policyversion policy ON policy.id = r.policy_version_id
LEFT JOIN LATERAL (
    SELECT string_agg(review.stage || ':' || review.reviewer_id, ' ' ORDER BY review.id) AS reviewers,
           string_agg(fields.names, ' ' ORDER BY review.id) AS corrected,
           string_agg(
               concat_ws(':', review.stage, review.claim_id, encode(review.sealed_explanation, 'hex')),
               ' ' ORDER BY review.id
           ) FILTER (WHERE length(review.sealed_explanation) <> 28) AS sealed  -- a nonce, a tag: no text
    FROM reviews_review review
    LEFT JOIN LATERAL (
        SELECT string_agg(correction.field, ' ' ORDER BY correction.field) AS names
        FROM reviews_correction correction
        WHERE correction.review_id = review.id AND correction.kind <> 'confirmed'
    ) fields ON true
    WHERE d.made_by = 'review' AND review.route_id = d.route_id
) judged ON true
LEFT JOIN audit_casekey k ON k.case_id = c.id AND judged.sealed IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which decided cases to export: days in UTC, both included; all of them where None."""

    pipeline: Pipeline
    since: date | None = None
    until: date | None = None
    outcome: str | None = None

    def as_filter(self) -> dict[str, str]:
        """The selection as it stands in the event."""
        parts = {"pipeline": self.pipeline.slug, "since": self.since, "until": self.until}
        parts["outcome"] = self.outcome
        return {name: str(value) for name, value in parts.items() if value is not None}


def export_decisions(
    selection: Selection, format: Export.Format, *, exported_by: User, by: Actor
) -> Generator[bytes, None, None]:
    """The export's bytes, in chunks. Begins and ends with an event; the last has count and SHA-256.

    An export that is broken off leaves its beginning in the log, and no end.
    """
    with transaction.atomic():
        export = Export.objects.create(
            exported_by=exported_by,
            pipeline=selection.pipeline,
            format=format,
            filter=selection.as_filter(),
        )
        record_export("export.started", export, by=by)
    digest, count, buffer = hashlib.sha256(), 0, bytearray(HEADERS[format])
    for line in lines(selection, format):
        buffer += line
        count += 1
        if len(buffer) >= CHUNK:
            digest.update(buffer)
            yield bytes(buffer)
            buffer.clear()
    digest.update(buffer)
    yield bytes(buffer)
    with transaction.atomic():
        export.row_count, export.sha256 = count, digest.hexdigest()
        Export.objects.filter(pk=export.pk).update(
            row_count=count, sha256=export.sha256, finished_at=ClockTimestamp()
        )
        record_export("export.finished", export, by=by, rows=count, sha256=export.sha256)


def record_export(type: str, export: Export, *, by: Actor, **facts: object) -> None:
    """An export's event."""
    record(
        type,
        by=by,
        pipeline=export.pipeline.slug,
        data={"export": export.pk, "format": export.format, "filter": export.filter, **facts},
    )


def lines(selection: Selection, format: Export.Format) -> Iterator[bytes]:
    """The finished lines of an export."""
    finish = FINISHERS[format]
    with connection.cursor() as cursor, cursor.copy(statement(selection, format)) as copy:
        for row in copy:
            line, _, sealed = bytes(row).rstrip(b"\n").partition(SEPARATOR)
            yield finish(line, opened(sealed) if sealed else "")


def statement(selection: Selection, format: Export.Format) -> sql.Composed:
    """The COPY that writes the lines: the line, and what is sealed beside it."""
    body = CSV_LINE if format == Export.Format.CSV else JSON_LINE
    conditions = [
        sql.SQL("d.superseded_at IS NULL"),
        sql.SQL("c.pipeline_id = {}").format(selection.pipeline.pk),
    ]
    if selection.since is not None:
        conditions.append(sql.SQL("d.decided_at >= {}").format(day(selection.since)))
    if selection.until is not None:
        end = day(selection.until + timedelta(days=1))
        conditions.append(sql.SQL("d.decided_at < {}").format(end))
    if selection.outcome is not None:
        conditions.append(sql.SQL("d.outcome = {}").format(selection.outcome))
    return sql.SQL(
        "COPY (SELECT {body}, "
        "c.id || ' ' || k.master_key || ' ' || encode(k.wrapped, 'hex') || ' ' || judged.sealed "
        "{source} WHERE {conditions} ORDER BY d.id) "
        "TO STDOUT WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"
    ).format(
        body=sql.SQL(body), source=sql.SQL(SOURCE), conditions=sql.SQL(" AND ").join(conditions)
    )


def day(value: date) -> sql.Literal:
    """The beginning of a day in UTC."""
    return sql.Literal(f"{value.isoformat()}T00:00:00Z")


def opened(sealed: bytes) -> str:
    """The explanations sealed beside a line, each with the stage of its review."""
    case_id, master_key, wrapped, *explanations = sealed.decode().split(" ")
    key = CaseKey(case_id=UUID(case_id), master_key=master_key, wrapped=bytes.fromhex(wrapped))
    case_vault = vault.unwrap(key)
    found = []
    for explanation in explanations:
        stage, claim, text = explanation.split(":")
        plain = case_vault.open(f"explanation:{claim}", bytes.fromhex(text)).decode()
        if plain:
            found.append((stage, plain))
    if len(found) == 1:
        return found[0][1]
    return " | ".join(f"{stage}: {plain}" for stage, plain in found)


def csv_cell(column: Column) -> str:
    """SQL for a value as a CSV cell: text quoted (RFC 4180), and never a formula."""
    if not column.text:
        return f"coalesce(({column.value})::text, '')"
    return (
        f"coalesce('\"' || replace(CASE WHEN ({column.value}) ~ '{FORMULA}' THEN '''' ELSE '' END"
        f" || ({column.value}), '\"', '\"\"') || '\"', '')"
    )


def finish_csv(line: bytes, explanation: str) -> bytes:
    """A CSV line with its last cell."""
    if not explanation:
        return line + b",\r\n"
    safe = f"'{explanation}" if explanation[0] in "=+-@\t\r\0" else explanation
    cell = io.StringIO()
    csv.writer(cell, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([safe])
    return line + b"," + cell.getvalue().encode()


def finish_json(line: bytes, explanation: str) -> bytes:
    """A JSON line with its last member."""
    member = json.dumps(explanation or None, ensure_ascii=False).encode()
    return line[:-1] + b', "explanation" : ' + member + b"}\n"


CSV_LINE = " || ',' || ".join(csv_cell(column) for column in COLUMNS)
JSON_LINE = "json_build_object({})::text".format(
    ", ".join(f"'{column.name}', {column.value}" for column in COLUMNS)
)
HEADERS: Mapping[str, bytes] = {
    Export.Format.CSV: (",".join([*(c.name for c in COLUMNS), EXPLANATION]) + "\r\n").encode(),
    Export.Format.JSON_LINES: b"",
}
FINISHERS: Mapping[str, Callable[[bytes, str], bytes]] = {
    Export.Format.CSV: finish_csv,
    Export.Format.JSON_LINES: finish_json,
}
