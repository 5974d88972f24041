"""How the admin's pages show facts."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


class FactAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Rows to be looked at: nobody adds, changes or deletes them by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False
