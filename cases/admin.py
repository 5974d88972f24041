"""Pipelines as they were applied, and the cases that a step failed on, to be looked at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.rightsform import RightsForm
from accounts.roles import Role
from audit.admin import FactAdmin
from cases.models import Case, Pipeline, PipelineVersion


class PipelineForm(RightsForm):
    """A pipeline, and which roles and people may open its cases in an emergency."""

    RIGHTS = ("break_glass",)
    ROLES = (Role.REVIEWER, Role.SENIOR_REVIEWER)

    break_glass = forms.MultipleChoiceField(required=False)

    class Meta:
        model = Pipeline
        fields = ()


@admin.register(Pipeline)
class PipelineAdmin(FactAdmin):
    """Pipelines and which version is current; who may change them grants emergency access."""

    form = PipelineForm
    list_display = ("slug", "name", "current")
    readonly_fields = list_display

    def get_fields(self, request: HttpRequest, obj: Pipeline | None = None) -> tuple[str, ...]:
        """The right stands there for those who may grant it."""
        rights = PipelineForm.RIGHTS if self.has_change_permission(request, obj) else ()
        return (*self.readonly_fields, *rights)

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """The form as the asking person may use it."""
        form = super().get_form(request, *args, **options)
        return type("PipelineForm", (form,), {"asking": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing of the pipeline itself is changed here."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Changes the rights."""
        form.change_rights()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change pipelines."""
        return request.user.has_perm("cases.change_pipeline")


@admin.register(PipelineVersion)
class PipelineVersionAdmin(FactAdmin):
    """Each version's definition."""

    list_display = ("pipeline", "number", "sha256", "created_at")


@admin.register(Case)
class FailedCaseAdmin(FactAdmin):
    """For operators: which step failed, how often and why; nothing of whom the case is about."""

    list_display = ("id", "pipeline", "status", "step_attempts", "step_error", "step_due_at")
    list_filter = ("status", "pipeline")
    list_select_related = ("pipeline",)
    fields = (*list_display, "priority", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """The cases whose last step failed and whose next attempt, or person, is still to come."""
        return super().get_queryset(request).exclude(step_error="")
