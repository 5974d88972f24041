"""A past that never was, for the demo's lab: loans of the last months, scored, routed and judged.

The model's answers are its own, on rows that no training has seen, drawn again and again with the
amount a little changed; how each loan ended is the row's. Arrivals, readings and people are made up:
reviewers err at the rates stated here.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cases.definition import Definition
from cases.definition.parts import Priority
from config.demo.applicants import Applicant, applicant
from config.demo.chance import pick
from inference.knowing import NOTHING, FieldFact, names
from inference.runtimes import Score, Scorer, score
from inference.training.holdout import HeldOutRow, held_out_rows
from reviews.gate import UNMEASURED, LiveFigures
from reviews.routing import Facts, Policy, Routed, route

DAYS = 90
ERRORS: Mapping[str, float] = {"ada": 0.05, "bruno": 0.12, "chidi": 0.04, "freya": 0.06}
"""How often each judges a loan otherwise than it ended."""
SENIOR = ("chidi", "freya")
LEANING = 0.15
"""How often somebody who sees the model's view and would differ goes along with it."""
SWITCHING = 0.1
"""How often somebody who answered otherwise before seeing the model's view goes along with it then."""
PRIORITIES: Mapping[Priority, float] = {"urgent": 0.08, "high": 0.2, "normal": 0.6, "low": 0.12}
HOURS = (0.2,) * 7 + (1.0, 3.0, 6.0, 7.0, 6.0, 4.0, 5.0, 6.0, 6.0, 4.0, 2.0, 1.0) + (0.4,) * 5
"""How cases arrive over a working day; at the weekend by a seventh."""
WEEKEND = 1 / 7
OPEN_AFTER = 160
"""Labels after which the gate is taken to have opened."""
SPOKEN_FOR = LiveFigures(labels=OPEN_AFTER, ece_upper=0.04, auroc=0.8)
UNFOUND = 0.02
"""How often a value that the papers have to show is not found."""
GIVEN_ANEW = 0.4
"""How many of the cases on which two people agreed are given to a third, to measure people."""
POOR = 0.2
"""How many papers are poor copies, on which the reading is less sure, and less right than it says."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody said of a case, from when to when they had it in hand.

    `unseen` is what they had answered before they saw the model's view, where that was hidden.
    """

    reviewer: str
    outcome: str
    claimed_at: datetime
    reviewed_at: datetime
    unseen: str = ""

    @property
    def label(self) -> str:
        """What is held for true of what they said."""
        return self.unseen or self.outcome

    @property
    def seconds(self) -> float:
        """How long they had it in hand."""
        return (self.reviewed_at - self.claimed_at).total_seconds()


@dataclass(frozen=True, slots=True)
class PastCase:
    """A settled case: what came in, what the model and the policy made of it, what people said.

    `facts` are those that the policy saw.

    `sampled` is the share by which its automatic decision was drawn to be judged, 0 where it was not;
    `right` says of each field whether it was read right, `known` is what somebody said who was given it
    anew, its answer being known.
    """

    number: int
    arrived_at: datetime
    priority: Priority
    due_at: datetime
    person: Applicant
    features: Mapping[str, Any]
    answer: Score
    facts: Facts
    right: Mapping[str, bool]
    routed: Routed
    blind: bool
    held: bool
    sampled: float
    verdicts: tuple[Verdict, ...]
    known: Verdict | None = None

    @property
    def outcome(self) -> str:
        """How the case was decided: by the policy, else by whoever judged it last."""
        return self.routed.outcome or self.verdicts[-1].outcome

    @property
    def decided_at(self) -> datetime:
        """When that was."""
        if self.routed.outcome:
            return self.arrived_at + timedelta(seconds=20)
        return self.verdicts[-1].reviewed_at


def past_cases(
    count: int, until: datetime, definition: Definition, policy: Policy, model: Scorer
) -> Iterator[PastCase]:
    """`count` cases of the days before `until`, oldest first; the same at every call, but for the time."""
    rng = random.Random("history")
    rows = held_out_rows()
    labels = 0
    for number, arrived_at in enumerate(arrivals(count, until, rng), 1):
        live = SPOKEN_FOR if labels >= OPEN_AFTER else UNMEASURED
        case = past_case(number, arrived_at, rng.choice(rows), definition, policy, model, live, rng)
        labels += bool(case.verdicts)
        yield case


def arrivals(count: int, until: datetime, rng: random.Random) -> list[datetime]:
    """When so many cases arrived in the days before `until`: by the hour, and less at weekends."""
    hours = [until - timedelta(hours=back) for back in range(1, DAYS * 24 + 1)]
    weights = [HOURS[hour.hour % 24] * (WEEKEND if hour.weekday() >= 5 else 1.0) for hour in hours]
    drawn = rng.choices(hours, weights, k=count)
    return sorted(hour + timedelta(seconds=rng.uniform(0, 3540)) for hour in drawn)


