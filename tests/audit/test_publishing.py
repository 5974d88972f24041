"""Checkpoints go to places outside: each in its own time, again after a failure, never over another."""

import base64
import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
import structlog
from aiosmtpd.controller import Controller
from django.db import connection
from moto.server import ThreadedMotoServer

from audit import outbound, sealing
from audit.models import Checkpoint, ClockTimestamp, Event, Publication
from audit.notes import sign
from audit.places import buckets
from audit.places.naming import read_place
from audit.publishing import delay_after, is_past, publish_due, standings
from tests.audit.checkpoints import KEYS, checkpoint
from tests.audit.outside import outside
from tests.processes import free_port

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def house(settings: Any, db: None) -> None:
    """A house that may call this machine, as the tests' servers are on it, and whose log knows its key."""
    sealing.tell_what_changed(KEYS)
    settings.WEBHOOK_LOOPBACK = True
    settings.CHECKPOINT_SECRET = SECRET


def time_passes() -> None:
    """What failed is due now."""
    Publication.objects.filter(due_at__isnull=False).update(due_at=ClockTimestamp())


# ---------------------------------------------------------------- a directory


@pytest.fixture
def shelf(tmp_path: Path, settings: Any) -> Path:
    """A directory that checkpoints go to, as often as there is a new one."""
    directory = tmp_path / "outside"
    directory.mkdir()
    settings.CHECKPOINT_PLACES = (read_place(f"file://{directory}?every=1"),)
    return directory


def names_in(directory: Path) -> list[str]:
    """The names of the files there."""
    return sorted(each.name for each in directory.iterdir())


def its_time_has_come(settings: Any) -> None:
    """The time between two checkpoints is over in all places."""
    settings.CHECKPOINT_PLACES = tuple(
        replace(place, every=0) for place in settings.CHECKPOINT_PLACES
    )


def test_a_checkpoint_goes_to_a_directory_once_and_no_event_makes_the_log_grow(shelf: Path) -> None:
    sealed = checkpoint()
    before = Event.objects.count()
    assert publish_due() == 1
    assert publish_due() == 0
    name = f"checkpoint-{sealed.size:012}.txt"
    assert names_in(shelf) == [name, "latest.txt"]
    assert (shelf / name).read_text() == (shelf / "latest.txt").read_text() == sealed.note
    assert stat.S_IMODE((shelf / name).stat().st_mode) == 0o644
    row = Publication.objects.get()
    assert (row.attempts, row.due_at, row.error) == (1, None, "")
    assert Event.objects.count() == before


def test_the_next_one_goes_when_its_time_has_come(shelf: Path, settings: Any) -> None:
    settings.CHECKPOINT_PLACES = (read_place(f"file://{shelf}?every=3600"),)
    checkpoint()
    assert publish_due() == 1
    newer = checkpoint()
    assert publish_due() == 0
    its_time_has_come(settings)
    assert publish_due() == 1
    assert (shelf / "latest.txt").read_text() == newer.note
    assert len(names_in(shelf)) == 3


def test_a_clock_that_was_set_back_keeps_no_checkpoint_in_the_house(shelf: Path) -> None:
    """What was put off, or went out, by a clock of next year does not wait for next year."""
    checkpoint()
    shelf.rmdir()
    assert publish_due() == 0
    shelf.mkdir()
    year, now = timedelta(days=365), datetime.now(UTC)
    Publication.objects.update(due_at=ClockTimestamp() + year)
    assert publish_due() == 1
    arrived = Publication(checkpoint_id=1, published_at=now + year)
    arrived.now = now  # type: ignore[attr-defined]  # as annotated
    assert is_past(arrived, Checkpoint(pk=2), timedelta(hours=1))
    arrived.published_at = now
    assert not is_past(arrived, Checkpoint(pk=2), timedelta(hours=1))


