"""Replay: what a policy would have made of past cases, all of them at once. Pure.

It is `reviews.routing.route` over columns, exact case by case: the same doubts, asking for queues in the
same order. What the gate or a stop held back is taken as the policy alone would have it: both go by
labels and by people, not by what the policy says.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cases.definition import Definition
from reviews.doubts import mask_of, rule_key
from reviews.lab.columns import FAILED, MET, NOT_KNOWN, Bools, Columns, Floats
from reviews.routing import Policy

Maps = Mapping[str, Mapping[str, Sequence[float]]]
"""Lines through points, `x` stated and `y` calibrated, by outcome or by field type and page quality."""
Codes = NDArray[np.int16]


class CannotReplay(ValueError):
    """A policy that asks for what is not kept of past cases; the message says for what."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a policy makes of each case of Columns.

    `automatic` are decided with `outcome`, a place in the columns' outcomes; all others have -1 there
    and go to `queue`, a place in `queues`. `second` asks for a second review, in `second_queue`.
    `confidence` is the calibrated one. `clear` are those that nothing but their outcome's threshold, or
    that it has none, could send to people. Of those not `known`, for a rule that was never asked of them,
    nothing is said: they are neither automatic nor in a queue (-1).
    """

    automatic: Bools
    outcome: Codes
    queue: Codes
    queues: tuple[str, ...]
    second: Bools
    second_queue: str | None
    confidence: Floats
    clear: Bools
    known: Bools

    def among(self, cases: Bools) -> "Replayed":
        """The same with nothing said of any other case: two policies are compared over what both know."""
        return replace(
            self,
            automatic=self.automatic & cases,
            outcome=np.where(cases, self.outcome, np.int16(-1)),
            queue=np.where(cases, self.queue, np.int16(-1)),
            second=self.second & cases,
            clear=self.clear & cases,
            known=self.known & cases,
        )


@dataclass(frozen=True, slots=True)
class Doubts:
    """Which cases each doubt of a policy holds of; `rules` with their queues, in their order.

    `presses` and `raises` are above a ceiling; `plain` are all those that ask for no queue; `unsure` is
    an outcome below its threshold, or without one. `second_known` is whether its rule was asked.
    """

    signs: Bools
    failed: Bools
    failure: Bools
    urgent: Bools
    presses: Bools
    raises: Bools
    papers: Bools
    rules: tuple[tuple[str | None, NDArray[np.int8]], ...]
    second: Bools
    second_known: Bools
    plain: Bools
    unsure: Bools


def replay_policy(
    columns: Columns, policy: Policy, definition: Definition, maps: Maps, field_maps: Maps
) -> Replayed:
    """What `policy` makes of the cases, under the maps of the calibrations that it names.

    Raises CannotReplay where it asks for a minimum of single papers' fields, as of total-2: of several
    papers only the least confidence is kept.
    """
    for name in policy.field_confidence:
        if "-" in name:
            raise CannotReplay(f"of single papers nothing is kept, and the policy names {name}")
    confidence = calibrated(columns, maps)
    found = find_doubts(columns, policy, definition, confidence, field_maps)
    doubted = found.signs | found.failed | found.failure | found.urgent | found.presses
    for each in (found.raises, found.papers, found.second, found.plain):
        doubted |= each
    known = found.second_known.copy()
    for _, answer in found.rules:
        doubted |= holds(answer)
        known &= (answer != NOT_KNOWN) | found.failed
    clear = known & ~doubted
    automatic = clear & ~found.unsure
    codes, queues = queues_of(found, policy)
    codes[automatic | ~known] = -1
    return Replayed(
        automatic=automatic,
        outcome=np.where(automatic, columns.predicted, np.int16(-1)),
        queue=codes,
        queues=queues,
        second=found.second & known,
        second_queue=policy.second_review.queue if policy.second_review else None,
        confidence=confidence,
        clear=clear,
        known=known,
    )


def queues_of(found: Doubts, policy: Policy) -> tuple[Codes, tuple[str, ...]]:
    """The queue of each case that is not decided: that of the first doubt which asks for one.

    So they are asked last to first, and the first has the last word. Where no policy could be asked
    only signs count.
    """
    names = [policy.queue]
    codes = np.zeros(len(found.failed), np.int16)
    for queue, asking in asking_last_to_first(found, policy):
        if queue and queue not in names:
            names.append(queue)
        if queue:
            codes[asking] = names.index(queue)
    return codes, tuple(names)


def asking_last_to_first(found: Doubts, policy: Policy) -> Iterator[tuple[str | None, Bools]]:
    """The doubts that may ask for a queue, with that queue, the last that is heard first."""
    for queue, answer in reversed(found.rules):
        yield queue, holds(answer)
    yield policy.field_queue, found.papers
    yield policy.ceiling_queue if policy.ceilings else None, found.failure
    yield policy.ceiling_queue, found.raises
    yield policy.flag_queue, found.presses | found.urgent
    yield policy.queue, found.failed
    yield policy.flag_queue, found.signs


def find_doubts(
    columns: Columns,
    policy: Policy,
    definition: Definition,
    confidence: Floats,
    field_maps: Maps,
) -> Doubts:
    """Every doubt that the policy has of the cases."""
    failure = bits(columns, "failure")
    presses, raises = above_ceilings(columns, policy)
    specs = {spec.name: spec for spec in definition.outcomes}
    own = [specs[name] for name in columns.outcomes]
    urgent = of_outcome(columns, [spec.urgent for spec in own]) & ~failure
    adverse = [spec.adverse and spec.name not in policy.automatic_adverse for spec in own]
    unusable = (columns.predicted < 0) | ~((confidence >= 0) & (confidence <= 1))
    thresholds = np.array(
        [*(policy.thresholds.get(name, math.nan) for name in columns.outcomes), 0.0]
    )
    second, second_known = second_reviews(columns, policy)
    plain = bits(columns, "asked", "paper_unseen", "no_consent")
    plain |= (of_outcome(columns, adverse) | unusable | unmet_bounds(columns, policy)) & ~failure
    return Doubts(
        signs=bits(columns, "flag", "unlooked"),
        failed=bits(columns, "failed"),
        failure=failure,
        urgent=urgent,
        presses=presses & ~failure,
        raises=raises & ~failure,
        papers=bits(columns, "paper_unread", "field_missing")
        | doubtful_fields(columns, policy, definition, field_maps),
        rules=tuple((rule.queue, ask(columns, policy, rule.when)) for rule in policy.rules),
        second=second,
        second_known=second_known,
        plain=plain,
        unsure=~(confidence >= thresholds[columns.predicted]),
    )


def bits(columns: Columns, *names: str) -> Bools:
    """Which cases have any of the doubts named."""
    return np.asarray((columns.doubts & np.int32(mask_of(*names))) != 0)


def of_outcome(columns: Columns, flags: Sequence[bool]) -> Bools:
    """Whether the predicted outcome is one of those with a flag; false where none was predicted."""
    return np.array([*flags, False])[columns.predicted]


def ask(columns: Columns, policy: Policy, text: str) -> NDArray[np.int8]:
    """What is known of a rule of the policy."""
    return columns.rule(rule_key(text, policy.calibration))


def holds(answer: NDArray[np.int8]) -> Bools:
    """Where a rule holds a case back: it holds, or could not be evaluated."""
    return np.asarray((answer == MET) | (answer == FAILED))


def second_reviews(columns: Columns, policy: Policy) -> tuple[Bools, Bools]:
    """Which cases ask for two people, and of which that is known."""
    if policy.second_review is None:
        return np.zeros(len(columns), bool), np.ones(len(columns), bool)
    answer = ask(columns, policy, policy.second_review.rule)
    return holds(answer), answer != NOT_KNOWN


def calibrated(columns: Columns, maps: Maps) -> Floats:
    """The confidence in what was predicted, by its outcome's map where there is one."""
    confidence = columns.confidence.copy()
    for place, name in enumerate(columns.outcomes):
        if line := maps.get(name):
            own = columns.predicted == place
            confidence[own] = np.interp(confidence[own], line["x"], line["y"])
    return confidence


