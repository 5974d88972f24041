"""What each role may do in the admin's pages; rights on single queues and pipelines are granted apart."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.roles import Role
from audit.actors import Actor
from audit.events import record

LOOK_AT_PIPELINES = (
    "cases.view_pipeline",
    "cases.view_pipelineversion",
    "reviews.view_policyversion",
    "reviews.view_queue",
)
PERMISSIONS: Mapping[Role, Sequence[str]] = {
    Role.PIPELINE_ADMIN: LOOK_AT_PIPELINES,
    Role.OPERATOR: ("cases.view_case", "cases.view_pipeline"),
    Role.PLATFORM_ADMIN: (
        *LOOK_AT_PIPELINES,
        "reviews.change_queue",
        "cases.change_pipeline",
        "accounts.view_user",
        "accounts.add_user",
        "accounts.change_user",
        "accounts.view_apiclient",
        "accounts.add_apiclient",
        "accounts.change_apiclient",
        "accounts.view_apikey",
        "auditlog.view_logentry",
    ),
}
"""A role that is not named may nothing there."""


@transaction.atomic
def permit_roles(*, by: Actor) -> None:
    """Makes the roles' permissions what the table says; done again it changes nothing."""
    for role in Role:
        group = Group.objects.select_for_update().get(name=role.value)
        wanted = {permission(name) for name in PERMISSIONS.get(role, ())}
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)
            data = {"role": role.value, "permissions": sorted(PERMISSIONS.get(role, ()))}
            record("account.role_permitted", by=by, data=data)


def permission(name: str) -> Permission:
    """The permission `app.codename`; raises Permission.DoesNotExist."""
    app, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)
