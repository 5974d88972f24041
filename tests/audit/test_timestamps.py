"""Independent authorities stamp the time of checkpoints (RFC 3161)."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audit import sealing, timestamps
from audit.models import ClockTimestamp, Publication
from audit.places.naming import read_authority
from audit.places.parcel import NotPublished
from audit.publishing import parcel_of, places, publish_due
from tests.audit.checkpoints import KEYS, checkpoint
from tests.audit.outside import Authority, outside

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house(settings: Any, db: None) -> None:
    """A house that may call this machine, as the tests' servers are on it, and whose log knows its key."""
    sealing.tell_what_changed(KEYS)
    settings.WEBHOOK_LOOPBACK = True


@pytest.fixture
def authority(tmp_path: Path, settings: Any) -> Iterator[Authority]:
    """An authority that the house trusts, and asks."""
    authority = Authority(tmp_path / "tsa")
    with outside(lambda headers, body: authority.reply(headers, body)) as server:
        settings.TSAS = (read_authority(f"{server.url}/tsr"),)
        settings.TSA_ROOTS = str(authority.folder / "root.pem")
        yield authority


def test_a_checkpoint_gets_a_timestamp_that_openssl_verifies(
    authority: Authority, tmp_path: Path
) -> None:
    sealed = checkpoint()
    assert publish_due() == 1
    row = Publication.objects.get()
    (tmp_path / "checkpoint.txt").write_text(sealed.note)
    (tmp_path / "checkpoint.tsr").write_bytes(bytes(row.receipt))
    said = subprocess.run(
        ["openssl", "ts", "-verify", "-data", "checkpoint.txt", "-in", "checkpoint.tsr",
         "-CAfile", str(authority.folder / "root.pem")],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert "Verification: OK" in said.stdout + said.stderr
    assert row.published_at is not None
    assert abs(timestamps.stamped_at(bytes(row.receipt)) - row.published_at) < timedelta(minutes=1)


def test_a_timestamp_by_nobody_we_trust_is_refused(
    authority: Authority, tmp_path: Path, settings: Any
) -> None:
    settings.TSA_ROOTS = str(Authority(tmp_path / "stranger").folder / "root.pem")
    checkpoint()
    assert publish_due() == 0
    assert "does not hold" in Publication.objects.get().error


def test_a_timestamp_of_something_else_is_refused(authority: Authority) -> None:
    first = checkpoint()
    assert publish_due() == 1
    kept = bytes(Publication.objects.get().receipt)
    authority.reply = lambda headers, body: (200, kept)  # type: ignore[method-assign]  # replays
    row: Any = Publication.objects.annotate(now=ClockTimestamp()).get()
    (place,) = places().values()
    for note in (first.note, f"{first.note}x"):
        with pytest.raises(NotPublished, match="does not hold"):
            timestamps.put(place, replace(parcel_of(row), note=note))


def test_what_is_no_timestamp_is_refused(authority: Authority) -> None:
    authority.reply = lambda headers, body: (200, b"<html>")  # type: ignore[method-assign]  # sic
    checkpoint()
    assert publish_due() == 0
    assert "no timestamp" in Publication.objects.get().error
