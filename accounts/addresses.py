"""Whose address a request comes from: one answer for all that counts attempts to sign in."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address, as the outermost of our own proxies saw it (`COUNTERSIGN_PROXIES`).

    Each proxy adds the address of whoever it heard from at the end of `X-Forwarded-For`, so what
    stands before the entries of our own is the client's invention. A header with fewer entries, or
    with nonsense in that place, did not come through them: then the peer itself counts.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if not 0 < settings.PROXIES <= len(forwarded):
        return peer
    try:
        return str(ip_address(forwarded[-settings.PROXIES].strip()))
    except ValueError:
        return peer
