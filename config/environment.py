"""Reading the environment: each function gives a typed value or fails loudly, naming the variable."""

import base64
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The variable `name`; raises ImproperlyConfigured where it is missing and has no default."""
    value = os.environ.get(name, default)
    if value is None or value == "":
        raise ImproperlyConfigured(f"{name} is not set.")
    return value


def is_set(name: str) -> bool:
    """Whether the variable `name` has a value at all."""
    return bool(os.environ.get(name))


def number(name: str, default: int, *, least: int = 1) -> int:
    """The variable `name` as a whole number of at least `least`."""
    value = os.environ.get(name, str(default))
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least}, not {value!r}.")
    return int(value)


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """The variable `name` as a list, separated by commas."""
    return [
        word.strip() for word in os.environ.get(name, ",".join(default)).split(",") if word.strip()
    ]


def one_of(name: str, allowed: Sequence[str], default: str) -> str:
    """The variable `name`, which must be one of `allowed`."""
    value = os.environ.get(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def keys(name: str) -> dict[str, bytes]:
    """Master keys as `id:base64` pairs, 32 bytes each; the first one is the current one.

    An id has at most 40 letters, and none of them is an id twice.
    """
    found = {}
    for pair in words(name):
        key_id, colon, encoded = pair.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not colon or not 0 < len(key_id) <= 40 or key_id in found or len(key) != 32:
            raise ImproperlyConfigured(f"{name} must hold id:base64 pairs of 32 bytes each.")
        found[key_id] = key
    if not found:
        raise ImproperlyConfigured(f"{name} is not set.")
    return found


def database(name: str) -> dict[str, object]:
    """A PostgreSQL URL as Django's settings; `?host=` names a socket directory."""
    wrong = ImproperlyConfigured(f"{name} must be postgresql://user@host/database.")
    try:
        parts = urlsplit(text(name))
        port = parts.port
    except ValueError:  # its message may quote a part of the password
        raise wrong from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise wrong
    if not parts.username or not parts.path.strip("/"):
        raise wrong
    query = parse_qs(parts.query)
    host = query.pop("host", [parts.hostname or ""])[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        "OPTIONS": {option: values[0] for option, values in query.items()},
    }


def storage(name: str, default: str) -> dict[str, Any]:
    """Where sealed files are kept, `file:///path` or `s3://bucket/prefix`, as Django's settings."""
    url = text(name, default)
    scheme, _, rest = url.partition("://")
    if scheme == "file" and rest:
        return {"BACKEND": "cases.storage.DurableFiles", "OPTIONS": {"location": rest}}
    bucket, _, prefix = rest.partition("/")
    if scheme == "s3" and bucket:
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": bucket, "location": prefix},
        }
    raise ImproperlyConfigured(f"{name} must be file:///path or s3://bucket/prefix.")


def beside(url: str, name: str) -> str:
    """The address of `name` next to a place of files; in a bucket that has no prefix, within it."""
    scheme, _, rest = url.rstrip("/").partition("://")
    around, slash, _last = rest.rpartition("/")
    return f"{scheme}://{around if slash else rest}/{name}"


def is_local(host: str) -> bool:
    """Whether a database's host is this machine: a socket, its directory, or the loopback."""
    return host in ("", "localhost", "127.0.0.1", "::1") or host.startswith("/")


def redis(name: str) -> tuple[str, str]:
    """A Redis URL in the two spellings for a socket that redis-py and Celery know."""
    url = text(name)
    scheme, separator, rest = url.partition("://")
    if separator and scheme in ("unix", "redis+socket"):
        return f"unix://{rest}", f"redis+socket://{rest}"
    if scheme not in ("redis", "rediss"):
        raise ImproperlyConfigured(f"{name} must be redis://, rediss:// or unix://.")
    return url, url
