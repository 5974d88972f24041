"""Which gates are closed, for the pages on which that is said aloud."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest

from cases.models import Pipeline
from reviews.presenting.reasons import reason_words
from reviews.presenting.words import name
from reviews.standing import standing_of
from reviews.views.lab.frame import seen_in_lab
from reviews.views.people import rights


def shut(request: HttpRequest, pipelines: Collection[int]) -> list[dict[str, Any]]:
    """The pipelines whose gate is closed; for who may see the lab with the first reason, and its page.

    Who shares work out needs to know that every case comes to people, not what the figures are.
    """
    seen = seen_in_lab(rights(request))
    own = Pipeline.objects.filter(pk__in=pipelines, current__isnull=False)
    lines = []
    for pipeline in own.select_related("current").order_by("name"):
        gate = standing_of(pipeline).gate
        if gate:
            lines.append(
                {
                    "pipeline": name(pipeline.name),
                    "slug": pipeline.slug if pipeline.pk in seen else "",
                    "reason": reason_words(asdict(gate[0])) if pipeline.pk in seen else "",
                }
            )
    return lines
