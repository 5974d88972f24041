"""Whose address counts: only what our own proxies wrote into a header that anybody can send."""

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts.adapter import ClosedHouse
from accounts.addresses import client_address


def request_with(forwarded: str | None) -> HttpRequest:
    """A request from the peer 10.0.0.1."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "10.0.0.1"),
        (0, "203.0.113.7", "10.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "8.8.8.8, 9.9.9.9 , 203.0.113.7", "203.0.113.7"),
        (2, "8.8.8.8, 203.0.113.7, 192.0.2.1", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "8.8.8.8, unknown", "10.0.0.1"),
        (1, "2001:DB8::0:1", "2001:db8::1"),
    ],
)
def test_the_entry_that_our_outermost_proxy_wrote_counts(
    settings: Any, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.PROXIES = proxies
    request = request_with(forwarded)
    assert client_address(request) == expected
    assert ClosedHouse().get_client_ip(request) == expected


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_nobody_invents_an_address_without_a_proxy(forwarded: str) -> None:
    assert client_address(request_with(forwarded)) == "10.0.0.1"
