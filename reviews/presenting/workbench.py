"""The reviewer's side of the case page: their hold on it, and the verdicts that they can give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reviews.adverse.reasons import grounds_asked
from reviews.adverse.showing import facts_shown
from reviews.casefile import CaseFile
from reviews.models import Commitment, Stage
from reviews.presenting.comparing import Comparison, changes_explained, comparison
from reviews.presenting.late import Clash, clashes
from reviews.presenting.outcomes import OutcomeChoice, choices


@dataclass(frozen=True, slots=True)
class Lease:
    """The reviewer's hold on the case: its fencing number and the seconds that are left of it."""

    fence: int
    seconds_left: int
    seconds_total: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Workbench:
    """What the reviewer who holds the case works with.

    `commits` where their first answer comes before the model's view, `comparison` once it was given.
    """

    lease: Lease
    outcomes: Sequence[OutcomeChoice]
    explanation: str
    needed_person: bool | None
    problems: Sequence[str]
    commits: bool
    comparison: Comparison | None
    clashes: Sequence[Clash]

    @property
    def adverse(self) -> bool:
        """Whether a verdict can go against the person."""
        return any(outcome.adverse for outcome in self.outcomes)

    @property
    def explained(self) -> bool:
        """Whether any verdict needs words."""
        return any(outcome.explained for outcome in self.outcomes)

    @property
    def changing(self) -> bool:
        """Whether the reviewer is about to change what they committed to."""
        return bool(self.problems) or any(outcome.chosen for outcome in self.outcomes)


def workbench(
    file: CaseFile,
    draft: Mapping[str, Any],
    lease: Lease,
    *,
    independent: bool,
    own_keys: Mapping[str, str],
    committed: Commitment | None = None,
    problems: Sequence[str] = (),
) -> Workbench:
    """The reviewer's side of the page; `own_keys` are what they remapped."""
    offered = outcome_choices(
        file, draft, independent=independent, own_keys=own_keys, committed=committed
    )
    first = file.entry is not None and file.entry.stage == Stage.FIRST
    return Workbench(
        lease=lease,
        outcomes=changes_explained(offered, committed),
        explanation=draft.get("explanation", ""),
        needed_person=draft.get("needed_person"),
        problems=problems,
        commits=independent and first,
        comparison=comparison(committed, file) if committed else None,
        clashes=clashes(draft, file.definition),
    )


def outcome_choices(
    file: CaseFile,
    draft: Mapping[str, Any],
    *,
    independent: bool,
    own_keys: Mapping[str, str],
    committed: Commitment | None,
) -> list[OutcomeChoice]:
    """The verdicts that can be given, with what bears out the reasons of those of which that is asked."""
    unseen = independent or committed is not None
    facts = {
        spec.name: facts_shown(file, spec.name, draft, unseen=unseen)
        for spec in file.definition.outcomes
        if grounds_asked(file.definition, spec.name)
    }
    return choices(
        file.definition,
        file.prediction,
        draft,
        independent=independent,
        own_keys=own_keys,
        facts=facts,
    )
