"""Who has which right on a queue, asked from the queue's side."""

from collections.abc import Collection, Mapping

from django.db import connection
from django.db.models import Q

from accounts.models import User
from accounts.roles import holders as granted_on
from cases.models import Pipeline
from reviews.models import Queue

BY_NAME = ("first_name", "last_name", "username")

HOLDERS = """
SELECT DISTINCT granted.object_pk::bigint, permission.codename, person.id
FROM (
    SELECT content_type_id, permission_id, object_pk, user_id
    FROM guardian_userobjectpermission WHERE object_pk = ANY(%(queues)s)
    UNION ALL
    SELECT content_type_id, permission_id, object_pk, membership.user_id
    FROM guardian_groupobjectpermission
    JOIN accounts_user_groups membership USING (group_id) WHERE object_pk = ANY(%(queues)s)
) granted
JOIN django_content_type kind ON kind.id = granted.content_type_id
    AND (kind.app_label, kind.model) = ('reviews', 'queue')
JOIN auth_permission permission ON permission.id = granted.permission_id
JOIN accounts_user person ON person.id = granted.user_id AND person.is_active
"""

Holders = Mapping[tuple[int, str], frozenset[int]]


def holders(queues: Collection[int]) -> Holders:
    """(queue, right) -> the ids of the active people who have it; a pair that nobody has is left out."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, {"queues": [str(queue) for queue in queues]})
        rows = cursor.fetchall()
    found: dict[tuple[int, str], set[int]] = {}
    for queue, right, person in rows:
        found.setdefault((queue, right), set()).add(person)
    return {pair: frozenset(people) for pair, people in found.items()}


def able_of(able: Holders, queue_id: int | None, right: str) -> frozenset[int]:
    """Who has a right on a queue."""
    return able.get((queue_id, right), frozenset()) if queue_id is not None else frozenset()


def people_with(right: str, queue_id: int) -> list[User]:
    """The active people who have `right` on the queue, by name."""
    ids = holders([queue_id]).get((queue_id, right), frozenset())
    return list(User.objects.filter(pk__in=ids).order_by(*BY_NAME))


def people_who_supervise(pipeline_id: int) -> list[User]:
    """The active people who supervise a queue of the pipeline, by name."""
    queues = Queue.objects.filter(pipeline=pipeline_id).values_list("pk", flat=True)
    ids = frozenset[int]().union(
        *(people for (_, right), people in holders([*queues]).items() if right == "supervise")
    )
    return [*User.objects.filter(pk__in=ids).order_by(*BY_NAME)]


def holders_on(right: str, pipeline_id: int) -> list[User]:
    """The active people who have `right` on the pipeline itself, by name."""
    held = granted_on(right, Pipeline.objects.get(pk=pipeline_id))
    kinds = [key.partition(":") for key in held]
    people = Q(pk__in=[key for kind, _, key in kinds if kind == "user"])
    members = Q(groups__in=[key for kind, _, key in kinds if kind == "group"])
    active = User.objects.filter(people | members, is_active=True)
    return [*active.distinct().order_by(*BY_NAME)]
