"""The gate: a policy decides by itself only while live labels speak for its model. Pure.

Labels are verdicts of people on cases of the last days, those on automatic decisions by a sample; each
counts for as many cases as it stands for. How they are measured: `reviews.gatechecks`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from reviews.reasons import UNKNOWN, Reason, because


@dataclass(frozen=True, slots=True)
class Gate:
    """What the labels of the last `days` have to show before anything is automatic.

    `ece` is what the expected calibration error may be at most, by the upper end of its interval;
    `auroc` what the area under the ROC curve has to be at least, by its estimate.
    """

    ece: float = 0.05
    auroc: float = 0.7
    days: int = 90


@dataclass(frozen=True, slots=True)
class Stratum:
    """Automatic decisions of an outcome from a confidence (0–1) on, and their `share` that is sampled."""

    outcome: str
    lower: float
    share: float


@dataclass(frozen=True, slots=True)
class Samples:
    """How automatic decisions are sampled for blind review: `share` of them where no stratum says otherwise.

    Sized so that an error rate of `find` is noticed with probability `power`: that at least one of the
    sampled decisions is found to be wrong. `known` is the share of all that reviewers get whose right
    answer is known already, to measure them (`reviews.knownanswers`).
    """

    share: float = 0.0
    find: float = 0.02
    power: float = 0.95
    known: float = 0.0
    strata: tuple[Stratum, ...] = ()

    @property
    def labels(self) -> int:
        """How many labels that takes: with n of them no error shows with probability (1 - find)^n."""
        return math.ceil(math.log1p(-self.power) / math.log1p(-self.find))

    def stratum(self, outcome: str, confidence: float) -> Stratum:
        """The stratum of an automatic decision: the highest that begins at its confidence or below."""
        own = [each for each in self.strata if each.outcome == outcome and each.lower <= confidence]
        return max(own, key=lambda each: each.lower, default=Stratum(outcome, 0.0, self.share))


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """What the labels of a model version show: estimates, and the ends of their 95 % intervals.

    None where there are too few labels, or all of one kind, to tell. `fresh` is whether they were
    measured lately, `fits` whether the policy's calibration was made for this model version.
    """

    labels: int
    ece_upper: float | None = None
    auroc: float | None = None
    fresh: bool = True
    fits: bool = True


UNMEASURED = LiveFigures(0)


def gate_doubts(live: LiveFigures, gate: Gate, samples: Samples) -> Iterator[Reason]:
    """Why the gate is closed; nothing where it is open. What could not be measured closes it."""
    if not live.fits:
        yield because("gate_calibration")
    if not live.fresh:
        yield because("gate_stale")
    if live.labels < samples.labels:
        yield because("gate_labels", labels=str(live.labels), needed=str(samples.labels))
        return
    if live.ece_upper is None or not live.ece_upper <= gate.ece:
        yield because("gate_ece", upper=stated(live.ece_upper), at_most=float(gate.ece))
    if live.auroc is None or not live.auroc >= gate.auroc:
        yield because("gate_auroc", auroc=stated(live.auroc), at_least=float(gate.auroc))


def stated(figure: float | None) -> float | str:
    """A figure for a reason's words; one that could not be measured says so."""
    return UNKNOWN if figure is None else float(figure)
