"""Policies: read from their content, checked, versioned and made active."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp
from cases.definition import Definition, Mistake
from cases.models import Pipeline
from inference.models import Calibration
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


def readable(version: PolicyVersion | None, definition: Definition | None) -> Policy | None:
    """The policy of a version; None where there is none, or none that can be read under a definition."""
    if version is None or definition is None:
        return None
    try:
        return read_policy(version.content, definition)
    except InvalidPolicy:
        return None


def read_samples(content: Mapping[str, Any]) -> Samples:
    """How automatic decisions are sampled, as a policy's content says it."""
    strata = tuple(Stratum(**stratum) for stratum in content.get("strata", ()))
    return Samples(**{**content, "strata": strata})


def faults_for(pipeline: Pipeline, content: Mapping[str, Any]) -> Iterator[Mistake]:
    """All that is wrong with a policy for the pipeline as it is now, its calibrations included."""
    faults = list(policy_faults(content, definition_of(pipeline)))
    yield from faults
    for part, kind in CALIBRATIONS.items() if not faults else ():
        number = content.get(part)
        known = Calibration.objects.filter(pipeline=pipeline, kind=kind)
        if number is not None and not known.filter(number=number).exists():
            words = f"the pipeline has no such calibration {number}"
            yield Mistake(("policy", part), words)


CALIBRATIONS = {
    "calibration": Calibration.Kind.CONFIDENCE,
    "field_calibration": Calibration.Kind.FIELDS,
}
"""Parts of a policy that name calibrations, and of what these have to be."""


def definition_of(pipeline: Pipeline) -> Definition:
    """What the pipeline is now; raises InvalidPolicy where it has no version yet."""
    if pipeline.current is None:
        raise InvalidPolicy("the pipeline has no version yet")
    return pipeline.current.definition


def check_policy(pipeline: Pipeline, content: Mapping[str, Any]) -> None:
    """Raises InvalidPolicy, naming the first mistake, where the policy is none for the pipeline."""
    for mistake in faults_for(pipeline, content):
        raise InvalidPolicy(str(mistake))


@transaction.atomic
def activate_policy(
    pipeline: Pipeline, content: Mapping[str, Any], *, definition: Definition, by: Actor
) -> PolicyVersion:
    """Puts the policy in force that a pipeline begins with; later ones are proposed and signed.

    Raises InvalidPolicy, also where it would automate an adverse outcome: that takes a second
    person's signature, which a single act does not carry.
    """
    policy = read_policy(content, definition)
    if policy.automatic_adverse:
        raise InvalidPolicy("automating an adverse outcome needs a second approver")
    version = put_in_force(locked(pipeline), content)
    record("policy.activated", by=by, pipeline=pipeline.slug, data=facts_of(version))
    return version


def locked(pipeline: Pipeline) -> Pipeline:
    """The pipeline as it is now: nobody else changes its policy until the transaction ends."""
    rows = Pipeline.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("current").get(pk=pipeline.pk)


def put_in_force(pipeline: Pipeline, content: Mapping[str, Any], **origin: Any) -> PolicyVersion:
    """Makes `content` the active policy of a locked pipeline, as its next version; the last one rests.

    `origin` says what it restores, where it does. The caller has checked it and records the event.
    """
    last = PolicyVersion.objects.filter(pipeline=pipeline).order_by("number").last()
    PolicyVersion.objects.filter(pipeline=pipeline, active=True).update(active=False)
    return PolicyVersion.objects.create(
        pipeline=pipeline,
        number=last.number + 1 if last else 1,
        content=dict(content),
        active=True,
        activated_at=ClockTimestamp(),
        **origin,
    )


def facts_of(version: PolicyVersion) -> dict[str, Any]:
    """What an event says of a policy that was put in force."""
    return {
        "policy_version": version.pk,
        "number": version.number,
        "content": dict(version.content),
    }


def active_policy(pipeline: Pipeline) -> PolicyVersion | None:
    """The pipeline's active policy version, if it has one."""
    return PolicyVersion.objects.filter(pipeline=pipeline, active=True).first()
