"""The lab's first pages: all pipelines of a person, and one of them."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.models import Pipeline
from reviews.views.lab.frame import lab_page, pipeline_for, seen_in_lab
from reviews.views.lab.stopped import stop_control
from reviews.views.people import rights


@require_safe
@login_required
def lab(request: HttpRequest) -> HttpResponse:
    """All pipelines whose lab the person may see."""
    seen = seen_in_lab(rights(request))
    if not seen:
        raise Http404
    pipelines = Pipeline.objects.filter(pk__in=seen).order_by("name")
    context = {"pipelines": pipelines, **stop_control(request, seen)}
    return render(request, "reviews/lab/home.html", context)


@require_safe
@login_required
def pipeline(request: HttpRequest, slug: str) -> HttpResponse:
    """A pipeline's lab."""
    page = pipeline_for(request, slug)
    return lab_page(request, "reviews/lab/overview.html", page, "overview", {})
