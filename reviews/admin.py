"""Queues, which can be renamed and opened to people, and policies, to be looked at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts.models import User
from accounts.roles import Role, grant, holders, withdraw
from audit.acting import present_actor
from audit.admin import FactAdmin
from reviews.models import PolicyVersion, Queue
from reviews.rights import rights_of

RIGHTS = ("review", "second_review", "supervise")
ROLES = (Role.REVIEWER.value, Role.SENIOR_REVIEWER.value)


class QueueForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A queue, and which roles and people have which right on it."""

    review = forms.MultipleChoiceField(required=False)
    second_review = forms.MultipleChoiceField(required=False)
    supervise = forms.MultipleChoiceField(required=False)

    class Meta:
        model = Queue
        fields = ("name",)

    asking: User
    """Who opens the form, and is not offered: nobody grants rights to themselves."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(is_active=True).exclude(pk=self.asking.pk)
        roles = Group.objects.filter(name__in=ROLES)
        self.offered: dict[str, User | Group] = {
            **{f"group:{role.pk}": role for role in roles},
            **{f"user:{person.pk}": person for person in people.order_by("username")},
        }
        choices = [(key, str(to)) for key, to in self.offered.items()]
        for right in RIGHTS:
            self.fields[right].choices = choices  # type: ignore[attr-defined]  # all three have them
            self.initial[right] = sorted(holders(right, self.instance) & self.offered.keys())

    def change_rights(self) -> None:
        """Grants what was chosen anew and withdraws what no longer is. Must run in a transaction."""
        by = present_actor()
        for right in RIGHTS:
            wanted, held = set(self.cleaned_data[right]), set(self.initial[right])
            for key in sorted(wanted - held):
                grant(right, on=self.instance, to=self.offered[key], by=by)
            for key in sorted(held - wanted):
                withdraw(right, on=self.instance, to=self.offered[key], by=by)


@admin.register(Queue)
class QueueAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Queues: their pipeline brings them along, their name is the house's own."""

    form = QueueForm
    list_display = ("name", "slug", "pipeline")
    readonly_fields = ("slug", "pipeline")

    def get_fields(self, request: HttpRequest, obj: Queue | None = None) -> tuple[str, ...]:
        """The rights stand there for those who may change them."""
        rights = RIGHTS if self.has_change_permission(request, obj) else ()
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