def above_ceilings(columns: Columns, policy: Policy) -> tuple[Bools, Bools]:
    """Cases with an outcome that is too probable: those of them that press, and the others."""
    presses, raises = np.zeros(len(columns), bool), np.zeros(len(columns), bool)
    for name, ceiling in policy.ceilings.items():
        if name in columns.outcomes:
            probability = columns.probabilities[:, columns.outcomes.index(name)]
        else:
            probability = np.full(len(columns), math.nan)
        above = ~((probability >= 0) & (probability <= ceiling))
        pressing = above & ~(probability < policy.pressing.get(name, ceiling))
        presses |= pressing
        raises |= above & ~pressing
    return presses, raises


def unmet_bounds(columns: Columns, policy: Policy) -> Bools:
    """Cases whose model version's figures do not meet a bound, or that has no such figure."""
    unmet = np.zeros(len(columns), bool)
    if not policy.bounds:
        return unmet
    for version in np.unique(columns.model_version):
        figures = columns.figures.get(int(version), {})
        uppers = [(figures.get(bound.figure, math.nan), bound.at_most) for bound in policy.bounds]
        if not all(0 <= upper <= at_most for upper, at_most in uppers):
            unmet |= columns.model_version == version
    return unmet


def doubtful_fields(
    columns: Columns, policy: Policy, definition: Definition, field_maps: Maps
) -> Bools:
    """Cases with a field that was read with less confidence than the policy asks of it.

    Calibration keeps the order of confidences, so that the least stays the least.
    """
    doubtful = np.zeros(len(columns), bool)
    for spec in definition.fields:
        if spec.name not in columns.fields or not (
            spec.required or spec.name in policy.field_confidence
        ):
            continue
        minimum = policy.field_confidence.get(spec.name, policy.minimum_field_confidence)
        place = columns.fields.index(spec.name)
        for read, quality in ((columns.fields_clear, "clear"), (columns.fields_poor, "poor")):
            least = read[:, place]
            if line := field_maps.get(f"{spec.type}:{quality}"):
                least = np.where(least >= 0, np.interp(least, line["x"], line["y"]), least)
            doubtful |= ~(least >= minimum) & ~np.isnan(read[:, place])
    return doubtful
