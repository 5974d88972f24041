"""Pipelines as they were applied, to be looked at."""

from django.contrib import admin

from audit.admin import FactAdmin
from cases.models import Pipeline, PipelineVersion


@admin.register(Pipeline)
class PipelineAdmin(FactAdmin):
    """Pipelines and which version is current."""

    list_display = ("slug", "name", "current")


@admin.register(PipelineVersion)
class PipelineVersionAdmin(FactAdmin):
    """Each version's definition."""

    list_display = ("pipeline", "number", "sha256", "created_at")
