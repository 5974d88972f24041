"""The auditor's exports: what to take, and what was taken before."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from cases.models import Pipeline
from reviews.exporting import Selection, export_decisions, purposes_asked
from reviews.models import Export
from reviews.presenting.exports import filter_words
from reviews.views.people import person, rights
from reviews.views.posted import posted

SHOWN = 20
ENDS_WITHIN = timedelta(minutes=10)
"""How long the page looks whether an export that has no end yet is finished."""
MEDIA_TYPES = {
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.JSON_LINES: "application/jsonl",
}


class PipelineField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for mypy alone
    """A choice of pipelines, by their names in the reader's language."""

    def label_from_instance(self, obj: Model) -> str:
        """The pipeline's name."""
        return gettext(str(obj))


class Day(forms.DateInput):
    """The browser's own control of a day, which writes and reads it as ISO 8601 has it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ExportForm(forms.Form):
    """What an auditor chooses."""

    pipeline = PipelineField(
        Pipeline.objects.none(), to_field_name="slug", empty_label=None, label=_("Pipeline")
    )
    since = forms.DateField(required=False, label=_("Decided from"), widget=Day)
    until = forms.DateField(required=False, label=_("Decided until"), widget=Day)
    outcome = forms.ChoiceField(required=False, label=_("Outcome"))
    purpose = forms.ChoiceField(required=False, label=_("Explanations needed for"))
    format = forms.ChoiceField(choices=Export.Format.choices, label=_("Format"))

    def __init__(
        self, *args: Any, pipelines: QuerySet[Pipeline], person: User, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.person = person
        asked = [each for one in pipelines for each in purposes_asked(person, one)]
        if asked:
            self.fields["purpose"].choices = [  # type: ignore[attr-defined]  # stubs: Field
                ("", gettext("Nothing: leave them masked")),
                *((purpose, gettext(purpose)) for purpose in dict.fromkeys(asked)),
            ]
        else:
            del self.fields["purpose"]
        self.fields["pipeline"].queryset = pipelines  # type: ignore[attr-defined]  # stubs: Field
        names = {
            outcome.name: gettext(outcome.label)
            for pipeline in pipelines
            if pipeline.current
            for outcome in pipeline.current.definition.outcomes
        }
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]  # stubs: Field
            ("", gettext("Any")),
            *names.items(),
        ]

    def clean(self) -> dict[str, Any]:
        """The end does not come before the beginning, and the purpose belongs to the pipeline."""
        asked: dict[str, Any] = super().clean() or {}
        if asked.get("since") and asked.get("until") and asked["until"] < asked["since"]:
            self.add_error("until", _("This is before the first day."))
        if asked.get("purpose") and "pipeline" in asked:
            self.check_purpose(asked["pipeline"], asked["purpose"])
        return asked

    def check_purpose(self, pipeline: Pipeline, purpose: str) -> None:
        """The purpose is one of the chosen pipeline's own."""
        if purpose not in purposes_asked(self.person, pipeline):
            self.add_error("purpose", _("That is no purpose of the chosen pipeline."))

    @property
    def selection(self) -> Selection:
        """The cases asked for."""
        asked = self.cleaned_data
        return Selection(
            asked["pipeline"],
            asked["since"],
            asked["until"],
            asked["outcome"] or None,
            asked.get("purpose") or None,
        )


def audited(request: HttpRequest) -> QuerySet[Pipeline]:
    """The pipelines that the person may audit; raises PermissionDenied where there is none."""
    pipelines = rights(request).pipelines.get("audit", frozenset())
    if not pipelines:
        raise PermissionDenied
    return Pipeline.objects.filter(pk__in=pipelines).select_related("current")


@login_required
@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    """The page: a form, and the last exports with their hashes."""
    return shown(request, ExportForm(pipelines=audited(request), person=person(request)))


@posted("exports")
def download(request: HttpRequest) -> HttpResponseBase:
    """The file, streamed."""
    form = ExportForm(request.POST, pipelines=audited(request), person=person(request))
    if not form.is_valid():
        return shown(request, form, status=422)
    format = Export.Format(form.cleaned_data["format"])
    user = person(request)
    response = StreamingHttpResponse(
        export_decisions(form.selection, format, exported_by=user, by=user.actor),
        content_type=MEDIA_TYPES[format],
    )
    name = f"{form.selection.pipeline.slug}-{timezone.now():%Y%m%d-%H%M%S}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def shown(request: HttpRequest, form: ExportForm, status: int = 200) -> HttpResponse:
    """The page with a form."""
    before = Export.objects.filter(pipeline__in=audited(request))
    before = before.select_related("exported_by", "pipeline")[:SHOWN]
    fresh = timezone.now() - ENDS_WITHIN
    running = any(not export.finished_at and export.asked_at > fresh for export in before)
    lines = [(export, filter_words(export.filter)) for export in before]
    context = {"form": form, "exports": lines, "running": running}
    return render(request, "reviews/exports.html", context, status=status)
