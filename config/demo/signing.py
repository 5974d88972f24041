"""How the demo's policy came to be: a calibration fitted on its past, proposed by one and signed by another.

Without it the gate would be closed: what the model states is not what came true.
"""

import math
from typing import Any

from accounts.models import User
from cases.models import Pipeline
from config.demo.acting import staff
from config.demo.loans import PIPELINE
from config.demo.seeding import BY
from inference.models import Calibration
from reviews.calibrating import CannotFit, calibrated_confidence, fit_calibration
from reviews.gatechecks import measure_gates
from reviews.models import Proposal
from reviews.policies import active_policy
from reviews.proposing import draft_proposal, request_signature, sign_proposal
from reviews.replays import summary_for

DRAFTER, SIGNER = "dora", "karim"
CALIBRATED = (
    "Calibrated confidence",
    "The model is surer than it should be: what it states as 0.85 comes true less often. The map takes "
    "that back, and the thresholds go with it.",
)
WIDER = (
    "Approve from 0.70",
    "Fewer loans for people to judge. The replay says what it would cost in errors.",
)


def sign_calibrated_policy() -> None:
    """Fits a calibration, has it signed into the loans' policy, and asks for another signature.

    A past too short to fit anything leaves the policy as it is, and its gate closed.
    """
    people = staff(DRAFTER, SIGNER)
    drafter, signer = people[DRAFTER], people[SIGNER]
    pipeline = Pipeline.objects.select_related("current").get(slug=PIPELINE)
    try:
        fitted = fit_calibration(pipeline, kind=Calibration.Kind.CONFIDENCE, by=drafter)
    except CannotFit:
        measure_gates(by=BY)
        return
    asked = proposed(pipeline, changes_with(fitted, pipeline), CALIBRATED, drafter)
    measure_gates(by=BY)
    sign_proposal(asked.pk, revision=asked.revision, answer="Replayed and agreed.", by=signer)
    proposed(pipeline, {"thresholds": {"approve": 0.7}}, WIDER, drafter)


def changes_with(fitted: Calibration, pipeline: Pipeline) -> dict[str, Any]:
    """What a calibration changes in the active policy: thresholds and strata are where they were, as they
    come true.
    """
    active = active_policy(pipeline)
    content = active.content if active else {}
    samples = content.get("samples", {})
    strata = {}  # where two come true alike they are one, as the surer was to be sampled
    for each in samples.get("strata", ()):
        lower = comes_true(each["lower"], each["outcome"], fitted)
        strata[each["outcome"], lower] = {**each, "lower": lower}
    return {
        "calibration": fitted.number,
        "thresholds": {
            outcome: comes_true(threshold, outcome, fitted)
            for outcome, threshold in content["thresholds"].items()
        },
        "samples": {**samples, "strata": list(strata.values())},
    }


def comes_true(stated: float, outcome: str, fitted: Calibration) -> float:
    """How often a stated confidence comes true, in hundredths and rounded down."""
    return math.floor(calibrated_confidence(outcome, stated, fitted.maps) * 100) / 100


def proposed(
    pipeline: Pipeline, changes: dict[str, Any], words: tuple[str, str], drafter: User
) -> Proposal:
    """A proposal that changes some parts of the active policy, and waits for a signature."""
    active = active_policy(pipeline)
    if active is None:
        raise ValueError(f"{pipeline} has no policy")
    title, reason = words
    content = {**active.content, **changes}
    draft = draft_proposal(pipeline, content, title=title, reason=reason, base=active, by=drafter)
    return request_signature(
        draft.pk, revision=draft.revision, replayed=summary_for(draft.pk), by=drafter
    )