def past_case(
    number: int,
    arrived_at: datetime,
    row: HeldOutRow,
    definition: Definition,
    policy: Policy,
    model: Scorer,
    live: LiveFigures,
    rng: random.Random,
) -> PastCase:
    """One case, from what came in to what was said of it."""
    features = {**row.features, "amount": changed(row.features["amount"], rng)}
    person = applicant(features, 1_000_000 + number)
    answer = score(model, features)
    fields, right = reading(person, definition, rng)
    known = names(definition, person.data, fields, NOTHING, on=arrived_at.date())
    facts = Facts(answer.outcome, answer.confidence, fields, known, answer.probabilities, live=live)
    routed = route(facts, policy, definition.outcomes)
    priority = pick(rng, PRIORITIES)
    held = routed.outcome is None and {each.code for each in routed.reasons} == {"gate_labels"}
    blind = held or (routed.outcome is None and rng.random() < policy.blind_share)
    sampled = drawn(routed, answer, policy, rng)
    verdicts: tuple[Verdict, ...] = ()
    if routed.outcome is None or sampled:
        seen = None if blind or sampled else answer.outcome
        verdicts = tuple(judgements(row.outcome, seen, routed, arrived_at, rng))
    if blind or sampled:
        verdicts = (shown(verdicts[0], answer.outcome, rng), *verdicts[1:])
    due = arrived_at + timedelta(minutes=definition.sla_minutes[priority])
    return PastCase(
        number, arrived_at, priority, due, person, features, answer, facts, right, routed, blind,
        held, sampled, verdicts, given_anew(verdicts, row.outcome, rng),
    )  # fmt: skip


def changed(amount: Any, rng: random.Random) -> int:
    """An amount a little larger or smaller."""
    return max(200, round(float(amount) * math.exp(rng.gauss(0, 0.1))))


def drawn(routed: Routed, answer: Score, policy: Policy, rng: random.Random) -> float:
    """The share by which an automatic decision is drawn as a sample; 0 where it is not."""
    if routed.outcome is None:
        return 0.0
    share = policy.samples.stratum(routed.outcome, answer.confidence).share
    return share if rng.random() < share else 0.0


def reading(
    person: Applicant, definition: Definition, rng: random.Random
) -> tuple[tuple[FieldFact, ...], dict[str, bool]]:
    """The fields as if read from papers; on poor ones they are less often right than is stated."""
    poor = {spec.kind: rng.random() < POOR for spec in definition.documents}
    facts, right = [], {}
    for spec in definition.fields:
        copied = poor[str(spec.document)]
        found = rng.random() > UNFOUND
        stated = 1 - min(0.6, rng.expovariate(1 / (0.09 if copied else 0.03)))
        right[spec.name] = found and rng.random() < stated - (0.1 if copied else 0.0)
        fact = FieldFact(
            spec.name,
            spec.label,
            round(stated, 4) if found else 0.0,
            found,
            spec.required,
            "differs" if found and spec.name in person.contradictions else "",
            person.shown[spec.name] if found else None,
            spec.document,
            poor=copied,
        )
        facts.append(fact)
    return tuple(facts), right


def judgements(
    ended: str, seen: str | None, routed: Routed, arrived_at: datetime, rng: random.Random
) -> Iterator[Verdict]:
    """What people said one after the other: a second where two are asked for, a third where they differ."""
    people = list(ERRORS)
    first = judgement(rng.choice(people), ended, seen, arrived_at, rng)
    yield first
    if routed.second_review is None or routed.outcome is not None:
        return
    second, third = rng.sample(SENIOR, 2)
    if first.reviewer in SENIOR:
        second = next(name for name in SENIOR if name != first.reviewer)
        third = "bruno"
    said = judgement(second, ended, None, first.reviewed_at, rng)
    yield said
    if said.outcome != first.outcome:
        yield judgement(third, ended, None, said.reviewed_at, rng)


def shown(verdict: Verdict, model: str, rng: random.Random) -> Verdict:
    """The verdict of somebody who answered unseen and then saw the model's view: some go along with it."""
    switches = verdict.outcome != model and rng.random() < SWITCHING
    return replace(verdict, outcome=model if switches else verdict.outcome, unseen=verdict.outcome)


def given_anew(verdicts: Sequence[Verdict], ended: str, rng: random.Random) -> Verdict | None:
    """What a third person said, days later, of some of the cases on which two had agreed."""
    if len({verdict.outcome for verdict in verdicts}) != 1 or len(verdicts) < 2:
        return None
    if rng.random() > GIVEN_ANEW:
        return None
    others = sorted(set(ERRORS) - {verdict.reviewer for verdict in verdicts})
    since = verdicts[-1].reviewed_at + timedelta(days=rng.uniform(3, 20))
    said = judgement(rng.choice(others), ended, None, since, rng)
    return replace(said, unseen=said.outcome)


def judgement(
    reviewer: str, ended: str, seen: str | None, since: datetime, rng: random.Random
) -> Verdict:
    """What somebody said of a loan that ended so; who sees the model's view leans towards it."""
    outcome = ended
    if rng.random() < ERRORS[reviewer]:
        outcome = "approve" if ended == "decline" else "decline"
    if seen is not None and seen != outcome and rng.random() < LEANING:
        outcome = seen
    claimed_at = at_work(since + timedelta(hours=rng.expovariate(1 / 0.8)), rng)
    seconds = min(550.0, 20 + rng.lognormvariate(math.log(110), 0.6))
    return Verdict(reviewer, outcome, claimed_at, claimed_at + timedelta(seconds=seconds))


def at_work(moment: datetime, rng: random.Random) -> datetime:
    """The moment, or the next one at which somebody is at work."""
    while moment.weekday() >= 5 or not 7 <= moment.hour < 19:
        morning = (moment + timedelta(days=moment.hour >= 7)).replace(hour=7, minute=0)
        moment = morning + timedelta(minutes=rng.uniform(0, 40))
        if moment.weekday() >= 5:
            moment = (moment + timedelta(days=1)).replace(hour=6, minute=0)
    return moment
