"""Calling addresses that strangers chose, without being sent into our own house.

The name is resolved once, every address it has must be a public one, and the connection goes to the
very address that was looked at. Redirects are not followed, and all of it has one deadline.
"""

import base64
import hashlib
import hmac
import ipaddress
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

DEADLINE_SECONDS = 15.0
CONNECT_SECONDS = 5.0
WHSEC = "whsec_"

HTTPS = ("https",)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.88.99.0/24",  # relays to 6to4 (RFC 7526)
            "64:ff9b::/96",  # NAT64 (RFC 6052): IPv4 addresses in IPv6's clothes, as the next four
            "64:ff9b:1::/48",
            "2002::/16",
            "2001::/32",
            "::/96",
            "fec0::/10",  # site-local (RFC 3879)
        ),
    )
)
"""What `ipaddress` calls global, or called so in some release, and is not."""


class RefusedAddress(Exception):
    """The URL may not be called; the message says why."""


class Unreachable(Exception):
    """No answer came: no such name, no connection, no certificate, or no time left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered: its status, and the beginning of its body."""

    status: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be called, and the one address that it is called at."""

    url: SplitResult
    address: str
    port: int


def check_url(url: str, schemes: Sequence[str] = HTTPS) -> SplitResult:
    """The parts of a URL that may be called, without asking who it is; raises RefusedAddress."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RefusedAddress("is no URL") from None
    allowed = dict.fromkeys((*schemes, "http") if settings.WEBHOOK_LOOPBACK else schemes)
    if parts.scheme not in allowed:
        raise RefusedAddress(f"must begin with {' or '.join(allowed)}://")
    if not parts.hostname or port == 0 or not url.isascii() or not url.isprintable() or " " in url:
        raise RefusedAddress("must name a host in ASCII letters")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise RefusedAddress("must carry no user, password or fragment")
    return parts


def resolve(url: str, schemes: Sequence[str] = HTTPS) -> Target:
    """Where a URL leads; raises RefusedAddress, and Unreachable where its name is unknown."""
    parts = check_url(url, schemes)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("the name is unknown") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(may_be_called, addresses)):
        raise RefusedAddress("leads to an address that is not public")
    return Target(parts, addresses[0], port)


def may_be_called(text: str) -> bool:
    """Whether an address is a public one, or this machine's own where the settings allow that."""
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return bool(settings.WEBHOOK_LOOPBACK)
    return (
        address.is_global
        and not address.is_multicast
        and not any(
            address in network for network in NOT_PUBLIC if network.version == address.version
        )
    )


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    read: int = 0,
    schemes: Sequence[str] = HTTPS,
) -> Answer:
    """Posts to a URL and returns the answer, of its body no more than `read` bytes.

    Raises RefusedAddress and Unreachable.
    """
    target = resolve(url, schemes)
    connection = connection_to(target)
    deadline = threading.Timer(DEADLINE_SECONDS, cut, [connection])
    deadline.daemon = True
    try:
        connection.connect()
        deadline.start()
        path = (target.url.path or "/") + (f"?{target.url.query}" if target.url.query else "")
        named = {"Host": target.url.netloc, **headers}
        connection.request("POST", path, body, named, preload_content=False)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(read) if read else b"")
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        raise Unreachable(type(error).__name__) from None
    finally:
        deadline.cancel()
        connection.close()


def connection_to(target: Target) -> HTTPConnection:
    """A connection to the address looked at; its certificate must be that of the name."""
    if target.url.scheme == "http":
        return HTTPConnection(target.address, target.port, timeout=CONNECT_SECONDS)
    return HTTPSConnection(
        target.address,
        target.port,
        timeout=CONNECT_SECONDS,
        server_hostname=target.url.hostname,
        assert_hostname=target.url.hostname,
    )


def cut(connection: HTTPConnection) -> None:
    """Ends a call whose time is up, however slowly its bytes still drip in."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def signed_headers(message_id: str, timestamp: int, body: bytes, live: list[str]) -> dict[str, str]:
    """The three headers of Standard Webhooks, with one signature for each live secret."""
    message = f"{message_id}.{timestamp}.".encode() + body
    signatures = [
        hmac.new(base64.b64decode(secret.removeprefix(WHSEC)), message, hashlib.sha256).digest()
        for secret in live
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }
