"""How places are named in the environment, and what a wrong name stops."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from audit.places.naming import NoPlace, read_authority, read_place
from config import outside


@pytest.mark.parametrize(
    ("text", "kind", "every", "label"),
    [
        ("file:///var/lib/auditor", "file", 60, "file:///var/lib/auditor"),
        ("file:///srv/a%20b?every=5", "file", 5, "file:///srv/a%20b"),
        ("s3://bucket/prefix/?every=900", "s3", 900, "s3://bucket/prefix"),
        ("mailto:auditor@example.org", "mailto", 86_400, "mailto:auditor@example.org"),
        ("https://example.org:8443/", "hook", 300, "https://example.org:8443"),
    ],
)
def test_a_place_has_a_kind_a_time_and_a_label(
    text: str, kind: str, every: int, label: str
) -> None:
    place = read_place(text)
    assert (place.kind, place.every, place.label) == (kind, every, label)


def test_a_label_tells_no_secret_and_tells_two_places_apart() -> None:
    one, other = (read_place(f"https://example.org/hook/{each}?t=1&every=9") for each in "ab")
    assert one.label != other.label
    assert one.label.startswith("https://example.org/…")
    assert "hook/" not in one.label + repr(one)
    assert one.url == "https://example.org/hook/a?t=1"
    assert read_authority("http://tsa.example.org").label == "tsa http://tsa.example.org"


def test_a_long_path_keeps_its_end_and_is_not_taken_for_another() -> None:
    one, other = (read_place(f"file:///{each}/{'a' * 250}/log") for each in "ab")
    assert one.url == f"file:///a/{'a' * 250}/log"
    assert len(one.label) == 200
    assert one.label.endswith("aaa/log")
    assert one.label != other.label


@pytest.mark.parametrize(
    "text",
    [
        "ftp://example.org", "auditor@example.org", "file://relative/path", "file:relative",
        "s3://", "s3://bucket?region=x", "mailto:", "mailto:one@a.org,two@a.org",
        "mailto:a@b.org?every=0", "mailto:a@b.org?every=-1", "file:///a?every=soon",
        "https://", "https://example.org:0", "https://example.org:port",
    ],
)  # fmt: skip
def test_what_names_no_place_is_refused_without_being_quoted(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoPlace):
        read_place(text)
    monkeypatch.setenv("COUNTERSIGN_CHECKPOINTS", f"file:///good {text}")
    with pytest.raises(ImproperlyConfigured, match="COUNTERSIGN_CHECKPOINTS: place 2") as raised:
        outside.places("COUNTERSIGN_CHECKPOINTS", read_place)
    assert len(text) < 8 or text not in str(raised.value)


def test_a_place_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_CHECKPOINTS", "s3://a/b s3://a/b/?every=7")
    with pytest.raises(ImproperlyConfigured, match="there twice"):
        outside.places("COUNTERSIGN_CHECKPOINTS", read_place)


@pytest.mark.parametrize("value", ["secret", "whsec_AAAA", "whsec_%%%"])
def test_a_webhooks_secret_is_long_enough(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", value)
    with pytest.raises(ImproperlyConfigured, match="SECRET must be whsec_"):
        outside.webhook_secret("SECRET")


def test_mail_goes_encrypted_unless_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP", "smtp://me:p%40ss@mail.example.org")
    server = outside.mail("SMTP", None)
    assert (server.port, server.user, server.password) == (587, "me", "p@ss")
    assert (server.starttls, server.ssl) == (True, False)
    assert "p@ss" not in repr(server)
    monkeypatch.setenv("SMTP", "smtps://mail.example.org")
    assert (outside.mail("SMTP", None).port, outside.mail("SMTP", None).ssl) == (465, True)
    monkeypatch.setenv("SMTP", "smtp://localhost:25")
    assert not outside.mail("SMTP", None).starttls


@pytest.mark.parametrize("value", ["mail.example.org", "smtp://", "smtp://me:pass@host:port"])
def test_a_wrong_mail_server_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP", value)
    with pytest.raises(ImproperlyConfigured, match="SMTP must be smtp://") as raised:
        outside.mail("SMTP", None)
    assert "pass@" not in str(raised.value)
