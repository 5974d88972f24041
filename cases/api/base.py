"""What all views of the API have in common."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.limits import ClientThrottle
from cases.api.parsing import StrictJsonParser
from cases.strictjson import MalformedJson


class BodyTooLarge(Exception):
    """The request says that its body is larger than any we read."""


class LengthMissing(Exception):
    """The request has a body but does not say how long it is."""


class ApiView(APIView):
    """A view of the API: its body has a known length, and its answer tells the client's allowance."""

    http_method_names: Sequence[str] = ("get", "head", "post", "delete")
    throttle_classes: Sequence[type[BaseThrottle]] = (ClientThrottle,)
    parser_classes: Sequence[type[BaseParser]] = (StrictJsonParser,)

    def check_permissions(self, request: Request) -> None:
        """Refuses a method that the view does not have before it asks for a scope."""
        method = str(request.method).lower()
        if method not in self.http_method_names or not hasattr(self, method):
            self.http_method_not_allowed(request)
        super().check_permissions(request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Looks at who asks, and then at how much they send, before any of it is read."""
        super().initial(request, *args, **kwargs)
        length = request.META.get("CONTENT_LENGTH") or ""
        if request.META.get("HTTP_TRANSFER_ENCODING") and not length:
            raise LengthMissing
        if length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        self.check_room(request)

    def check_room(self, request: Request) -> None:
        """Where a view takes things in, it says here when it is full."""

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Adds the allowance; an answer about one client's cases is kept by no cache on the way."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        allowance = getattr(request, "allowance", None)
        for name, value in allowance.headers.items() if allowance else ():
            final.headers[name] = value
        return final


def body_of(request: Request) -> Any:
    """What the body holds; raises MalformedJson where there is none: DRF would make it `{}`."""
    if request.META.get("CONTENT_LENGTH", "").strip("0") == "":
        raise MalformedJson("The body is empty.")
    return request.data
