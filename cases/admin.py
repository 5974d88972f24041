"""Pipelines as they were applied, and the cases that a step failed on, to be looked at."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.admin import FactAdmin
from cases.models import Case, Pipeline, PipelineVersion


@admin.register(Pipeline)
class PipelineAdmin(FactAdmin):
    """Pipelines and which version is current."""

    list_display = ("slug", "name", "current")


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
