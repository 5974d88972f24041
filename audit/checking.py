"""Checking a checkpoint that somebody kept against the log as it is now, and how far that is sealed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import connection

from audit import notes
from audit.merkle import Tree
from audit.models import Checkpoint, Event
from audit.proving import kept_hashes, latest_checkpoint
from audit.sealing import INTRODUCED, introduced_keys, is_signed

MOST_WAITING = 10_000
WAITING = """
    SELECT least(count(*), %(most)s), min(at), clock_timestamp() FROM (
        (SELECT id, at FROM audit_event event
        WHERE transaction >= %(below)s
            AND NOT EXISTS (SELECT FROM audit_leaf WHERE event_id = event.id)
        ORDER BY transaction, id LIMIT %(most)s)
        UNION
        (SELECT id, at FROM audit_event
        WHERE id > coalesce((SELECT max(event_id) FROM audit_leaf), 0) ORDER BY id LIMIT %(most)s)
    ) waiting
"""
"""By hand: the index on (transaction, id) finds the few that came after the last checkpoint.

And that of ids those that a restored database's new cluster gave numbers of transactions behind it
(`audit.proving.UNSEALED_SECONDS`).
"""


class Finding(StrEnum):
    """What became of a checkpoint that somebody kept."""

    CONTINUED = "continued"
    """The log begins with exactly its events."""

    UNREADABLE = "unreadable"
    OTHER_LOG = "other log"
    UNSIGNED = "unsigned"
    """No key of this log has signed it: it says nothing about the log, true or false."""

    SHORTENED = "shortened"
    """The log has fewer events than it says."""

    REWRITTEN = "rewritten"
    """The log's first events are others than it says."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A kept checkpoint beside the log's newest one."""

    finding: Finding
    newest: Checkpoint
    head: notes.Head | None = None
    signed_by: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs, or signed, checkpoints: its public form, and since when.

    `signed_by_before` where a key that was there before has signed that this is one, too.
    """

    key: str
    name: str
    since: datetime
    signs: bool
    signed_by_before: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events that are in no checkpoint yet, MOST_WAITING at most: how many, since when, and now."""

    count: int
    since: datetime | None
    now: datetime


def check_saved(text: str, newest: Checkpoint) -> Checked:
    """Checks a kept checkpoint, as its note, against the log."""
    try:
        opened = notes.opened(text, introduced_keys())
        head = notes.checkpoint_head(opened.text)
    except notes.NoteRefused as refusal:
        return refused(text, newest, str(refusal))
    if head.origin != settings.LOG_ORIGIN:
        return Checked(Finding.OTHER_LOG, newest, head, opened.signed_by)
    return Checked(compared(head, newest), newest, head, opened.signed_by)


def refused(text: str, newest: Checkpoint, why: str) -> Checked:
    """What a note is that no key of this log has signed: another log's, anybody's, or none."""
    said, gap, _ = text.rpartition("\n\n")
    try:
        head = notes.checkpoint_head(f"{said}\n" if gap else "")
    except notes.NoteRefused:
        return Checked(Finding.UNREADABLE, newest, why=why)
    other = head.origin != settings.LOG_ORIGIN
    return Checked(Finding.OTHER_LOG if other else Finding.UNSIGNED, newest, head, why=why)


def compared(head: notes.Head, newest: Checkpoint) -> Finding:
    """Whether the log begins with what a checkpoint of its own says."""
    if head.size > newest.size:
        return Finding.SHORTENED
    same = Tree(head.size, kept_hashes).root() == head.root
    return Finding.CONTINUED if same else Finding.REWRITTEN


def keys_of_the_log() -> list[Key]:
    """All keys that the log says ever signed it, the newest first."""
    newest, found = latest_checkpoint(), dict[str, Key]()
    for event in Event.objects.filter(type=INTRODUCED).order_by("id"):
        key = event.data.get("key")
        if notes.is_key(key) and key not in found:
            found[key] = Key(
                key,
                notes.read_key(key).name,
                event.at,
                signs=newest is not None and is_signed(newest.note, [key]),
                signed_by_before=notes.is_vouched(
                    key, settings.LOG_ORIGIN, event.data.get("vouched"), found
                ),
            )
    return list(found.values())[::-1]


def waiting_events() -> Waiting:
    """The events that wait for their checkpoint."""
    newest = latest_checkpoint()
    with connection.cursor() as cursor:
        below = newest.below if newest else 0
        cursor.execute(WAITING, {"below": below, "most": MOST_WAITING})
        return Waiting(*cursor.fetchone())
