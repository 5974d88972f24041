"""The evidence pack: who could do what, what was changed, checked and sealed within a period, in one file.

The same period gives the same bytes whenever it is packed, once all of it is sealed: rows are told as
they stood at its end, nothing says when the pack was made, and its checkpoint is the first one over all
that happened before the end. That it was packed is an event, which is none of the period.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import TruncDate
from psycopg import sql

import audit
from accounts.models import User
from audit import notes, proving
from audit.events import record
from audit.models import Checkpoint, Event, Leaf
from audit.sealing import INTRODUCED
from audit.selfcheck import SelfCheck, check_log
from audit.vault import canonical
from reviews.replaying import one_snapshot
from reviews.trail.bundles import Bundle, Content
from reviews.trail.evidencerows import TABLES
from reviews.trail.loglines import LINE, Positions, chunked
from reviews.trail.rewinding import access_at, people_at, rights_at
from reviews.trail.tables import CHUNK, COPIED, copied
from reviews.trail.vouching import leaves, most_proofs, proofs, takes_leaves

FORMAT = "countersign-evidence/1"
README = Path(__file__).with_name("EVIDENCE.txt")
VERIFIER = Path(audit.__file__).with_name("verify.py")
OF_CASES = (
    "case.erased",
    "case.unmasked",
    "contest.answered",
    "decision.contested",
    "decision.rerun",
    "decision.superseded",
    "glass.broken",
    "glass.reviewed",
    "legal_hold.lifted",
    "legal_hold.placed",
    "notice.escalated",
    "notice.owed",
    "notice.sent",
)
"""Types of events of single cases that a pack has; of what belongs to no case it has all."""
EVENTS = """COPY (
    SELECT {line}, leaf.position FROM audit_leaf leaf JOIN audit_event event ON event.id = leaf.event_id
    WHERE event.at >= {since} AND event.at < {until} AND leaf.position < {size}
        AND (event.case_id IS NULL OR event.type = ANY({types})
            OR event.type LIKE 'export.%')
    ORDER BY leaf.position
) """
UNSEALED = """
SELECT EXISTS (
    SELECT FROM audit_event event WHERE event.at < %s
    AND NOT EXISTS (SELECT FROM audit_leaf WHERE event_id = event.id)
)
"""


class NotSealed(Exception):
    """Something that happened before the end is not sealed yet: the sealer does not run, or was slow."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed: the SHA-256 of its manifest, its bytes, and what the log's own check said."""

    manifest: str
    size: int
    sha256: str
    checked: SelfCheck


