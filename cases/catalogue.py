"""Applying pipelines: a definition becomes an immutable version, and the current one."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.events import record
from audit.vault import canonical
from cases.definition import InvalidDefinition, parse
from cases.models import Pipeline, PipelineVersion


@transaction.atomic
def apply_pipeline(content: Mapping[str, Any], *, by: Actor) -> PipelineVersion:
    """Makes a definition its pipeline's current version; the same again changes nothing.

    Raises InvalidDefinition where it can't be used, or differs from what its number already means.
    """
    definition = parse(content)
    sha256 = hashlib.sha256(canonical(content)).hexdigest()
    pipeline, _ = Pipeline.objects.select_for_update().get_or_create(
        slug=definition.slug, defaults={"name": definition.name}
    )
    version, made = PipelineVersion.objects.get_or_create(
        pipeline=pipeline,
        number=definition.version,
        defaults={"content": dict(content), "sha256": sha256},
    )
    if version.sha256 != sha256:
        raise InvalidDefinition(
            f"version {definition.version} of {definition.slug} exists and differs: raise the number"
        )
    if pipeline.current_id == version.pk:
        return version
    pipeline.current, pipeline.name = version, definition.name
    pipeline.save(update_fields=["current", "name"])
    record(
        "pipeline.applied",
        by=by,
        pipeline=pipeline.slug,
        data={"version": version.number, "sha256": sha256, "new": made},
    )
    return version
