"""Policies: read from their content, checked, versioned and made active."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.definition import Definition
from cases.models import Pipeline
from reviews.gate import Gate, Samples, Stratum
from reviews.models import PolicyVersion
from reviews.policychecks import policy_faults
from reviews.routing import Bound, InvalidPolicy, Policy, Rule, SecondReview


def read_policy(content: Mapping[str, Any], definition: Definition) -> Policy:
    """The policy in `content`; raises InvalidPolicy naming the first mistake."""
    for mistake in policy_faults(content, definition):
        raise InvalidPolicy(str(mistake))
    second = content.get("second_review")
    return Policy(
        queue=content["queue"],
        field_queue=content["field_queue"],
        thresholds=content.get("thresholds", {}),
        minimum_field_confidence=content.get("minimum_field_confidence", 0.0),
        field_confidence=content.get("field_confidence", {}),
        rules=tuple(Rule(**rule) for rule in content.get("rules", ())),
        second_review=SecondReview(**second) if second else None,
        blind_share=content.get("blind_share", 0.0),
        automatic_adverse=frozenset(content.get("automatic_adverse", ())),
        flag_queue=content.get("flag_queue", content["queue"]),
        ceilings=content.get("ceilings", {}),
        pressing=content.get("pressing", {}),
        ceiling_queue=content.get("ceiling_queue", content.get("flag_queue", content["queue"])),
        bounds=tuple(Bound(**bound) for bound in content.get("bounds", ())),
        calibration=content.get("calibration"),
        field_calibration=content.get("field_calibration"),
        gate=Gate(**content.get("gate", {})),
        samples=read_samples(content.get("samples", {})),
    )


def read_samples(content: Mapping[str, Any]) -> Samples:
    """How automatic decisions are sampled, as a policy's content says it."""
    strata = tuple(Stratum(**stratum) for stratum in content.get("strata", ()))
    return Samples(**{**content, "strata": strata})


@transaction.atomic
def activate_policy(
    pipeline: Pipeline, content: Mapping[str, Any], *, definition: Definition, by: Actor
) -> PolicyVersion:
    """Makes `content` the pipeline's active policy, as its next version; the last one rests.

    Raises InvalidPolicy, also where it would automate an adverse outcome: that takes a second
    person's approval, which a single act does not carry.
    """
    policy = read_policy(content, definition)
    if policy.automatic_adverse:
        raise InvalidPolicy("automating an adverse outcome needs a second approver")
    Pipeline.objects.select_for_update().get(pk=pipeline.pk)
    last = PolicyVersion.objects.filter(pipeline=pipeline).order_by("number").last()
    PolicyVersion.objects.filter(pipeline=pipeline, active=True).update(active=False)
    version = PolicyVersion.objects.create(
        pipeline=pipeline,
        number=last.number + 1 if last else 1,
        content=dict(content),
        active=True,
        activated_at=ClockTimestamp(),
    )
    record(
        "policy.activated",
        by=by,
        pipeline=pipeline.slug,
        data={"policy_version": version.pk, "number": version.number, "content": dict(content)},
    )
    return version


def active_policy(pipeline: Pipeline) -> PolicyVersion | None:
    """The pipeline's active policy version, if it has one."""
    return PolicyVersion.objects.filter(pipeline=pipeline, active=True).first()
