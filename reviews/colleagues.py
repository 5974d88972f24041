"""Who has which right on a queue, asked from the queue's side."""

from collections.abc import Collection, Mapping

from django.db import connection

from accounts.models import User

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


def people_with(right: str, queue_id: int) -> list[User]:
    """The active people who have `right` on the queue, by name."""
    ids = holders([queue_id]).get((queue_id, right), frozenset())
    return list(User.objects.filter(pk__in=ids).order_by("first_name", "last_name", "username"))
