"""Known answers in words: how often reviewers were right where the answer was known. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.definition import Definition
from reviews.lab.catches import Answered, Catches, Rate, by_reviewer, catches
from reviews.presenting.formats import count, percentage
from reviews.presenting.lab.errors import label_of


@dataclass(frozen=True, slots=True)
class RateShown:
    """A rate in words: what of what, how many per cent, and between which."""

    of: str
    share: str
    interval: str
    few: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A reviewer's rates; the last row is everybody's."""

    name: str
    overall: RateShown
    caught: RateShown
    kept: RateShown
    swayed: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A known case that was judged; `differs` where the answer was another one."""

    sample: int
    case_id: Any
    reference: str
    known: str
    predicted: str
    verdict: str
    who: str
    judged_at: Any
    differs: bool


def rate_shown(rate: Rate) -> RateShown:
    """A rate in words; of nothing there is none."""
    if rate.interval is None:
        return RateShown(_("none yet"), "", "", few=False)
    lower, upper = rate.interval
    said = {"right": count(rate.right), "of": count(rate.of)}
    ends = {"lower": percent(lower), "upper": percent(upper)}
    return RateShown(
        of=_("%(right)s of %(of)s") % said,
        share=percent(rate.right / rate.of),
        interval=_("%(lower)s to %(upper)s") % ends,
        few=rate.few,
    )


def percent(share: float) -> str:
    """A share in whole per cent."""
    return percentage(round(100 * share))


def row(name: str, found: Catches) -> Row:
    """One line of the table."""
    return Row(
        name=name,
        overall=rate_shown(found.overall),
        caught=rate_shown(found.caught),
        kept=rate_shown(found.kept),
        swayed=count(found.swayed),
    )


def rows(answers: Sequence[Answered], names: Mapping[int, str]) -> list[Row]:
    """Everybody's rates by name, and all together at the end: this is no list of the best."""
    each = by_reviewer(answers)
    ordered = sorted(each, key=lambda reviewer: names[reviewer].casefold())
    found = [row(names[reviewer], each[reviewer]) for reviewer in ordered]
    return [*found, row(_("All together"), catches(answers))] if len(found) > 1 else found


def share_words(share: float) -> str:
    """How many of the cases that a reviewer gets have a known answer, by the policy."""
    if not share:
        return _("The policy gives none by itself.")
    often = round(1 / share)
    said = {"n": count(often)}
    return (
        ngettext("The policy makes it one in %(n)s.", "The policy makes it one in %(n)s.", often)
        % said
    )


def seeded_words(asked: int, seeded: int) -> str:
    """What giving some by hand did."""
    if not seeded:
        return _("No settled case can be given: none was judged by two people, or each is waiting.")
    said = {"seeded": count(seeded), "asked": count(asked)}
    if seeded < asked:
        return _("%(seeded)s of %(asked)s cases wait now: there were no more.") % said
    return ngettext("%(seeded)s case waits now.", "%(seeded)s cases wait now.", seeded) % said


def judged(samples: Sequence[Any], definition: Definition) -> list[Judged]:
    """Known cases that were judged, as they stand in the list."""
    return [
        Judged(
            sample=sample.pk,
            case_id=sample.case_id,
            reference=sample.case.reference,
            known=label_of(sample.outcome, definition),
            predicted=label_of(sample.predicted, definition) if sample.predicted else "",
            verdict=label_of(sample.verdict, definition),
            who=sample.reviewer.shown_name,
            judged_at=sample.judged_at,
            differs=sample.verdict != sample.outcome,
        )
        for sample in samples
    ]
