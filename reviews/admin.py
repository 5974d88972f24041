"""Queues, which can be renamed and opened to people, and policies, to be looked at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from accounts.rightsform import RightsForm
from accounts.roles import Role
from audit.admin import FactAdmin
from reviews.models import PolicyVersion, Queue
from reviews.rights import rights_of


class QueueForm(RightsForm):
    """A queue, and which roles and people have which right on it."""

    RIGHTS = ("review", "second_review", "supervise")
    ROLES = (Role.REVIEWER, Role.SENIOR_REVIEWER)

    review = forms.MultipleChoiceField(required=False)
    second_review = forms.MultipleChoiceField(required=False)
    supervise = forms.MultipleChoiceField(required=False)

    class Meta:
        model = Queue
        fields = ("name",)


@admin.register(Queue)
class QueueAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Queues: their pipeline brings them along, their name is the house's own."""

    form = QueueForm
    list_display = ("name", "slug", "pipeline")
    readonly_fields = ("slug", "pipeline")

    def get_fields(self, request: HttpRequest, obj: Queue | None = None) -> tuple[str, ...]:
        """The rights stand there for those who may change them."""
        rights = QueueForm.RIGHTS if self.has_change_permission(request, obj) else ()
        return ("name", *self.readonly_fields, *rights)

    def get_form(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """The form as the asking person may use it."""
        form = super().get_form(request, *args, **options)
        return type("QueueForm", (form,), {"asking": request.user})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Changes the rights with the queue."""
        super().save_related(request, form, formsets, change)
        form.change_rights()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Queue | None = None) -> bool:
        """Whoever may change all queues, and whoever configures this one's pipeline."""
        if super().has_change_permission(request, obj):
            return True
        if obj is None or not isinstance(request.user, User):
            return False
        return rights_of(request.user).may_pipeline("configure", obj.pipeline_id)

    def has_delete_permission(self, request: HttpRequest, obj: Queue | None = None) -> bool:
        """Never."""
        return False


@admin.register(PolicyVersion)
class PolicyVersionAdmin(FactAdmin):
    """Each version of a policy, and which one is active."""

    list_display = ("pipeline", "number", "active", "activated_at")
