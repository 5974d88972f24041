"""Who may work on which queue, in one query; cases go through `visible_to`, lists through `listed_to`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import User
from cases.models import Case
from reviews.models import QueueEntry, Stage

RIGHT_FOR = {
    Stage.FIRST: "review",
    Stage.SECOND: "second_review",
    Stage.ADJUDICATION: "second_review",
}

GLASS_RIGHT = "break_glass"
OPENED = """
SELECT glass.case_id
FROM reviews_brokenglass glass JOIN cases_case held ON held.id = glass.case_id
WHERE glass.person_id = %(user)s AND glass.ends_at > clock_timestamp()
    AND held.pipeline_id = ANY(%(pipelines)s)
"""
"""What a person opened in an emergency, as long as they may and for the time that it lasts."""

GRANTED = """
SELECT kind.model, permission.codename, granted.object_pk, queue.pipeline_id, queue.pinned,
       queue.alarm_minutes
FROM (
    SELECT content_type_id, permission_id, object_pk
    FROM guardian_userobjectpermission WHERE user_id = %(user)s
    UNION
    SELECT content_type_id, permission_id, object_pk
    FROM guardian_groupobjectpermission
    JOIN accounts_user_groups membership USING (group_id) WHERE membership.user_id = %(user)s
) granted
JOIN auth_permission permission ON permission.id = granted.permission_id
JOIN django_content_type kind ON kind.id = granted.content_type_id
    AND (kind.app_label, kind.model) IN (('reviews', 'queue'), ('cases', 'pipeline'))
LEFT JOIN reviews_queue queue ON kind.model = 'queue' AND queue.id::text = granted.object_pk
"""
"""By hand: every request of a person asks this, and the ORM would cost more than the database."""


@dataclass(frozen=True, slots=True)
class Rights:
    """A person's rights on queues and pipelines: right -> ids.

    `worked_on` are the pipelines of the queues, `pinned` those of the queues that come before all
    others, `alarms` after how many minutes left each of these sounds alarm, where it does. `opened`
    are the cases that they may read for a while beyond these rights (`reviews.breakglass`).
    """

    queues: dict[str, frozenset[int]]
    pipelines: dict[str, frozenset[int]]
    worked_on: frozenset[int] = frozenset()
    pinned: frozenset[int] = frozenset()
    alarms: Mapping[int, int] = field(default_factory=dict)
    opened: frozenset[UUID] = frozenset()

    def may(self, right: str, queue_id: int) -> bool:
        """Whether the person has `right` on the queue."""
        return queue_id in self.queues.get(right, frozenset())

    def may_review(self, queue_id: int, stage: str) -> bool:
        """Whether the person may judge at this stage in the queue."""
        return self.may(RIGHT_FOR[Stage(stage)], queue_id)

    def may_judge(self, entry: QueueEntry) -> bool:
        """Whether the person may judge what waits there; what was escalated asks for the second right."""
        stage = Stage.SECOND if entry.escalated else entry.stage
        return self.may_review(entry.queue_id, stage)

    def all_queues(self) -> frozenset[int]:
        """The queues on which the person has any right."""
        return frozenset().union(*self.queues.values())

    def may_pipeline(self, right: str, pipeline_id: int) -> bool:
        """Whether the person has `right` on the pipeline."""
        return pipeline_id in self.pipelines.get(right, frozenset())

    def has_any(self, *names: str) -> bool:
        """Whether the person has one of these rights on any pipeline or queue."""
        return any(self.pipelines.get(name) or self.queues.get(name) for name in names)


def rights_of(user: User) -> Rights:
    """All rights that a person has, through a role or alone; nobody has them by being superuser."""
    if not user.is_active:
        return Rights({}, {})
    with connection.cursor() as cursor:
        cursor.execute(GRANTED, {"user": user.pk})
        rows = cursor.fetchall()
    found: dict[str, dict[str, set[int]]] = {"queue": {}, "pipeline": {}}
    for model, right, key, *_ in rows:
        found[model].setdefault(right, set()).add(int(key))
    glass = found["pipeline"].get(GLASS_RIGHT)
    pinned = {int(key): minutes for _, _, key, _, pinned, minutes in rows if pinned}
    return Rights(
        frozen(found["queue"]),
        frozen(found["pipeline"]),
        worked_on=frozenset(row[3] for row in rows if row[3] is not None),
        pinned=frozenset(pinned),
        alarms={queue: minutes for queue, minutes in pinned.items() if minutes is not None},
        opened=opened_by(user, glass) if glass else frozenset(),
    )


def opened_by(user: User, pipelines: Collection[int]) -> frozenset[UUID]:
    """The cases of some pipelines that a person opened in an emergency and may read now."""
    given: dict[str, Any] = {"user": user.pk, "pipelines": [*pipelines]}
    with connection.cursor() as cursor:
        cursor.execute(OPENED, given)
        return frozenset(case_id for (case_id,) in cursor.fetchall())


def frozen(found: dict[str, set[int]]) -> dict[str, frozenset[int]]:
    """The same, immutable."""
    return {right: frozenset(ids) for right, ids in found.items()}


def visible_to(rights: Rights, cases: QuerySet[Case] | None = None) -> QuerySet[Case]:
    """The cases that a person may see: of the queues they work on and the pipelines they audit, and
    those that they opened in an emergency.

    Who may only configure a pipeline sees none of its cases.

    A case that has left its queue stays visible to those who may audit its pipeline, and to whoever
    has a right on a queue of the same pipeline, since colleagues work on each other's cases.
    """
    everything = cases if cases is not None else Case.objects.all()
    audited = rights.pipelines.get("audit", frozenset())
    usual = Q(pipeline__in=audited | rights.worked_on)
    return everything.filter(usual | Q(pk__in=rights.opened) if rights.opened else usual)


def listed_to(rights: Rights, cases: QuerySet[Case] | None = None) -> QuerySet[Case]:
    """The cases that stand in a person's lists: what an emergency alone opened is not theirs to do.

    They reach it from the emergencies' page.
    """
    return visible_to(replace(rights, opened=frozenset()), cases)


def by_glass(rights: Rights, case: Case) -> bool:
    """Whether a person sees a case by an emergency alone: they read it, and do nothing else."""
    usual = rights.pipelines.get("audit", frozenset()) | rights.worked_on
    return case.pk in rights.opened and case.pipeline_id not in usual
