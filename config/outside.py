"""What the environment says of the world outside: places for checkpoints, time authorities, mail."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from audit.places.naming import NoPlace, Place
from config import environment

LEAST_SECRET = 24
"""Bytes of a secret that signs webhooks (Standard Webhooks 1.0 asks for 24 to 64)."""


def places(name: str, read: Callable[[str], Place]) -> tuple[Place, ...]:
    """The places that the variable `name` lists, separated by spaces; `read` reads one of them.

    What it complains of quotes no place: there may be a secret in it.
    """
    found = list[Place]()
    words = environment.text(name).split() if environment.is_set(name) else []
    for number, word in enumerate(words, 1):
        try:
            place = read(word)
        except NoPlace as error:
            raise ImproperlyConfigured(f"{name}: place {number}: {error}.") from None
        if place.label in [each.label for each in found]:
            raise ImproperlyConfigured(f"{name}: place {number} is there twice.")
        found.append(place)
    return tuple(found)


def webhook_secret(name: str) -> str:
    """The variable `name` as a secret of Standard Webhooks, `whsec_` and base64."""
    value = environment.text(name)
    try:
        secret = base64.b64decode(value.removeprefix("whsec_"), validate=True)
    except ValueError:
        secret = b""
    if not value.startswith("whsec_") or len(secret) < LEAST_SECRET:
        raise ImproperlyConfigured(
            f"{name} must be whsec_ and base64 of {LEAST_SECRET} bytes or more."
        )
    return value


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes our mails, and which of the two ways of TLS it asks for."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ssl: bool
    starttls: bool


def mail(name: str, default: str | None) -> MailServer:
    """The variable `name` as a mail server: `smtp://user:password@host:port` or `smtps://…`.

    `smtp` asks for STARTTLS, save of this machine's own server; `smtps` begins with TLS.
    """
    wrong = ImproperlyConfigured(f"{name} must be smtp://user:password@host:port, or smtps://.")
    try:
        parts = urlsplit(environment.text(name, default))
        port = parts.port
    except ValueError:  # its message may quote a part of the password
        raise wrong from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        raise wrong
    return MailServer(
        host=parts.hostname,
        port=port or (465 if parts.scheme == "smtps" else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ssl=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp" and not environment.is_local(parts.hostname),
    )


def sender(name: str, host: str) -> str:
    """The variable `name` as the address that mails come from; else one of this very host."""
    value = environment.text(name, f"countersign@{host.lstrip('.*') or 'localhost'}")
    if not re.fullmatch(r"[^@\r\n]+@[^@\s]+", value):
        raise ImproperlyConfigured(f"{name} must be an address such as countersign@example.org.")
    return value
