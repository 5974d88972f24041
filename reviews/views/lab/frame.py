"""The lab's frame: who may see it, and what stands around each of its pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as lazy

from cases.models import Pipeline
from reviews.presenting.lab.frame import banners
from reviews.rights import Rights
from reviews.standing import Standing, standing_of
from reviews.views.lab.stopped import stop_control
from reviews.views.people import rights

TABS = (
    ("overview", "lab_pipeline", lazy("Overview")),
    ("replay", "lab_replay", lazy("Replay")),
    ("curve", "lab_curve", lazy("Curve")),
    ("calibration", "lab_calibration", lazy("Calibration")),
    ("samples", "lab_samples", lazy("Samples")),
    ("agreement", "lab_agreement", lazy("Agreement")),
    ("known", "lab_known", lazy("Known answers")),
    ("capacity", "lab_capacity", lazy("Capacity")),
)
"""The pages of a pipeline's lab: place, name of the address, label."""


@dataclass(frozen=True, slots=True)
class LabPage:
    """A pipeline's lab as one person sees it; who may only audit changes nothing there."""

    pipeline: Pipeline
    rights: Rights
    standing: Standing
    may_change: bool


def seen_in_lab(mine: Rights) -> frozenset[int]:
    """The pipelines whose lab a person may see."""
    return mine.pipelines.get("configure", frozenset()) | mine.pipelines.get("audit", frozenset())


def pipeline_for(request: HttpRequest, slug: str) -> LabPage:
    """The pipeline's lab; raises Http404 for whoever may neither configure nor audit it."""
    mine = rights(request)
    own = Pipeline.objects.filter(
        pk__in=seen_in_lab(mine), slug=slug, current__isnull=False
    ).select_related("current")
    pipeline = own.first()
    if pipeline is None:
        raise Http404
    return LabPage(
        pipeline=pipeline,
        rights=mine,
        standing=standing_of(pipeline),
        may_change=mine.may_pipeline("configure", pipeline.pk),
    )


def changeable(request: HttpRequest, slug: str) -> LabPage:
    """The same, for what changes something; raises Http404 for whoever may not."""
    page = pipeline_for(request, slug)
    if not page.may_change:
        raise Http404
    return page


def lab_page(
    request: HttpRequest,
    template: str,
    page: LabPage,
    place: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of the lab in its frame; `place` is the name of its tab."""
    around = {
        "page": page,
        "pipeline": page.pipeline,
        "may_change": page.may_change,
        "tabs": tabs(page.pipeline, place),
        "banners": [*banners(page.standing)],
        **stop_control(request, [page.pipeline.pk]),
    }
    return render(request, template, {**around, **context}, status=status)


def tabs(pipeline: Pipeline, place: str) -> list[dict[str, object]]:
    """The pages of a pipeline's lab that there are."""
    links = ((name, address_of(view, pipeline), label) for name, view, label in TABS)
    return [
        {"href": href, "label": label, "current": name == place}
        for name, href, label in links
        if href
    ]


def address_of(view: str, pipeline: Pipeline) -> str:
    """The address of a page of the pipeline's lab; empty where there is none of that name."""
    try:
        return reverse(view, kwargs={"slug": pipeline.slug})
    except NoReverseMatch:
        return ""
