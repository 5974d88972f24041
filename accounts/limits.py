"""How many requests a client may make: counted in Redis by one script, so exact for all processes.

Redis is a doorbell, not the truth: while it is away nobody is counted, and nobody is kept out.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from redis import Redis, RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiKey

if TYPE_CHECKING:  # DRF's views import its settings, and those this module
    from rest_framework.views import APIView

POLICY = "requests"
COUNT = """
local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {used, redis.call('PTTL', KEYS[1])}
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a client in this window, and the seconds until the next one."""

    quota: int
    window: int
    left: int
    seconds: int
    exceeded: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The allowance as its client reads it (IETF httpapi, RateLimit header fields, draft 10)."""
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.quota};w={self.window}',
            "RateLimit": f'"{POLICY}";r={self.left};t={self.seconds}',
        }


class ClientThrottle(BaseThrottle):
    """Counts the requests of each client; DRF's own throttles read and write apart, so they race."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether the client may go on; leaves its allowance on the request, for the headers."""
        if not isinstance(request.auth, ApiKey):
            return True
        self.allowance = spend(request.auth.client_id)
        request.allowance = self.allowance  # type: ignore[attr-defined]  # read by the API's views
        return self.allowance is None or not self.allowance.exceeded

    def wait(self) -> float | None:
        """Seconds until the next window."""
        return self.allowance.seconds if self.allowance else None


def spend(client_id: int) -> Allowance | None:
    """Counts one request of a client; None while Redis is away."""
    quota, window = settings.RATE_LIMIT_REQUESTS, settings.RATE_LIMIT_SECONDS
    try:
        used, milliseconds = script()(
            keys=[f"{settings.REDIS_PREFIX}limit:{client_id}"], args=[window * 1000]
        )
    except RedisError:
        return None
    seconds = max(1, math.ceil(milliseconds / 1000))
    return Allowance(quota, window, max(0, quota - used), seconds, exceeded=used > quota)


@cache
def script() -> Any:
    """The script, with the process's own connections; they give up fast."""
    redis = Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
    return redis.register_script(COUNT)
