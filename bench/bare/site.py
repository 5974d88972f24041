"""The floor's views.

Served by `gunicorn --config python:config.gunicorn 'django.core.wsgi:get_wsgi_application()'`.
"""

from typing import Any, cast

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from bench.bare.rows import Waiting, claim_next, decide, open_case


def sent(request: Request) -> dict[str, Any]:
    """The body of a request."""
    return cast(dict[str, Any], request.data)


@api_view(["POST"])
def claim_view(request: Request) -> Response:
    """POST {person}"""
    return Response({"case": claim_next(sent(request)["person"])})


@api_view(["POST"])
def decide_view(request: Request) -> Response:
    """POST {case, outcome}"""
    decide(sent(request)["case"], sent(request)["outcome"])
    return Response({})


@api_view(["POST"])
def cases_view(request: Request) -> Response:
    """POST a case."""
    return Response({"id": open_case(sent(request))}, status=201)


@api_view(["GET"])
def list_view(request: Request) -> Response:
    """The 50 most urgent rows."""
    rows = Waiting.objects.filter(claimed_by=None).order_by("due_at", "id")[:50]
    return Response([{"id": row.pk, "reference": row.reference} for row in rows])


urlpatterns = [
    path("claim", claim_view),
    path("decide", decide_view),
    path("cases", cases_view),
    path("list", list_view),
]
