"""Exporting decided cases, streamed: PostgreSQL writes the lines, we open what is sealed in them.

One COPY is one snapshot at constant memory. Each of its rows is a finished line, but for the
explanations, which come sealed beside it; only the few lines that have any are touched here.
"""

import hashlib
import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.models import CaseKey, ClockTimestamp
from audit.vault import CannotOpen
from cases.models import Pipeline
from reviews.masking import masked_by_role
from reviews.models import Export
from reviews.rights import rights_of

CHUNK = 64 * 1024
SEPARATOR = b"\x02"  # neither JSON nor our CSV cells can hold it
FORMULA = r"^[=+@\t\r-]"
"""How a cell begins that a spreadsheet would run as a formula (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the SQL of its value, and whether that is text.

    A list is text in a CSV, and a list in JSON Lines: `members` is the SQL of that one.
    """

    name: str
    value: str
    text: bool = True
    members: str = ""


def listed(name: str, array: str, between: str) -> Column:
    """The column of a list, from the SQL of an array of texts."""
    text = f"nullif(array_to_string({array}, '{between}'), '')"
    return Column(name, text, members=f"to_json(coalesce({array}, '{{}}'))")


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
    Column("confidence", "round(coalesce(r.confidence, p.confidence)::numeric, 6)", text=False),
    Column("stated_confidence", "round(p.confidence::numeric, 6)", text=False),
    Column("model", "m.name"),
    Column("model_version", "mv.number", text=False),
    Column("policy_version", "policy.number", text=False),
    listed("reasons", "ARRAY(SELECT jsonb_array_elements_text(d.reason_codes))", " "),
    listed("reasons_in_words", "said.words", "; "),
    listed("routed_because", "routed.words", "; "),
    Column("reviewers", "judged.reviewers", members="coalesce(judged.members, '[]')"),
    listed("corrected_fields", "fields.corrected", " "),
    listed("illegible_fields", "fields.illegible", " "),
    listed("answered_unseen", "judged.committed", " "),
    listed("needed_person", "judged.needed", " "),
)
EXPLANATIONS = "explanations"
ERASED, UNOPENED = "[erased]", "[can't be opened]"
"""What stands for the explanations of a case whose key was destroyed, or is not here."""
MASKED = "[masked]"
"""What stands for those that are hidden from whoever exports them and says no purpose."""
BOM = "\ufeff"
"""By it spreadsheets know the CSV for UTF-8."""
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the text around it (Unicode 9, bidirectional controls), and could show it as another."""

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
LEFT JOIN (
    SELECT version.id, jsonb_object_agg(reason ->> 'code', reason ->> 'text') AS words
    FROM cases_pipelineversion version, jsonb_array_elements(version.content -> 'reasons') reason
    GROUP BY version.id
) known ON known.id = pv.id
LEFT JOIN LATERAL (
    SELECT array_agg(reason.value ->> 'text') AS words FROM jsonb_array_elements(r.reasons) reason
) routed ON true
LEFT JOIN LATERAL (
    SELECT CASE d.made_by WHEN 'policy' THEN routed.words ELSE (
        SELECT array_agg(coalesce(known.words ->> code, code))
        FROM jsonb_array_elements_text(d.reason_codes) code
    ) END AS words
) said ON true
LEFT JOIN LATERAL (
    SELECT string_agg(review.stage || ':' || person.username, ' ' ORDER BY review.id) AS reviewers,
           json_agg(json_build_object('stage', review.stage, 'username', person.username)
                    ORDER BY review.id) AS members,
           array_agg(review.stage || ':' || review.committed_outcome ORDER BY review.id)
               FILTER (WHERE review.committed_outcome <> '') AS committed,
           array_agg(review.stage || CASE WHEN review.needed_person THEN ':yes' ELSE ':no' END
                     ORDER BY review.id)
               FILTER (WHERE review.needed_person IS NOT NULL) AS needed,
           string_agg(
               concat_ws(':', review.stage, review.claim_id, encode(review.sealed_explanation, 'hex')),
               ' ' ORDER BY review.id
           ) FILTER (WHERE length(review.sealed_explanation) <> 28) AS sealed  -- a nonce, a tag: no text
    FROM reviews_review review JOIN accounts_user person ON person.id = review.reviewer_id
    WHERE d.made_by = 'review' AND review.route_id = d.route_id AND review.undone_at IS NULL
) judged ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT correction.field) FILTER (WHERE correction.kind = 'corrected') AS corrected,
           array_agg(DISTINCT correction.field) FILTER (WHERE correction.kind = 'illegible') AS illegible
    FROM reviews_review review JOIN reviews_correction correction ON correction.review_id = review.id
    WHERE d.made_by = 'review' AND review.route_id = d.route_id AND review.undone_at IS NULL
) fields ON true
LEFT JOIN audit_casekey k ON k.case_id = c.id AND judged.sealed IS NOT NULL
"""
UNSAMPLED = """NOT EXISTS (
    SELECT FROM reviews_queueentry entry WHERE entry.case_id = c.id AND entry.sample_id IS NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which decided cases to export: days in UTC, both included; all of them where None.

    `purpose` is what the explanations are needed for, where the pipeline asks that of the person.
    """

    pipeline: Pipeline
    since: date | None = None
    until: date | None = None
    outcome: str | None = None
    purpose: str | None = None

    def as_filter(self) -> dict[str, str]:
        """The selection as it stands in the event."""
        parts = {"pipeline": self.pipeline.slug, "since": self.since, "until": self.until}
        parts |= {"outcome": self.outcome, "purpose": self.purpose}
        return {name: str(value) for name, value in parts.items() if value is not None}


