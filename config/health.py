"""Whether this process lives, and whether it could serve: for load balancers and people on call."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis

from audit.proving import latest_checkpoint, seconds_unsealed

TRAIL_SECONDS = 60
log = structlog.get_logger("countersign.health")


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Whether the database and Redis answer; without the database nothing can be served."""
    parts = {"database": answers(ask_database), "redis": answers(ask_redis)}
    status = 200 if parts["database"] else 503
    words = {name: "ok" if there else "away" for name, there in parts.items()}
    return JsonResponse(
        {"status": "ok" if all(parts.values()) else "degraded", **words}, status=status
    )


@never_cache
@require_safe
def trail(request: HttpRequest) -> JsonResponse:
    """Whether the trail is sealed up to now: 503 where an event has waited for too long, or for ever."""
    last, waiting = latest_checkpoint(), seconds_unsealed()
    behind = waiting > TRAIL_SECONDS
    sealed = {"size": last.size, "at": last.made_at} if last else None
    return JsonResponse(
        {
            "status": "behind" if behind else "ok",
            "unsealed_seconds": round(waiting),
            "checkpoint": sealed,
        },
        status=503 if behind else 200,
    )


def answers(ask: Callable[[], None]) -> bool:
    """Whether asking works; whichever way it fails, the answer is no."""
    try:
        ask()
    except Exception as error:
        log.warning("part_is_away", part=ask.__name__, exc_info=error)
        return False
    return True


def ask_database() -> None:
    """Asks for next to nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ask_redis() -> None:
    """Asks on a connection of its own, which gives up fast."""
    with Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as redis:
        redis.ping()
