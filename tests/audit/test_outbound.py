"""Where a call out may go, and how long it may take."""

import contextlib
import select
import socket
from threading import Thread
from typing import Any

import pytest

from audit import outbound


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "0.0.0.0",  # noqa: S104  # nothing is bound to it
        "::",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:a00:1::1",
        "2001::1",
        "2001:db8::1",
    ],
)
def test_no_address_of_a_house_may_be_called(address: str) -> None:
    assert not outbound.may_be_called(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert outbound.may_be_called(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@example.com/",
        "https://example.com/#part",
        "https://example.com:99999/",
        "https://exämple.com/",
        "https://exa mple.com/",
        "https://[::1/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "https://[::ffff:127.0.0.1]/",
    ],
)
def test_a_url_into_the_house_is_refused(url: str) -> None:
    with pytest.raises(outbound.RefusedAddress):
        outbound.resolve(url)


def drip(server: socket.socket) -> None:
    """Answers one caller, a byte at a time, for as long as it listens."""
    caller, _ = server.accept()
    with caller, contextlib.suppress(OSError):
        while not caller_is_gone(caller):
            caller.send(b"H")


def caller_is_gone(caller: socket.socket) -> bool:
    """Whether the other end has closed."""
    readable, _, _ = select.select([caller], [], [], 0.05)
    return bool(readable) and not caller.recv(65536)


def test_a_server_that_drips_is_cut_off(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_LOOPBACK = True
    monkeypatch.setattr(outbound, "DEADLINE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=drip, args=[server])
        thread.start()
        with pytest.raises(outbound.Unreachable):
            outbound.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        thread.join()
