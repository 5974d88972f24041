"""Setting up what a pipeline brings for reviewing: its queues and its first policy."""

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.roles import Role, grant
from audit.actors import Actor
from audit.events import record
from cases.definition import InvalidDefinition
from cases.models import PipelineVersion
from reviews.models import Queue
from reviews.policies import activate_policy, active_policy, read_policy


@transaction.atomic
def set_up_review(version: PipelineVersion, *, by: Actor) -> None:
    """Makes the queues that are not there yet, and the definition's policy where none is active.

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
    active = active_policy(version.pipeline)
    if active is not None:
        read_policy(active.content, definition)
    elif definition.policy:
        activate_policy(version.pipeline, definition.policy, definition=definition, by=by)


@transaction.atomic
def open_to_roles(version: PipelineVersion, *, by: Actor) -> None:
    """Grants the pipeline's queues to the roles as a house begins; an admin narrows it from there."""
    groups = {group.name: group for group in Group.objects.filter(name__in=list(Role))}
    for queue in Queue.objects.filter(pipeline=version.pipeline):
        grant("review", on=queue, to=groups[Role.REVIEWER], by=by)
        for right in ("review", "second_review", "supervise"):
            grant(right, on=queue, to=groups[Role.SENIOR_REVIEWER], by=by)
    grant("configure", on=version.pipeline, to=groups[Role.PIPELINE_ADMIN], by=by)
    grant("audit", on=version.pipeline, to=groups[Role.AUDITOR], by=by)
