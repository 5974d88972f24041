"""What all addresses of FHIR have in common: their media type, and their errors as OperationOutcomes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from rest_framework.exceptions import NotAcceptable, UnsupportedMediaType
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.base import ApiView
from cases.api.parsing import StrictJsonParser
from cases.fhir.outcomes import outcome, outcome_of_problem

MEDIA_TYPE = "application/fhir+json"
FORMATS = ("json", "application/json", MEDIA_TYPE, MEDIA_TYPE.replace("+", " "))
"""What `_format` may ask for; an unescaped + arrives as a space."""
VERSION = "4.0"


class Refusal(Exception):
    """A refusal that FHIR alone knows, with its status, its issue's code and its words."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status, self.code, self.words = status, code, words


class FhirParser(StrictJsonParser):
    """`application/fhir+json`."""

    media_type = MEDIA_TYPE


class FhirRenderer(JSONRenderer):
    """`application/fhir+json`."""

    media_type = MEDIA_TYPE


class Negotiation(DefaultContentNegotiation):
    """As DRF does it; `_format` goes before Accept (R4, 3.1.0.1.11), and other versions are not spoken."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The renderer and the media type of the answer; raises NotAcceptable."""
        wanted = request.query_params.get("_format")
        if wanted is not None and wanted not in FORMATS:
            raise NotAcceptable
        if wanted is not None:
            return renderers[0], MEDIA_TYPE
        renderer, media_type = super().select_renderer(request, renderers, format_suffix)
        if other_version(media_type):
            raise NotAcceptable
        return renderer, media_type


def other_version(media_type: str) -> bool:
    """Whether a media type's parameter names another version of FHIR than ours."""
    _, named, version = media_type.replace(" ", "").partition("fhirVersion=")
    return bool(named) and version.partition(";")[0].strip('"') != VERSION


class FhirView(ApiView):
    """A view of FHIR. None is in the OpenAPI document: /metadata describes them in FHIR's own way."""

    schema = None
    http_method_names: Sequence[str] = ("get", "head", "post", "put")
    parser_classes: Sequence[type[BaseParser]] = (FhirParser, StrictJsonParser)
    renderer_classes = (FhirRenderer, JSONRenderer)
    content_negotiation_class = Negotiation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuses bodies of another version of FHIR."""
        super().initial(request, *args, **kwargs)
        if other_version(request.content_type or ""):
            raise UnsupportedMediaType(request.content_type)

    def handle_exception(self, exc: Exception) -> Response:
        """Every error as an OperationOutcome; which status and headers, the house says as elsewhere."""
        if isinstance(exc, Refusal):
            return Response(outcome(exc.code, exc.words, problem=exc.code), status=exc.status)
        response = super().handle_exception(exc)
        response.data = outcome_of_problem(response.data)
        response.content_type = None
        return response


def base_of(request: Request) -> str:
    """The address that all of FHIR's stand below."""
    return request.build_absolute_uri(reverse("api:fhir")).rstrip("/")


def read_id(text: str) -> UUID:
    """The id of a case; raises Http404 where it can be none."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
