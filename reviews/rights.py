"""Who may work on which queue, in one query; every list of cases goes through `visible_to`."""

from dataclasses import dataclass

from django.db.models import QuerySet
from guardian.models import GroupObjectPermission, UserObjectPermission

from accounts.models import User
from cases.models import Case, Pipeline
from reviews.models import Queue, Stage

RIGHT_FOR = {
    Stage.FIRST: "review",
    Stage.SECOND: "second_review",
    Stage.ADJUDICATION: "second_review",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """A person's rights on queues and pipelines: right -> ids."""

    queues: dict[str, frozenset[int]]
    pipelines: dict[str, frozenset[int]]

    def may(self, right: str, queue_id: int) -> bool:
        """Whether the person has `right` on the queue."""
        return queue_id in self.queues.get(right, frozenset())

    def may_review(self, queue_id: int, stage: str) -> bool:
        """Whether the person may judge at this stage in the queue."""
        return self.may(RIGHT_FOR[Stage(stage)], queue_id)

    def all_queues(self) -> frozenset[int]:
        """The queues on which the person has any right."""
        return frozenset().union(*self.queues.values())

    def may_pipeline(self, right: str, pipeline_id: int) -> bool:
        """Whether the person has `right` on the pipeline."""
        return pipeline_id in self.pipelines.get(right, frozenset())


def rights_of(user: User) -> Rights:
    """All rights that a person has, through a role or alone; nobody has them by being superuser."""
    if not user.is_active:
        return Rights({}, {})
    columns = ("content_type__model", "permission__codename", "object_pk")
    on_ours = {
        "content_type__app_label__in": ("reviews", "cases"),
        "content_type__model__in": ("queue", "pipeline"),
    }
    rows = (
        UserObjectPermission.objects.filter(user=user, **on_ours)
        .values_list(*columns)
        .union(
            GroupObjectPermission.objects.filter(group__user=user, **on_ours).values_list(*columns)
        )
    )
    found: dict[str, dict[str, set[int]]] = {"queue": {}, "pipeline": {}}
    for model, right, key in rows:
        found[model].setdefault(right, set()).add(int(key))
    return Rights(frozen(found["queue"]), frozen(found["pipeline"]))


def frozen(found: dict[str, set[int]]) -> dict[str, frozenset[int]]:
    """The same, immutable."""
    return {right: frozenset(ids) for right, ids in found.items()}


def visible_to(rights: Rights, cases: QuerySet[Case] | None = None) -> QuerySet[Case]:
    """The cases that a person may see: of the queues they work on and the pipelines they audit.

    Who may only configure a pipeline sees none of its cases.

    A case that has left its queue stays visible to those who may audit its pipeline, and to whoever
    has a right on a queue of the same pipeline, since colleagues work on each other's cases.
    """
    audited = rights.pipelines.get("audit", frozenset())
    through_queues = Queue.objects.filter(pk__in=rights.all_queues()).values("pipeline_id")
    everything = cases if cases is not None else Case.objects.all()
    return everything.filter(
        pipeline__in=Pipeline.objects.filter(pk__in=audited).values("pk").union(through_queues)
    )