def test_a_log_that_is_not_the_sequel_of_what_was_published_is_not_published(shelf: Path) -> None:
    sealed = checkpoint()
    other = base64.b64encode(bytes(32)).decode()
    last = sealed.size
    cases = (
        (last - 1, "another root"),
        (last, "another root"),
        (last + 1, "more than the log has"),
    )
    for size, why in cases:
        shelf.mkdir(exist_ok=True)
        forged = f"{sealed.note.splitlines()[0]}\n{size}\n{other}\n\n— somebody AAAA\n"
        (shelf / "latest.txt").write_text(forged)
        with structlog.testing.capture_logs() as logs:
            assert publish_due() == 0
        assert [each["event"] for each in logs] == ["checkpoint_contradicts_published"]
        assert why in Publication.objects.get().error
        assert (shelf / "latest.txt").read_text() == forged
        assert names_in(shelf) == ["latest.txt"]
        time_passes()


def test_another_checkpoint_of_the_same_size_is_never_written_over(shelf: Path) -> None:
    sealed = checkpoint()
    name = f"checkpoint-{sealed.size:012}.txt"
    (shelf / name).write_text("something else\n")
    assert publish_due() == 0
    assert "no checkpoint" in Publication.objects.get().error
    assert (shelf / name).read_text() == "something else\n"
    (standing,) = standings()
    assert standing.failed and standing.published_at is None


def test_the_same_checkpoint_under_a_new_keys_signature_contradicts_nothing(shelf: Path) -> None:
    sealed = checkpoint()
    other = sealed.note.partition("\n\n")[0] + "\n\n— of-old AAAAAAAA\n"
    (shelf / f"checkpoint-{sealed.size:012}.txt").write_text(other)
    assert publish_due() == 1
    assert (shelf / f"checkpoint-{sealed.size:012}.txt").read_text() == other


