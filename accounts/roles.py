"""Roles: groups whose rights are granted on single queues and pipelines, never on cases."""

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermission, UserObjectPermission
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from accounts.rolenames import Role as Role
from audit.acting import acting
from audit.actors import Actor
from audit.events import record

IN_THE_ADMIN = frozenset({Role.PIPELINE_ADMIN, Role.OPERATOR, Role.PLATFORM_ADMIN})
"""Whoever has one of these can open the admin's pages; the role's permissions say which of them."""


def give_role(role: Role, *, to: User, by: Actor) -> None:
    """Puts a person into a role's group. Must run in a transaction."""
    to.groups.add(Group.objects.get(name=role.value))
    open_admin(to, by=by)
    record("account.role_given", by=by, data={"user": to.pk, "role": role.value})


def take_role(role: Role, *, away_from: User, by: Actor) -> None:
    """Takes a person out of a role's group. Must run in a transaction."""
    away_from.groups.remove(Group.objects.get(name=role.value))
    open_admin(away_from, by=by)
    record("account.role_taken", by=by, data={"user": away_from.pk, "role": role.value})


def open_admin(person: User, *, by: Actor) -> None:
    """Opens the admin's pages to those whose roles have something to do there, and to no others."""
    inside = person.groups.filter(name__in=[role.value for role in IN_THE_ADMIN]).exists()
    person.is_staff = person.is_superuser or inside
    with acting(by):
        person.save(update_fields=["is_staff"])


def has_role(user: User, *roles: Role) -> bool:
    """Whether an active person has any of the roles."""
    return user.is_active and user.groups.filter(name__in=[role.value for role in roles]).exists()


def grant(permission: str, *, on: models.Model, to: User | Group, by: Actor) -> None:
    """Grants a right on one object, such as a queue. Must run in a transaction."""
    assign_perm(permission, to, on)
    record("account.right_granted", by=by, data=right(permission, on, to))


def withdraw(permission: str, *, on: models.Model, to: User | Group, by: Actor) -> None:
    """Withdraws a right on one object. Must run in a transaction."""
    remove_perm(permission, to, on)
    record("account.right_withdrawn", by=by, data=right(permission, on, to))


def holders(permission: str, on: models.Model) -> set[str]:
    """Who was granted a right on one object, as `user:1` and `group:2`."""
    wanted = Q(
        content_type=ContentType.objects.get_for_model(on),
        object_pk=str(on.pk),
        permission__codename=permission,
    )
    people = UserObjectPermission.objects.filter(wanted).values_list("user_id", flat=True)
    groups = GroupObjectPermission.objects.filter(wanted).values_list("group_id", flat=True)
    return {f"user:{key}" for key in people} | {f"group:{key}" for key in groups}


def right(permission: str, on: models.Model, to: User | Group) -> dict[str, object]:
    """A right in plain ids."""
    return {
        "right": permission,
        "on": f"{on._meta.label_lower}:{on.pk}",
        "to": f"{to._meta.model_name}:{to.pk}",
    }
