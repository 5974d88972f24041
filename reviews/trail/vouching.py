"""What the log says for a file: the checkpoint, the proofs, and the keys that signed."""

import json
from collections.abc import Iterator
from functools import lru_cache

from django.db import connection

from audit import merkle, proving
from audit.models import Checkpoint
from audit.sealing import introduced_keys
from reviews.trail.bundles import Bundle
from reviews.trail.loglines import Positions

PROOF_BYTES = 44
"""By how many leaves a proof costs more than one leaf of 32 bytes: some 22 hashes, in hexadecimals."""
SMALL_LOG = 1 << 15
"""Of a log of so many events each file has all leaves, 1 MiB: any checkpoint that somebody kept can be
held against it then, and not the published ones alone."""
LEAVES = 1 << 16
RECENT = 100
"""The last published checkpoints, to each of which the file proves that it goes on from there."""
LINE = "SELECT event_line(event) FROM audit_event event WHERE id = %s"
LEAF_HASHES = """
SELECT string_agg(hash, ''::bytea ORDER BY position) FROM audit_leaf
WHERE position >= %s AND position < %s
"""
PUBLISHED = """
WITH published AS (
    SELECT DISTINCT ON (checkpoint.size) checkpoint.size, checkpoint.id, checkpoint.made_at
    FROM audit_checkpoint checkpoint JOIN audit_publication publication
        ON publication.checkpoint_id = checkpoint.id AND publication.published_at IS NOT NULL
    WHERE checkpoint.size > 0 AND checkpoint.size <= %s ORDER BY checkpoint.size, checkpoint.id
)
(SELECT size FROM published ORDER BY id DESC LIMIT %s)
UNION SELECT max(size) FROM published GROUP BY date_trunc('day', made_at AT TIME ZONE 'UTC')
ORDER BY size
"""


def most_proofs(size: int) -> int:
    """Of how many events of a log of `size` single proofs take less room than all leaves."""
    return size // PROOF_BYTES


def takes_leaves(size: int, positions: Positions) -> bool:
    """Whether a file with these events of a log of `size` has all leaves, and not a proof for each."""
    return size <= SMALL_LOG or positions.more


def vouch(
    bundle: Bundle, event_id: int, checkpoint: Checkpoint, positions: Positions | None
) -> None:
    """Adds what proves the file: by the event that names its manifest, and for each of its events.

    `positions` are those of the file's events; None where it has all of the log.
    """
    bundle.add_seal("seal/checkpoint.txt", [checkpoint.note.encode()])
    bundle.add_seal("seal/export.json", [own_proof(event_id, checkpoint)])
    bundle.add_seal("seal/keys.txt", ["".join(f"{key}\n" for key in keys()).encode()])
    if positions is None or takes_leaves(checkpoint.size, positions):
        bundle.add_seal("seal/leaves.bin", leaves(checkpoint.size))
        return
    if positions.found:
        bundle.add_seal("seal/proofs.jsonl", proofs(positions.found, checkpoint.size))
    bundle.add_seal("seal/consistency.json", [continuity(checkpoint)])


def own_proof(event_id: int, checkpoint: Checkpoint) -> bytes:
    """The event that vouches for the file, its place and its path."""
    with connection.cursor() as cursor:
        cursor.execute(LINE, [event_id])
        line = cursor.fetchone()[0]
    found = proving.inclusion(event_id, checkpoint)
    path = json.dumps([hash.hex() for hash in found.path])
    return f'{{"position":{found.position},"event":{line},"path":{path}}}\n'.encode()


def leaves(size: int) -> Iterator[bytes]:
    """The hashes of all leaves, some at a time."""
    for start in range(0, size, LEAVES):
        with connection.cursor() as cursor:
            cursor.execute(LEAF_HASHES, [start, min(start + LEAVES, size)])
            yield bytes(cursor.fetchone()[0])


def proofs(positions: list[int], size: int) -> Iterator[bytes]:
    """The path of each event, in their order."""
    hashes = lru_cache(maxsize=512)(proving.kept_hashes)  # of neighbours the same ones
    for position in positions:
        path = [hash.hex() for hash in merkle.inclusion_path(position, size, hashes)]
        yield json.dumps({"position": position, "path": path}).encode() + b"\n"


def continuity(checkpoint: Checkpoint) -> bytes:
    """That the log goes on from each published checkpoint: the last of each day, and the last ones."""
    with connection.cursor() as cursor:
        cursor.execute(PUBLISHED, [checkpoint.size, RECENT])
        sizes = [size for (size,) in cursor.fetchall()]
    found = {str(size): [h.hex() for h in proving.consistency(size, checkpoint)] for size in sizes}
    return json.dumps(found).encode()


def keys() -> list[str]:
    """The keys that verify checkpoints, as the log introduced them."""
    return sorted(introduced_keys())
