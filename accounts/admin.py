"""The platform admin's pages for people and upstream systems."""

from typing import Any

from allauth.account import admin as email_admin
from allauth.account.decorators import secure_admin_login
from allauth.mfa import admin as second_factor_admin
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.keys import revoke_key, rotate_keys
from accounts.models import ApiClient, ApiKey, User
from accounts.roles import Role, give_role, take_role
from audit.acting import present_actor
from audit.actors import Actor

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth asks
admin.site.site_header = admin.site.site_title = "Countersign"
admin.site.unregister(Group)  # a role's rights are granted on single queues and pipelines
admin.site.unregister(second_factor_admin.Authenticator)  # secrets are nobody's to look at
admin.site.unregister(email_admin.EmailAddress)


class PersonForm(UserChangeForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A person and their roles."""

    roles = forms.MultipleChoiceField(
        required=False,
        choices=lambda: [(role.value, capfirst(gettext(role.value))) for role in Role],
        widget=forms.CheckboxSelectMultiple,
        label=_("Roles"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["roles"] = [group.name for group in self.instance.groups.all()]


@admin.register(User)
class PersonAdmin(auth_admin.UserAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """People: added and switched off, never deleted, since history names them."""

    form = PersonForm
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Name"), {"fields": ("first_name", "last_name", "email")}),
        (_("Access"), {"fields": ("is_active", "roles")}),
    )
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "groups")
    filter_horizontal = ()
    actions = ("remove_second_factor",)

    @admin.action(permissions=["change"], description=_("Remove the second factor (a lost phone)"))
    def remove_second_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Lets the chosen people in by their password alone, until they add a new one."""
        with transaction.atomic():
            for person in chosen:
                if self.has_change_permission(request, person):
                    second_factor_admin.Authenticator.objects.filter(user=person).delete()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever may change people; a superuser's password is no way to become one."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never."""
        return False

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Not here, where it would stand with the person's name: the events tell it."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Not here either."""

    def save_related(
        self, request: HttpRequest, form: "ModelForm[User]", formsets: Any, change: bool
    ) -> None:
        """Gives and takes roles by their acts, so that each is an event."""
        super().save_related(request, form, formsets, change)
        if "roles" in form.cleaned_data:
            change_roles(form.instance, frozenset(form.cleaned_data["roles"]), by=present_actor())


def change_roles(person: User, wanted: frozenset[str], *, by: Actor) -> None:
    """Makes a person's roles the wanted ones. Must run in a transaction."""
    held = frozenset(person.groups.values_list("name", flat=True)) & frozenset(Role)
    for role in sorted(wanted - held):
        give_role(Role(role), to=person, by=by)
    for role in sorted(held - wanted):
        take_role(Role(role), away_from=person, by=by)


class KeyInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy alone
    """A client's keys; what opens doors is kept as a digest and not shown."""

    model = ApiKey
    fields = readonly_fields = (
        "prefix", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at",
    )  # fmt: skip
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        """Never: a key is made by its act, which shows it once."""
        return False


@admin.register(ApiClient)
class ClientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Upstream systems: which pipelines they may post to, and whether they may at all."""

    list_display = ("name", "pipelines", "active", "created_at")
    inlines = (KeyInline,)
    actions = ("new_key", "revoke_keys")

    def has_delete_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        """Never: its cases stay."""
        return False

    @admin.action(permissions=["change"], description=_("Make a new key (old ones end in a week)"))
    def new_key(self, request: HttpRequest, chosen: QuerySet[ApiClient]) -> HttpResponse | None:
        """Shows a new key this once, on a page that no cache keeps."""
        if len(chosen) != 1:
            self.message_user(request, gettext("Choose one client."), messages.WARNING)
            return None
        key = rotate_keys(chosen[0], by=present_actor())
        context = {**self.admin_site.each_context(request), "title": gettext("New key"), "key": key}
        return TemplateResponse(request, "admin/new_key.html", context)

    @admin.action(permissions=["change"], description=_("End all keys at once"))
    def revoke_keys(self, request: HttpRequest, chosen: QuerySet[ApiClient]) -> None:
        """Ends every key of the chosen clients."""
        with transaction.atomic():
            for key in ApiKey.objects.filter(client__in=chosen, revoked_at=None):
                revoke_key(key, by=present_actor())
