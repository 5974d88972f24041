"""What a reviewer had before them when they judged: pages and for how long, and whether the model's view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from cases.definition import Definition
from reviews.models import Review, Stage
from reviews.presenting.papers import Sheet
from reviews.presenting.record import of_sample
from reviews.presenting.times import span
from reviews.presenting.words import inside

MINUTE, HOUR = 60, 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A page that came into view; `span` is for how long, empty where that was not noted."""

    number: int
    title: str
    span: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Looked:
    """One review's looking. `never` are pages of the case that did not come into view.

    `noted` is False where nothing was noted: the reviewer's browser ran no scripts.
    """

    review: int
    who: str
    stage: str
    since: datetime
    until: datetime
    span: str
    view: str
    noted: bool
    pages: tuple[Glance, ...]
    never: tuple[str, ...]


def looked(review: Review, sheets: Sequence[Sheet], definition: Definition) -> Looked:
    """What was noted of one review; its claim and reviewer must be loaded."""
    opened: Mapping[str, Any] = review.shown.get("opened", {})
    titles = {sheet.number: sheet.title for sheet in sheets}
    numbers = [number for number in opened.get("pages", ()) if number in titles]
    seconds: Mapping[str, int] = opened.get("seconds", {})
    since = review.claim.claimed_at
    return Looked(
        review=review.pk,
        who=review.reviewer.shown_name,
        stage=_("Sample, judged unseen") if of_sample(review) else str(Stage(review.stage).label),
        since=since,
        until=review.reviewed_at,
        span=span(review.reviewed_at - since),
        view=view(review, definition),
        noted=bool(numbers) or not sheets,
        pages=tuple(
            Glance(number, titles[number], lasted(seconds.get(str(number))), seen(seconds, number))
            for number in numbers
        ),
        never=tuple(sheet.title for sheet in sheets if sheet.number not in numbers)
        if numbers
        else (),
    )


def seen(seconds: Mapping[str, int], number: int) -> int:
    """For how many seconds a page was in view; 0 where that was not noted."""
    return int(seconds.get(str(number), 0))


def lasted(seconds: int | None) -> str:
    """How long that is, in words: to the second, as long as that says anything."""
    if seconds is None:
        return ""
    if HOUR > seconds >= MINUTE and seconds % MINUTE:
        parts = {"minutes": seconds // MINUTE, "seconds": seconds % MINUTE}
        return _("%(minutes)d min %(seconds)d s") % parts
    return span(timedelta(seconds=seconds))


def view(review: Review, definition: Definition) -> str:
    """Whether the model's view was in sight when the verdict was given."""
    if review.committed_outcome:
        outcome = _(definition.outcome(review.committed_outcome).label)
        words = _("The model's view was shown after the first answer, %(outcome)s.")
        return words % {"outcome": inside(outcome)}
    if review.route.prediction_id is None:
        return _("There was no model's view to show.")
    if review.stage == Stage.ADJUDICATION or review.stage == Stage.SECOND or of_sample(review):
        return _("The model's view and earlier verdicts were hidden.")
    return _("The model's view was in sight.")
