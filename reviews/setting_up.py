"""Setting up what a pipeline brings for reviewing: its queues and its first policy."""

from collections.abc import Sequence

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import User
from accounts.roles import Role, grant
from audit.actors import Actor
from audit.events import record
from cases.definition import InvalidDefinition, QueueSpec
from cases.models import PipelineVersion
from reviews.models import Queue
from reviews.policies import activate_policy, active_policy, read_policy

ARRANGED = ("pinned", "sla_minutes", "alarm_minutes")
"""What a definition says of a queue beside its name."""


@transaction.atomic
def set_up_review(version: PipelineVersion, *, by: Actor) -> None:
    """Makes the queues that are not there yet, arranges them all, and activates the definition's policy
    where none is active.

    Raises InvalidPolicy, also where the active policy no longer fits, and InvalidDefinition where
    another pipeline has a queue of that slug. An active policy is never replaced from here.
    """
    definition = version.definition
    for spec in definition.queues:
        queue, made = Queue.objects.get_or_create(
            slug=spec.slug, defaults={"name": spec.name, "pipeline": version.pipeline}
        )
        if queue.pipeline_id != version.pipeline_id:
            raise InvalidDefinition(f"queue {spec.slug!r} is another pipeline's")
        if made:
            record(
                "queue.made",
                by=by,
                pipeline=definition.slug,
                data={"queue": queue.pk, "slug": queue.slug},
            )
        arrange(queue, spec, by=by)
    active = active_policy(version.pipeline)
    if active is not None:
        read_policy(active.content, definition)
    elif definition.policy:
        activate_policy(version.pipeline, definition.policy, definition=definition, by=by)


ON_QUEUES = {
    Role.REVIEWER: ("review",),
    Role.SENIOR_REVIEWER: ("review", "second_review", "supervise"),
}
ON_PIPELINE = {
    Role.PIPELINE_ADMIN: ("configure",),
    Role.AUDITOR: ("audit",),
    Role.PRIVACY_OFFICER: ("retain",),
}
"""What a role may do with a pipeline that is opened to it."""


def arrange(queue: Queue, spec: QueueSpec, *, by: Actor) -> None:
    """Gives a queue the place and the times that the definition says, where they are others.

    Must run in a transaction. Cases that wait there already keep their deadlines.
    """
    wanted = {name: getattr(spec, name) for name in ARRANGED}
    if wanted == {name: getattr(queue, name) for name in ARRANGED}:
        return
    Queue.objects.filter(pk=queue.pk).update(**wanted)
    record(
        "queue.arranged",
        by=by,
        pipeline=queue.pipeline.slug,
        data={"queue": queue.pk, "slug": queue.slug, **wanted},
    )


@transaction.atomic
def open_to_roles(version: PipelineVersion, *, by: Actor) -> None:
    """Grants the pipeline's queues to the roles as a house begins; an admin narrows it from there."""
    for group in Group.objects.filter(name__in=[*ON_QUEUES, *ON_PIPELINE]).order_by("name"):
        open_to(version, group, [Role(group.name)], by=by)


@transaction.atomic
def open_to_people(version: PipelineVersion, people: Sequence[User], *, by: Actor) -> None:
    """Grants the pipeline's queues to some people alone, each by the roles that they have."""
    for person in people:
        names = person.groups.filter(name__in=[*ON_QUEUES, *ON_PIPELINE]).order_by("name")
        open_to(version, person, [Role(group.name) for group in names], by=by)


def open_to(
    version: PipelineVersion, whom: User | Group, roles: Sequence[Role], *, by: Actor
) -> None:
    """Grants what the roles may do. Must run in a transaction."""
    for role in roles:
        for queue in Queue.objects.filter(pipeline=version.pipeline):
            for right in ON_QUEUES.get(role, ()):
                grant(right, on=queue, to=whom, by=by)
        for right in ON_PIPELINE.get(role, ()):
            grant(right, on=version.pipeline, to=whom, by=by)