def test_a_full_disk_leaves_no_half_file_and_is_tried_again(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint()
    with monkeypatch.context() as full:
        full.setattr("os.fsync", mock.Mock(side_effect=OSError(28, "No space left on device")))
        assert publish_due() == 0
    assert names_in(shelf) == []
    row = Publication.objects.get()
    assert row.error == "the directory does not take it: No space left on device"
    assert publish_due() == 0, "before its time"
    time_passes()
    assert publish_due() == 1
    assert Publication.objects.get().attempts == 2


def test_what_failed_is_tried_again_with_the_newest(shelf: Path, settings: Any) -> None:
    shelf.rmdir()
    checkpoint()
    assert publish_due() == 0
    newer = checkpoint()
    assert publish_due() == 0, "before its time"
    assert Publication.objects.count() == 1
    time_passes()
    assert publish_due() == 0
    (standing,) = standings()
    assert standing.failed
    assert standing.waiting is not None
    assert (standing.waiting.checkpoint_id, standing.waiting.attempts) == (newer.pk, 2)
    shelf.mkdir()
    time_passes()
    assert publish_due() == 1
    assert not standings()[0].failed
    assert len(names_in(shelf)) == 2


def test_a_checkpoint_that_the_sealer_has_not_signed_stays_here(shelf: Path) -> None:
    sealed = checkpoint()
    forged = sign(sealed.note.partition("\n\n")[0] + "\n", {"somebody": bytes(32)})
    with connection.cursor() as cursor:
        frontier = bytes(sealed.frontier)
        cursor.execute(
            sealing.INSERT, [sealed.size, bytes(sealed.root), frontier, sealed.below, forged]
        )
    assert publish_due() == 0
    assert "no key that is known" in Publication.objects.get().error
    assert names_in(shelf) == []


def test_the_waits_grow_to_an_hour() -> None:
    waits = [delay_after(attempt) for attempt in (1, 2, 3, 9, 500)]
    assert waits == [timedelta(seconds=each) for each in (15, 30, 60, 3600, 3600)]


# ---------------------------------------------------------------- a bucket


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Any]:
    """A bucket of a server that speaks S3's language."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "us",
        "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    here = {"LocationConstraint": "eu-central-1"}
    client.create_bucket(Bucket="auditors", CreateBucketConfiguration=here)
    settings.CHECKPOINT_PLACES = (read_place("s3://auditors/countersign/?every=5"),)
    yield client
    client.close()
    server.stop()


def test_a_checkpoint_goes_to_a_bucket_and_never_over_another(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    sealed = checkpoint()
    assert publish_due() == 1
    name = f"countersign/checkpoint-{sealed.size:012}.txt"
    listed = bucket.list_objects_v2(Bucket="auditors")["Contents"]
    assert [each["Key"] for each in listed] == [name, "countersign/latest.txt"]
    assert bucket.get_object(Bucket="auditors", Key=name)["Body"].read().decode() == sealed.note
    shelf = buckets.Bucket("auditors", "countersign")
    monkeypatch.setattr(shelf, "read", lambda name: None)  # both looked before either wrote
    assert not shelf.add(f"checkpoint-{sealed.size:012}.txt", b"another")
    newer = checkpoint()
    bucket.put_object(Bucket="auditors", Key="countersign/latest.txt", Body=b"something else")
    its_time_has_come(settings)
    assert publish_due() == 0
    assert "no checkpoint" in Publication.objects.get(checkpoint=newer).error
    settings.CHECKPOINT_PLACES = (read_place("s3://nobodys"),)
    assert publish_due() == 0
    missing = Publication.objects.get(place="s3://nobodys")
    assert missing.error == "the bucket does not take it: NoSuchBucket"


# ---------------------------------------------------------------- an address


def test_a_checkpoint_is_posted_signed_and_again_under_the_same_id(settings: Any) -> None:
    got, statuses = list[tuple[dict[str, str], bytes]](), iter((302, 500, 204))

    def reply(headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        got.append((headers, body))
        return next(statuses), b""

    sealed = checkpoint()
    with outside(reply) as server:
        settings.CHECKPOINT_PLACES = (read_place(f"{server.url}/hook/secret?token=1&every=60"),)
        for sent, error in (
            (0, "the address answered 302"),
            (0, "the address answered 500"),
            (1, ""),
        ):
            assert publish_due() == sent
            assert Publication.objects.get().error == error
            time_passes()
    row = Publication.objects.get()
    assert "secret" not in row.place and "token" not in row.place
    assert [headers["path"] for headers, _ in got] == ["/hook/secret?token=1"] * 3
    (headers, body), *others = got
    assert {each["webhook-id"] for each, _ in others} == {headers["webhook-id"]}
    wanted = outbound.signed_headers(
        headers["webhook-id"], int(headers["webhook-timestamp"]), body, [SECRET]
    )
    assert headers["webhook-signature"] == wanted["webhook-signature"]
    message = json.loads(body)
    assert (message["type"], message["subject"]) == ("checkpoint.published", str(sealed.size))
    assert message["data"]["checkpoint"] == sealed.note


def test_no_address_of_our_own_house_is_called(settings: Any) -> None:
    settings.WEBHOOK_LOOPBACK = False
    settings.CHECKPOINT_PLACES = (read_place("https://127.0.0.1/hook"),)
    checkpoint()
    assert publish_due() == 0
    assert "not public" in Publication.objects.get().error


# ---------------------------------------------------------------- a box


class Box:
    """What a mail server took."""

    def __init__(self) -> None:
        self.mails = list[bytes]()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Takes a mail."""
        self.mails.append(envelope.content)
        return "250 taken"


def test_a_checkpoint_is_mailed_in_plain_words_with_the_note_byte_for_byte(settings: Any) -> None:
    box = Box()
    port = free_port()
    post = Controller(box, hostname="127.0.0.1", port=port)
    post.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_USE_TLS = False
        settings.CHECKPOINT_PLACES = (read_place("mailto:auditor@example.org"),)
        sealed = checkpoint()
        assert publish_due() == 1
    finally:
        post.stop()
    assert publish_due() == 0
    (mail,) = (message_from_bytes(each, policy=default) for each in box.mails)
    assert mail["To"] == "auditor@example.org"
    assert mail["Subject"] == f"Checkpoint of {sealed.note.splitlines()[0]}: {sealed.size} events"
    (attachment,) = mail.iter_attachments()
    assert attachment.get_filename() == f"checkpoint-{sealed.size:012}.txt"
    assert attachment.get_content() == sealed.note.encode()
    text = mail.get_body()
    assert text is not None
    assert f"held {sealed.size} events" in text.get_content()


def test_a_mail_server_that_is_away_is_tried_again(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 9, False
    settings.CHECKPOINT_PLACES = (read_place("mailto:auditor@example.org"),)
    checkpoint()
    assert publish_due() == 0
    assert Publication.objects.get().error == "the mail was not taken: ConnectionRefusedError"
