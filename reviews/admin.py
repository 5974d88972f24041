"""Queues, which can be renamed, and policies as they were activated, to be looked at."""

from django.contrib import admin
from django.http import HttpRequest

from audit.admin import FactAdmin
from reviews.models import PolicyVersion, Queue


@admin.register(Queue)
class QueueAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Queues: their pipeline brings them along, their name is the house's own."""

    list_display = ("name", "slug", "pipeline")
    readonly_fields = ("slug", "pipeline")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Queue | None = None) -> bool:
        """Never."""
        return False


@admin.register(PolicyVersion)
class PolicyVersionAdmin(FactAdmin):
    """Each version of a policy, and which one is active."""

    list_display = ("pipeline", "number", "active", "activated_at")
