"""A past decision on screen: its confidence against what the policy asked, and how it was run again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.models import Event
from cases.definition import Definition
from inference.models import Prediction
from reviews.presenting.formats import decimals
from reviews.presenting.scores import SCALE
from reviews.presenting.trail.looking import Looked
from reviews.presenting.trail.rerun import words
from reviews.trail.rerunning import Rerun

ACROSS = 100
"""The longest bar, in the units of its drawing."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a policy asked of a confidence: where on the scale, and in words."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Against:
    """A confidence on the scale from 0 to 1, beside what was asked of it."""

    outcome: str
    figure: str
    at: float
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A page that was in view, and for how long beside the one that was longest."""

    title: str
    span: str
    length: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of running a decision again."""

    same: bool | None
    title: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """A time that it was run again before, and what came of it."""

    at: datetime
    words: str


def against(
    prediction: Prediction | None, policy: Mapping[str, Any], definition: Definition
) -> Against | None:
    """The confidence of a prediction against its policy; None where there was no prediction."""
    if prediction is None:
        return None
    name = prediction.outcome
    asked = (
        ("thresholds", _("from %s on no person was needed")),
        ("ceilings", _("from %s on a person had to judge")),
    )
    found = [(policy.get(part, {}).get(name), said) for part, said in asked]
    return Against(
        outcome=_(definition.outcome(name).label),
        figure=decimals(prediction.confidence, 3),
        at=round(prediction.confidence * SCALE, 1),
        bounds=tuple(
            Bound(round(bound * SCALE, 1), said % decimals(bound))
            for bound, said in found
            if bound is not None
        ),
    )


def bars(look: Looked) -> list[Bar]:
    """The pages that somebody had in view."""
    longest = max((page.seconds for page in look.pages), default=0) or 1
    return [
        Bar(page.title, page.span, round(page.seconds / longest * ACROSS, 1)) for page in look.pages
    ]


def outcome(found: Rerun, definition: Definition) -> Outcome:
    """What came of a run, in words."""
    titles = {
        True: _("The same: the same input through the same versions takes the same way."),
        False: _("Not the same."),
        None: _("It can’t be run again."),
    }
    said = tuple(words(each, definition) for each in found.differences)
    return Outcome(found.same, titles[found.same], said)


def before(events: Sequence[Event], people: Mapping[str, str]) -> list[Before]:
    """The times that a decision was run again."""
    said = {True: _("the same"), False: _("not the same"), None: _("could not be run")}
    return [
        Before(
            event.at,
            _("%(who)s: %(what)s")
            % {
                "who": people.get(event.actor_id, str(event.actor_id)),
                "what": said[event.data["same"]],
            },
        )
        for event in events
    ]
