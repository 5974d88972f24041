"""Who acts in this request: for what Django's and allauth's forms change, which know no `by=`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from audit.actors import Actor, system

ACTING: ContextVar[Actor | None] = ContextVar("acting", default=None)


@contextmanager
def acting(by: Actor) -> Iterator[None]:
    """What is changed in the block is changed by `by`."""
    token = ACTING.set(by)
    try:
        yield
    finally:
        ACTING.reset(token)


def present_actor() -> Actor:
    """Who acts; the system's own configuration where nobody said."""
    return ACTING.get() or system("configuration")


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Says for each request that its signed-in person acts."""

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        with acting(Actor("user", str(request.user.pk))):
            return get_response(request)

    return respond
