"""How a pipeline stands now: its active policy, what is stopped, and what its gate says."""

from dataclasses import dataclass

from cases.models import Pipeline
from inference.models import ModelVersion
from reviews.calibrating import calibration_of, scored_by
from reviews.gate import LiveFigures, gate_doubts
from reviews.gatechecks import live_figures
from reviews.models import PolicyVersion
from reviews.policies import active_policy, readable
from reviews.reasons import Reason
from reviews.routing import Policy
from reviews.stopping import what_is_stopped


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides of a pipeline's cases now; `policy` is None where there is none that can be read.

    `gate` is why the gate is closed to the model version that scores now, `stopped` the name of what
    is stopped; both empty where nothing holds the policy back, or nothing could be automatic anyway.
    """

    version: PolicyVersion | None
    policy: Policy | None
    model_version: ModelVersion | None
    live: LiveFigures | None
    gate: tuple[Reason, ...]
    stopped: str


def standing_of(pipeline: Pipeline) -> Standing:
    """How the pipeline stands at this moment."""
    definition = pipeline.current.definition if pipeline.current else None
    version = active_policy(pipeline)
    policy = readable(version, definition)
    scores = scored_by(definition)
    live = live_of(pipeline, scores, policy) if scores and policy and policy.thresholds else None
    return Standing(
        version=version,
        policy=policy,
        model_version=scores,
        live=live,
        gate=tuple(gate_doubts(live, policy.gate, policy.samples)) if live and policy else (),
        stopped=what_is_stopped(pipeline, scores),
    )


def live_of(pipeline: Pipeline, scores: ModelVersion, policy: Policy) -> LiveFigures:
    """What live labels show of the model version under the policy's calibration."""
    return live_figures(pipeline, scores, policy, calibration_of(pipeline, policy.calibration))
