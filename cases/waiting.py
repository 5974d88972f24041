"""Waiting a little for a decision, for upstreams that would rather wait than ask again."""

import time
from threading import BoundedSemaphore
from uuid import UUID

from django.conf import settings

from cases.models import Case, Status

MOST_SECONDS = 20
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
UNDER_WAY = (Status.RECEIVED, Status.READ, Status.SCORED)
"""Where the next thing to happen is the system's own doing, and soon."""

places = BoundedSemaphore(settings.WAITERS_A_PROCESS)
"""So that those who wait leave threads to those who don't."""


def wait(case_id: UUID, seconds: int) -> bool:
    """Waits while the system itself works on a case, for at most `seconds`.

    Returns whether it waited at all: where too many wait already, it doesn't.
    """
    if not places.acquire(blocking=False):
        return False
    try:
        deadline = time.monotonic() + min(seconds, MOST_SECONDS)
        pause = SHORTEST_PAUSE
        while under_way(case_id) and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_PAUSE)
        return True
    finally:
        places.release()


def under_way(case_id: UUID) -> bool:
    """Whether the system itself is to do the next step."""
    return Case.objects.filter(pk=case_id, status__in=UNDER_WAY).exists()
