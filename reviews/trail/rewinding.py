"""Who had which roles and rights at a time: what there is now, less what the log says happened since."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection

from accounts.models import User
from audit.models import Event
from cases.models import Pipeline
from reviews.models import Queue

CHANGES = (
    "account.right_granted",
    "account.right_withdrawn",
    "account.role_given",
    "account.role_taken",
    "configuration.user_changed",
)
RIGHTS = """
SELECT 'user:' || granted.user_id, permission.codename, kind.app_label || '.' || kind.model,
    granted.object_pk
FROM guardian_userobjectpermission granted
JOIN auth_permission permission ON permission.id = granted.permission_id
JOIN django_content_type kind ON kind.id = granted.content_type_id
UNION ALL
SELECT 'group:' || granted.group_id, permission.codename, kind.app_label || '.' || kind.model,
    granted.object_pk
FROM guardian_groupobjectpermission granted
JOIN auth_permission permission ON permission.id = granted.permission_id
JOIN django_content_type kind ON kind.id = granted.content_type_id
"""


@dataclass(slots=True)
class Access:
    """Roles as (user, role), rights as (whose, right, on what), and whom an account is open to."""

    roles: set[tuple[int, str]] = field(default_factory=set)
    rights: set[tuple[str, str, str]] = field(default_factory=set)
    active: dict[int, bool] = field(default_factory=dict)


def rewind(access: Access, events: Iterable[tuple[str, Mapping[str, Any]]]) -> Access:
    """Takes back events (type and data), the last one first. Pure but for `access`, which it changes."""
    for type, data in events:
        match type:
            case "account.role_given":
                access.roles.discard((data["user"], data["role"]))
            case "account.role_taken":
                access.roles.add((data["user"], data["role"]))
            case "account.right_granted":
                access.rights.discard((data["to"], data["right"], data["on"]))
            case "account.right_withdrawn":
                access.rights.add((data["to"], data["right"], data["on"]))
            case "configuration.user_changed" if "is_active" in data["changes"]:
                access.active[int(data["id"])] = data["changes"]["is_active"][0] == "True"
    return access


def access_now() -> Access:
    """The roles and rights that there are."""
    given = User.groups.through.objects.values_list("user_id", "group__name")
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS)
        rights = {(to, right, f"{kind}:{pk}") for to, right, kind, pk in cursor.fetchall()}
    return Access({*given}, rights, dict(User.objects.values_list("pk", "is_active")))


def access_at(at: datetime) -> Access:
    """The roles and rights that there were at a time."""
    since = Event.objects.filter(type__in=CHANGES, at__gte=at).order_by("-id")
    return rewind(access_now(), since.values_list("type", "data"))


# ---------------------------------------------------------------- as rows


def people_at(at: datetime, access: Access) -> Iterator[dict[str, Any]]:
    """The people who had an account at a time, with their roles; their names are those of now."""
    for person in User.objects.filter(date_joined__lt=at).order_by("pk"):
        yield {
            "user": person.pk,
            "username": person.username,
            "name": person.get_full_name(),
            "active": access.active[person.pk],
            "superuser": person.is_superuser,
            "since": person.date_joined,
            "roles": sorted(role for user, role in access.roles if user == person.pk),
        }


def rights_at(access: Access) -> Iterator[dict[str, Any]]:
    """The rights on single queues and pipelines, with what these are called."""
    groups = {f"group:{group.pk}": group.name for group in Group.objects.all()}
    names = {f"reviews.queue:{queue.pk}": queue.slug for queue in Queue.objects.all()}
    names |= {f"cases.pipeline:{each.pk}": each.slug for each in Pipeline.objects.all()}
    for to, right, on in sorted(access.rights):
        yield {
            "to": to,
            "role": groups.get(to, ""),
            "right": right,
            "on": on,
            "called": names.get(on, ""),
        }
