"""Sealing the log: its next events get their places, and what it then is, is signed.

A checkpoint is signed by every key that is configured. What it rests on, the checkpoint before it, is
checked first: whoever has changed the log gets no signature under that.
"""

from collections.abc import Iterable, Mapping

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from audit import events, notes
from audit.actors import system
from audit.merkle import Frontier, Tree
from audit.models import Checkpoint, Event
from audit.notes import Head, NoteRefused, verifier_key
from audit.proving import LogBroken, kept_hashes, latest_checkpoint
from audit.sequencing import alone, hashes_from, sequence

SEALER = system("sealer")
MOST = 100_000
"""Events that one checkpoint adds: what is left waits for the next."""
LEAST_SECONDS_BACK = 1
"""A clock that goes back by less was put right, not set back."""
INTRODUCED = "seal_key.introduced"
SET_BACK = "clock.set_back"
INSERT = """
    INSERT INTO audit_checkpoint (size, root, frontier, below, note)
    VALUES (%s, %s, %s, %s, %s) RETURNING id, made_at
"""
"""By hand: what it does not name is the database's to say."""
SECONDS_BACK = "SELECT extract(epoch FROM %s - clock_timestamp())::float8"
log = structlog.get_logger("countersign.sealing")


class TrailContradictsItself(RuntimeError):
    """The log is not what its last checkpoint says: somebody has changed one of the two."""


def seal(*, keys: Mapping[str, bytes]) -> Checkpoint | None:
    """Seals what has happened since the last checkpoint, at most MOST events of it.

    None where nothing has, and where somebody else is at it. Keys are names with their seeds, the
    current one first. Raises TrailContradictsItself, and then nothing is signed.
    """
    tell_what_changed(keys)
    with transaction.atomic():
        if not alone():
            return None
        last = latest_checkpoint()
        frontier = relied_on(last, keys) if last else Frontier()
        below = sequence(MOST).below
        for hash in hashes_from(frontier.size):
            frontier.append(hash)
        added = frontier.size - (last.size if last else 0)
        if not added:
            return None
        checkpoint = keep(frontier, below, keys)
    log.info("sealed", size=checkpoint.size, added=added)
    return checkpoint


def tell_what_changed(keys: Mapping[str, bytes]) -> None:
    """Records what the next checkpoint has to say of itself: a new key, a clock that was set back."""
    with transaction.atomic():
        if alone():
            last = latest_checkpoint()
            tell_of_keys(keys, last)
            if last:
                tell_of_clock(last)


def tell_of_keys(keys: Mapping[str, bytes], last: Checkpoint | None) -> None:
    """Records each key that signs for the first time.

    `signed_by_before`: one that goes on beside it has signed the last checkpoint. Where none has, the
    keys before it are lost, or there were none. Those that go on vouch for it: the event alone is
    nothing to rely on, for whoever may record events could record such a one.
    """
    introduced, configured = introduced_keys(), verifier_keys(keys)
    before = last is not None and is_signed(last.note, configured)
    for name, key in zip(keys, configured, strict=True):
        if key not in introduced:
            others = {other: seed for other, seed in keys.items() if other != name}
            data = {
                "name": name,
                "key": key,
                "signed_by_before": before,
                "vouched": notes.vouch(key, settings.LOG_ORIGIN, others),
            }
            events.record(INTRODUCED, by=SEALER, data=data)


def tell_of_clock(last: Checkpoint) -> None:
    """Records, once, that the database's clock stands before the last checkpoint."""
    with connection.cursor() as cursor:
        cursor.execute(SECONDS_BACK, [last.made_at])
        (seconds,) = cursor.fetchone()
    told = Event.objects.filter(type=SET_BACK, data__checkpoint=last.pk)
    if seconds >= LEAST_SECONDS_BACK and not told.exists():
        data = {"seconds": round(seconds), "checkpoint": last.pk}
        events.record(SET_BACK, by=SEALER, data=data)


def relied_on(last: Checkpoint, keys: Mapping[str, bytes]) -> Frontier:
    """The frontier of the last checkpoint, once its note, its row and the leaves say the same.

    A key that is no longer configured vouches for it as well, if the log introduced it. Raises
    TrailContradictsItself.
    """
    try:
        opened = notes.opened(last.note, {*verifier_keys(keys), *introduced_keys()})
        head = notes.checkpoint_head(opened.text)
        frontier = Frontier.from_bytes(last.size, bytes(last.frontier))
        found = Tree(last.size, kept_hashes).root()
    except (NoteRefused, ValueError, LogBroken) as error:
        raise TrailContradictsItself(f"checkpoint {last.pk}: {error}") from error
    if head.origin != settings.LOG_ORIGIN:
        raise TrailContradictsItself(
            f"checkpoint {last.pk} is of {head.origin}, and this log is called {settings.LOG_ORIGIN}"
        )
    roots = {head.root, bytes(last.root), frontier.root(), found}
    if head != Head(settings.LOG_ORIGIN, last.size, found) or len(roots) > 1:
        raise TrailContradictsItself(
            f"checkpoint {last.pk} of {last.size} events: its note says {head.size} of {head.origin}, "
            f"and there are {len(roots)} different roots"
        )
    return frontier


def keep(frontier: Frontier, below: int, keys: Mapping[str, bytes]) -> Checkpoint:
    """Signs the log as it is and keeps that; raises TrailContradictsItself where the database objects."""
    root = frontier.root()
    note = notes.sign(notes.checkpoint_text(settings.LOG_ORIGIN, frontier.size, root), keys)
    kept = Checkpoint(
        size=frontier.size, root=root, frontier=bytes(frontier), below=below, note=note
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(INSERT, [kept.size, root, bytes(frontier), below, note])
            kept.pk, kept.made_at = cursor.fetchone()
    except IntegrityError as error:
        raise TrailContradictsItself(str(error)) from error
    return kept


def verifier_keys(keys: Mapping[str, bytes]) -> list[str]:
    """The public forms of keys."""
    return [verifier_key(name, seed) for name, seed in keys.items()]


def introduced_keys() -> set[str]:
    """The public forms of all keys that have ever signed, as the log has them."""
    found = Event.objects.filter(type=INTRODUCED).values_list("data__key", flat=True)
    return {key for key in found if notes.is_key(key)}


def is_signed(note: str, verifier_keys: Iterable[str]) -> bool:
    """Whether one of the keys has signed the note, and none of them wrongly."""
    try:
        return bool(notes.opened(note, verifier_keys))
    except NoteRefused:
        return False
