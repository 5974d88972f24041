"""Roles: groups whose rights are granted on single queues and pipelines, never on cases."""

from enum import StrEnum

from django.contrib.auth.models import Group
from django.db import models
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from audit.actors import Actor
from audit.events import record


class Role(StrEnum):
    """The roles of the house; each is a group of the same name."""

    REVIEWER = "reviewer"
    SENIOR_REVIEWER = "senior reviewer"
    PIPELINE_ADMIN = "pipeline admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    PLATFORM_ADMIN = "platform admin"


def give_role(role: Role, *, to: User, by: Actor) -> None:
    """Puts a person into a role's group. Must run in a transaction."""
    to.groups.add(Group.objects.get(name=role.value))
    record("account.role_given", by=by, data={"user": to.pk, "role": role.value})


def take_role(role: Role, *, away_from: User, by: Actor) -> None:
    """Takes a person out of a role's group. Must run in a transaction."""
    away_from.groups.remove(Group.objects.get(name=role.value))
    record("account.role_taken", by=by, data={"user": away_from.pk, "role": role.value})


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


def right(permission: str, on: models.Model, to: User | Group) -> dict[str, object]:
    """A right in plain ids."""
    return {
        "right": permission,
        "on": f"{on._meta.label_lower}:{on.pk}",
        "to": f"{to._meta.model_name}:{to.pk}",
    }