def export_decisions(
    selection: Selection, format: Export.Format, *, exported_by: User, by: Actor
) -> Generator[bytes, None, None]:
    """The export's bytes, in chunks. Begins and ends with an event; the last has count and SHA-256.

    An export that is broken off leaves its beginning in the log, and no end. Where the pipeline masks
    from the person, what reviewers wrote is masked too, unless the selection names a purpose of its own.
    """
    purposes = purposes_asked(exported_by, selection.pipeline)
    masked = bool(purposes) and selection.purpose not in purposes
    with transaction.atomic():
        export = Export.objects.create(
            kind=Export.Kind.DECISIONS,
            status=Export.Status.RUNNING,
            exported_by=exported_by,
            pipeline=selection.pipeline,
            format=format,
            filter=selection.as_filter(),
        )
        record_export("export.started", export, by=by)
    digest, count, buffer = hashlib.sha256(), 0, bytearray(HEADERS[format])
    veiled = selection.pipeline.pk in rights_of(exported_by).worked_on
    for line in lines(selection, format, mask if masked else opened, veiled=veiled):
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
            status=Export.Status.GONE,
            row_count=count,
            sha256=export.sha256,
            finished_at=ClockTimestamp(),
        )
        record_export("export.finished", export, by=by, rows=count, sha256=export.sha256)


def record_export(type: str, export: Export, *, by: Actor, **facts: object) -> None:
    """An export's event."""
    record(
        type,
        by=by,
        pipeline=export.pipeline.slug if export.pipeline else "",
        data={"export": export.pk, "format": export.format, "filter": export.filter, **facts},
    )


def purposes_asked(person: User, pipeline: Pipeline) -> tuple[str, ...]:
    """The purposes of which the person names one to read explanations; none where they need not."""
    if pipeline.current is None:
        return ()
    definition = pipeline.current.definition
    return definition.masking.purposes if masked_by_role(person, definition) else ()


def lines(
    selection: Selection,
    format: Export.Format,
    read: Callable[[bytes], "Explained"],
    *,
    veiled: bool,
) -> Iterator[bytes]:
    """The finished lines of an export; `read` gives what is sealed beside each."""
    finish = FINISHERS[format]
    with (
        connection.cursor() as cursor,
        cursor.copy(statement(selection, format, veiled=veiled)) as copy,
    ):
        for row in copy:
            line, _, sealed = bytes(row).rstrip(b"\n").partition(SEPARATOR)
            yield finish(line, read(sealed) if sealed else [])