class Plain:
    """A file that is written as it is; knows its size and SHA-256."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.size, self.digest = file, 0, hashlib.sha256()

    def write(self, data: Any) -> int:
        """Writes bytes; raises OSError where the disk is full."""
        given = memoryview(data).cast("B")
        self.size += len(given)
        self.digest.update(given)
        self.file.write(given)
        return len(given)

    def flush(self) -> None:
        """Passes it on."""
        self.file.flush()

    def finish(self) -> None:
        """Passes on the last."""
        self.flush()


def pack_evidence(file: IO[bytes], since: datetime, until: datetime, *, by: User) -> Packed:
    """Writes the pack of a period, its end not included; that it was packed is an event.

    Raises NotSealed, and OSError where the disk is full: what was written then is no whole file.
    """
    with one_snapshot():
        packed = write_pack(file, since, until)
    with transaction.atomic():
        period = {"since": spelled(since), "until": spelled(until)}
        found = {"manifest": packed.manifest, "holds": packed.checked.holds}
        record("evidence.packed", by=by.actor, data={**period, **found})
    return packed


def write_pack(file: IO[bytes], since: datetime, until: datetime) -> Packed:
    """Writes all members, in their order."""
    checkpoint = checkpoint_over(until)
    out = Plain(file)
    bundle = Bundle(out, until.astimezone(UTC), wrote=lambda rows: None)
    access = access_at(until)
    bundle.add("people.jsonl", lines(people_at(until, access)))
    bundle.add("rights.jsonl", lines(rights_at(access)))
    for name, rows in TABLES.items():
        bundle.add(f"{name}.jsonl", lines(rows(since, until)))
    positions = Positions(most_proofs(checkpoint.size))
    bundle.add("events.jsonl", events(since, until, checkpoint, positions))
    checked = check_log(checkpoint)
    bundle.add("self-check.json", [(canonical(told(checked)), 0)])
    bundle.add("README.txt", [(README.read_bytes(), 0)])
    bundle.add("verify.py", [(VERIFIER.read_bytes(), 0)])
    manifest = bundle.add_manifest(facts_of(since, until))
    seal(bundle, checkpoint, positions)
    bundle.finish()
    return Packed(manifest, out.size, out.digest.hexdigest(), checked)


def facts_of(since: datetime, until: datetime) -> dict[str, Any]:
    """What the manifest says beside its files: nothing of when or by whom it was made."""
    period = {"since": spelled(since), "until": spelled(until)}
    return {"format": FORMAT, "kind": "evidence", "origin": settings.LOG_ORIGIN, **period}


def checkpoint_over(until: datetime) -> Checkpoint:
    """The first checkpoint over all events before a time; raises NotSealed."""
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED, [until])
        if cursor.fetchone()[0]:
            raise NotSealed(spelled(until))
    before = Event.objects.filter(at__lt=until).order_by("-id")
    last = Leaf.objects.filter(event_id__in=before.values("pk")).aggregate(last=Max("position"))
    found = Checkpoint.objects.filter(size__gt=last["last"] or 0).order_by("id").first()
    if found is None:
        raise NotSealed(spelled(until))
    return found


# ---------------------------------------------------------------- members


def lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[bytes, int]]:
    """Rows as JSON Lines, in chunks, each with how many it has."""
    buffer, count = bytearray(), 0
    for row in rows:
        buffer += canonical({name: plain(value) for name, value in row.items()}) + b"\n"
        count += 1
        if len(buffer) >= CHUNK:
            yield bytes(buffer), count
            buffer.clear()
            count = 0
    yield bytes(buffer), count


def plain(value: Any) -> Any:
    """A value as JSON can carry it: moments in UTC, ids as text."""
    if isinstance(value, datetime):
        return spelled(value)
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def spelled(at: datetime) -> str:
    """A moment in UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def events(
    since: datetime, until: datetime, checkpoint: Checkpoint, positions: Positions
) -> Content:
    """The period's events, byte for byte as they are in the log."""
    statement = sql.SQL(EVENTS).format(
        line=sql.SQL(LINE),
        since=sql.Literal(since),
        until=sql.Literal(until),
        size=sql.Literal(checkpoint.size),
        types=sql.Literal(list(OF_CASES)),
    ) + sql.SQL(COPIED)

    def found() -> Iterator[bytes]:
        for line, position in copied(statement):
            positions.add(int(position))
            yield line

    return chunked(found())


def told(checked: SelfCheck) -> dict[str, Any]:
    """The log's own check, in plain values."""
    return {**asdict(checked), "root": checked.root.hex(), "holds": checked.holds}


def seal(bundle: Bundle, checkpoint: Checkpoint, positions: Positions) -> None:
    """Adds what proves the events: the checkpoint, the keys, and proofs or all leaves."""
    bundle.add_seal("seal/checkpoint.txt", [checkpoint.note.encode()])
    bundle.add_seal("seal/keys.txt", ["".join(f"{key}\n" for key in keys_in(checkpoint)).encode()])
    if takes_leaves(checkpoint.size, positions):
        bundle.add_seal("seal/leaves.bin", leaves(checkpoint.size))
        return
    if positions.found:
        bundle.add_seal("seal/proofs.jsonl", proofs(positions.found, checkpoint.size))
    bundle.add_seal("seal/consistency.json", [continuity(checkpoint)])


def keys_in(checkpoint: Checkpoint) -> list[str]:
    """The keys that the log had introduced by then."""
    sealed = Leaf.objects.filter(position__lt=checkpoint.size).values("event_id")
    introduced = Event.objects.filter(type=INTRODUCED, pk__in=sealed).order_by("id")
    return [key for key in introduced.values_list("data__key", flat=True) if notes.is_key(key)]


def continuity(checkpoint: Checkpoint) -> bytes:
    """That the log goes on from the last checkpoint of each day before."""
    before = Checkpoint.objects.filter(pk__lt=checkpoint.pk, size__gt=0)
    days = before.annotate(day=TruncDate("made_at", tzinfo=UTC)).order_by().values("day")
    sizes = days.annotate(last=Max("size")).values_list("last", flat=True)
    paths = {size: proving.consistency(size, checkpoint) for size in sorted({*sizes})}
    return json.dumps(
        {str(size): [hash.hex() for hash in path] for size, path in paths.items()}
    ).encode()
