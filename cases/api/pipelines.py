"""Pipelines as integrators read them: all that a client needs to know to post a case."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import Scope
from cases.api import openapi
from cases.api.base import ApiView
from cases.api.presenting import PipelineShown
from cases.models import Pipeline


class PipelinesView(ApiView):
    """The pipelines that a client may post to."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @openapi.list_pipelines
    def get(self, request: Request) -> Response:
        """Lists them."""
        found = granted(request).defer("current__content")
        return Response({"items": [listed(pipeline) for pipeline in found]})


class PipelineView(ApiView):
    """One pipeline."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @openapi.read_pipeline
    def get(self, request: Request, slug: str) -> Response:
        """Shows what a case of this kind brings and how it can end."""
        pipeline = granted(request).get(slug=slug)
        definition = pipeline.current.definition  # type: ignore[union-attr]  # `granted` has them
        return Response(
            PipelineShown(
                {**listed(pipeline), **{name: getattr(definition, name) for name in PARTS}}
            ).data
        )


PARTS = ("schema", "documents", "outcomes", "reasons", "sla_minutes")


def granted(request: Request) -> QuerySet[Pipeline]:
    """The pipelines of the request's client that have a current version."""
    return Pipeline.objects.filter(
        slug__in=client_of(request).pipelines, current__isnull=False
    ).select_related("current")


def listed(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline in a list."""
    number = pipeline.current.number if pipeline.current else None
    return {"slug": pipeline.slug, "name": pipeline.name, "version": number}
