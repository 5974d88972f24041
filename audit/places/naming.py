"""How an installation names the places where its checkpoints go. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

USUAL: Mapping[str, int] = {"file": 60, "s3": 300, "https": 300, "http": 300, "mailto": 86_400}
"""How often a checkpoint goes to a place of each kind, in seconds, where `?every=` does not say."""

STAMPED = 3600
"""How often a checkpoint gets a timestamp, in seconds."""

LONGEST = 200
"""Letters of a label, which stands in rows."""
BOX = re.compile(r"[^@\s,;:<>\"]+@[^@\s,;:<>\"]+")


class NoPlace(ValueError):
    """What names no place; the message says why, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place, and how often a checkpoint goes there, in seconds.

    Its `label` names it to people and in rows, and tells no secret that may stand in its URL.
    """

    kind: str
    url: str = field(repr=False)
    every: int
    label: str


def read_place(text: str) -> Place:
    """The place that `text` names; raises NoPlace."""
    parts, every = read_parts(text)
    if parts.scheme not in USUAL:
        raise NoPlace("a place begins with file://, s3://, https:// or mailto:")
    if parts.scheme in ("http", "https"):
        return Place("hook", parts.geturl(), every or USUAL["https"], label_of_host(parts))
    check_path(parts)
    label = parts.geturl().rstrip("/")
    return Place(parts.scheme, label, every or USUAL[parts.scheme], short(label))


def read_authority(text: str) -> Place:
    """The timestamping authority that `text` names; raises NoPlace."""
    parts, every = read_parts(text)
    if parts.scheme not in ("http", "https"):
        raise NoPlace("a timestamping authority begins with https:// or http://")
    return Place("tsa", parts.geturl(), every or STAMPED, short(f"tsa {label_of_host(parts)}"))


def read_parts(text: str) -> tuple[SplitResult, int | None]:
    """The parts of a URL without `every`, and what that says; raises NoPlace."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise NoPlace("this is no URL") from None
    asked = parse_qsl(parts.query, keep_blank_values=True)
    every = dict(asked).get("every")
    if every is not None and not (re.fullmatch(r"[0-9]{1,8}", every) and int(every)):
        raise NoPlace("every= is a whole number of seconds from 1")
    if parts.scheme in ("http", "https") and (not parts.hostname or port == 0):
        raise NoPlace("it names no host")
    rest = urlencode([pair for pair in asked if pair[0] != "every"])
    return parts._replace(query=rest, fragment=""), int(every) if every else None


def check_path(parts: SplitResult) -> None:
    """Raises NoPlace where a directory, bucket or box is not named as it should be."""
    if parts.query:
        raise NoPlace("it takes no other question than every=")
    if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
        raise NoPlace("a directory is file:///path")
    if parts.scheme == "s3" and not parts.netloc:
        raise NoPlace("a bucket is s3://bucket/prefix")
    if parts.scheme == "mailto" and not BOX.fullmatch(unquote(parts.path)):
        raise NoPlace("a box is mailto:somebody@example.org")


def label_of_host(parts: SplitResult) -> str:
    """The host alone: what comes after it may be a secret, and is told by six letters of its hash."""
    host = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    rest = parts._replace(scheme="", netloc="").geturl()
    if rest in ("", "/"):
        return short(host)
    return short(f"{host}/…{six_letters(rest)}")


def short(label: str) -> str:
    """The label; of one that is too long its end, with what tells it from others that end so."""
    if len(label) <= LONGEST:
        return label
    start = f"…{six_letters(label)}…"
    return start + label[len(start) - LONGEST :]


def six_letters(text: str) -> str:
    """What tells a text from others, and tells nothing of it."""
    return hashlib.sha256(text.encode()).hexdigest()[:6]