def statement(selection: Selection, format: Export.Format, *, veiled: bool) -> sql.Composed:
    """The COPY that writes the lines: the line, and what is sealed beside it.

    To who may judge samples (`veiled`) what waits as one is not decided yet.
    """
    body = CSV_LINE if format == Export.Format.CSV else JSON_LINE
    conditions = [
        sql.SQL("d.superseded_at IS NULL"),
        sql.SQL("c.pipeline_id = {}").format(selection.pipeline.pk),
    ]
    if veiled:
        conditions.append(sql.SQL(UNSAMPLED))
    if selection.since is not None:
        conditions.append(sql.SQL("d.decided_at >= {}").format(day(selection.since)))
    if selection.until is not None:
        # PostgreSQL counts on: Python has no day after the last that can be typed.
        last = day(selection.until)
        conditions.append(
            sql.SQL("d.decided_at < {}::timestamptz + interval '24 hours'").format(last)
        )
    if selection.outcome is not None:
        conditions.append(sql.SQL("d.outcome = {}").format(selection.outcome))
    return sql.SQL(
        "COPY (SELECT {body}, "
        "c.id || ' ' || k.master_key || ' ' || coalesce(encode(k.wrapped, 'hex'), '') "
        "|| ' ' || judged.sealed "
        "{source} WHERE {conditions} ORDER BY d.id) "
        "TO STDOUT WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"
    ).format(
        body=sql.SQL(body), source=sql.SQL(SOURCE), conditions=sql.SQL(" AND ").join(conditions)
    )


def day(value: date) -> sql.Literal:
    """The beginning of a day in UTC."""
    return sql.Literal(f"{value.isoformat()}T00:00:00Z")


Explained = list[tuple[str, str]]
"""The explanations of a decision: the stage of each one's review, and its text."""


def opened(sealed: bytes) -> Explained:
    """The explanations sealed beside a line; one that can't be opened is told to be so.

    The keys of erased cases are gone, and one of them must not end the file.
    """
    case_id, master_key, wrapped, *explanations = sealed.decode().split(" ")
    key = CaseKey(case_id=UUID(case_id), master_key=master_key, wrapped=bytes.fromhex(wrapped))
    found = []
    for explanation in explanations:
        stage, claim, text = explanation.split(":")
        try:
            plain = vault.unwrap(key).open(f"explanation:{claim}", bytes.fromhex(text)).decode()
        except CannotOpen:
            plain = UNOPENED if wrapped else ERASED
        found.append((stage, plain))
    return found


def mask(sealed: bytes) -> Explained:
    """A mask over each of the explanations sealed beside a line."""
    explanations = sealed.decode().split(" ")[3:]
    return [(explanation.partition(":")[0], MASKED) for explanation in explanations]


def csv_cell(column: Column) -> str:
    """SQL for a value as a CSV cell: text quoted (RFC 4180), and never a formula."""
    if not column.text:
        return f"coalesce(({column.value})::text, '')"
    return (
        f"coalesce('\"' || replace(CASE WHEN ({column.value}) ~ '{FORMULA}' THEN '''' ELSE '' END"
        f" || ({column.value}), '\"', '\"\"') || '\"', '')"
    )


def finish_csv(line: bytes, explained: Explained) -> bytes:
    """A CSV line with its last cell."""
    if not explained:
        return line + b",\r\n"
    cell = explained[0][1]
    if len(explained) > 1:
        cell = " | ".join(f"{stage}: {text}" for stage, text in explained)
    cell = TURNING.sub(lambda found: f"[U+{ord(found[0]):04X}]", cell)
    safe = cell.replace('"', '""')
    formula = "'" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) else ""
    return line + f',"{formula}{safe}"\r\n'.encode()


def finish_json(line: bytes, explained: Explained) -> bytes:
    """A JSON line with its last member; what turns text is written as an escape."""
    members = [{"stage": stage, "text": text} for stage, text in explained]
    written = json.dumps(members, ensure_ascii=False)
    safe = TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
    return line[:-1] + f', "{EXPLANATIONS}" : {safe}}}\n'.encode()


CSV_LINE = " || ',' || ".join(csv_cell(column) for column in COLUMNS)
JSON_LINE = "json_build_object({})::text".format(
    ", ".join(f"'{column.name}', {column.members or column.value}" for column in COLUMNS)
)
HEADERS: Mapping[str, bytes] = {
    Export.Format.CSV: f"{BOM}{','.join(c.name for c in COLUMNS)},{EXPLANATIONS}\r\n".encode(),
    Export.Format.JSON_LINES: b"",
}
FINISHERS: Mapping[str, Callable[[bytes, Explained], bytes]] = {
    Export.Format.CSV: finish_csv,
    Export.Format.JSON_LINES: finish_json,
}
