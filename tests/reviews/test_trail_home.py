"""The trail's first page: what is sealed, published and signed, and what became of a kept checkpoint."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit import sealing, verify
from audit.checking import MOST_WAITING, Waiting
from audit.merkle import verify_consistency
from audit.models import Checkpoint
from audit.notes import checkpoint_text, sign, verifier_key
from audit.places.naming import read_place
from audit.publishing import publish_due
from reviews.presenting.trail.home import warning
from tests.audit.checkpoints import KEYS, checkpoint

pytestmark = pytest.mark.django_db
(NAME, SEED), *_ = KEYS.items()


@pytest.fixture
def emil(client: Client, make_person: Callable[..., User]) -> User:
    """An auditor, signed in."""
    person = make_person(Role.AUDITOR, first_name="Emil")
    client.force_login(person)
    return person


@pytest.fixture
def sealed(emil: User) -> Checkpoint:
    """The second checkpoint of a log that has introduced its key."""
    sealing.tell_what_changed(KEYS)
    checkpoint()
    return checkpoint()


def page(client: Client) -> str:
    """The page."""
    return client.get("/trail/").content.decode()


def checked(client: Client, note: str) -> str:
    """The page's answer to a kept checkpoint."""
    return client.post("/trail/check/", {"note": note}).content.decode()


def test_before_the_first_checkpoint_it_says_what_is_missing(client: Client, emil: User) -> None:
    text = page(client)
    assert "Nothing is sealed yet" in text
    assert client.post("/trail/check/", {"note": "x"}).status_code == 404


def test_it_says_how_far_the_log_is_sealed_and_that_it_is_published_nowhere(
    client: Client, sealed: Checkpoint
) -> None:
    text = page(client)
    assert f"{sealed.size} events are sealed; the newest checkpoint is " in text
    assert sealed.note.splitlines()[2] in text
    assert verifier_key(NAME, SEED) in text
    assert "Checkpoints go nowhere outside" in text
    answer = client.get(f"/trail/checkpoints/{sealed.pk}/")
    assert answer.content.decode() == sealed.note
    assert f"checkpoint-{sealed.size:012}.txt" in answer["Content-Disposition"]
    assert client.get("/trail/keys/").content.decode() == f"{verifier_key(NAME, SEED)}\n"


def test_events_that_wait_too_long_are_warned_of() -> None:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert warning(Waiting(3, at, at + timedelta(seconds=29))) is None
    assert warning(Waiting(0, None, at)) is None
    note = warning(Waiting(MOST_WAITING, at, at + timedelta(minutes=5)))
    assert note is not None
    assert note.title == "10,000+ events have waited for their seals for up to 5 min."


def test_places_stand_there_with_what_went_wrong(
    client: Client, sealed: Checkpoint, tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "good").mkdir()
    good, bad = f"file://{tmp_path}/good", f"file://{tmp_path}/share/that/is/away"
    settings.CHECKPOINT_PLACES = (read_place(good), read_place(bad))
    assert publish_due() == 1
    text = page(client)
    assert text.index(good) < text.index("Published</span>") < text.index(bad)
    assert "the directory does not take it: No such file or directory" in text
    assert "next try" in text


def test_a_kept_checkpoint_is_continued_with_a_proof_to_check_elsewhere(
    client: Client, sealed: Checkpoint, tmp_path: Path
) -> None:
    kept = Checkpoint.objects.order_by("id")[0]
    browsers = kept.note.replace("\n", "\r\n").strip()
    assert "The log continues your checkpoint." in checked(client, browsers)
    upload = SimpleUploadedFile("saved.txt", b"\xef\xbb\xbf" + kept.note.encode())
    answer = client.post("/trail/check/", {"file": upload})
    assert "The log continues your checkpoint." in answer.content.decode()
    address = f"/trail/checkpoints/{sealed.pk}/from/{kept.size}/"
    assert address in answer.content.decode()
    proof = json.loads(client.get(address).content)
    path = [bytes.fromhex(each) for each in proof["path"]]
    assert verify_consistency(kept.size, bytes(kept.root), sealed.size, bytes(sealed.root), path)
    files = [tmp_path / name for name in ("saved.txt", "newest.txt", "proof.json")]
    for file, content in zip(files, (kept.note, sealed.note, json.dumps(proof)), strict=True):
        file.write_text(content)
    assert verify.main(["--consistency", *map(str, files), "--key", verifier_key(NAME, SEED)]) == 0
    assert client.get(f"/trail/checkpoints/{kept.pk}/from/{sealed.size}/").status_code == 404


@pytest.mark.parametrize(
    ("origin", "more", "key", "finding"),
    [
        ("", 0, SEED, "The log contradicts your checkpoint."),
        ("", 7, SEED, "The log is shorter than your checkpoint."),
        ("", 0, bytes(32), "No key of this log has signed this checkpoint."),
        ("another.example/trail", 0, SEED, "This is a checkpoint of another log."),
    ],
)
def test_what_the_log_does_not_continue_is_said_plainly(
    client: Client, sealed: Checkpoint, origin: str, more: int, key: bytes, finding: str
) -> None:
    text = checkpoint_text(
        origin or sealed.note.splitlines()[0], sealed.size + more, bytes(range(32))
    )
    answer = checked(client, sign(text, {NAME: key}))
    assert finding in answer
    assert "Proof of consistency" not in answer


def test_what_is_no_checkpoint_is_said_so(client: Client, sealed: Checkpoint) -> None:
    assert "This is no checkpoint." in checked(client, "<b>Dear all</b>")
    empty = client.post("/trail/check/", {"note": " "})
    assert empty.status_code == 422
    assert "Paste a checkpoint" in empty.content.decode()
    large = SimpleUploadedFile("saved.txt", bytes(70_000))
    assert client.post("/trail/check/", {"file": large}).status_code == 422
