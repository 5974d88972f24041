"""What was kept of a replay with a proposal, for whoever signs it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from inference.figures import Estimate
from reviews.presenting.formats import count, decimals
from reviews.presenting.lab.curve import risk_words
from reviews.presenting.lab.replay import change_words, number, share_of, share_span, span


def summary_lines(kept: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """What was kept of a replay with a proposal, a line for each figure."""
    if not kept:
        return []
    weeks = kept["days"] / 7
    shares = [share_part(each, kept["cases"]) for each in kept["automatic"]]
    wrong, hours, late = (
        [read(side) for side in kept[name]] for name in ("wrong", "hours", "late")
    )
    of_all = _("of %(cases)s, in %(days)s days") % {
        "cases": count(kept["cases"]),
        "days": count(kept["days"]),
    }
    second = [decimals(each / weeks, 1) for each in kept["second"]]
    lines = [
        (_("Cases that move"), count(kept["moved"]), of_all),
        (_("Decided without a person"), arrow(shares), ""),
        (
            _("Wrong among these"),
            arrow([share_of(each) for each in wrong]),
            share_span(wrong[1]) if wrong[1] else "",
        ),
        (_("Wrong decisions a week"), change_words(read(kept["more_wrong"]), 1 / weeks), ""),
        (_("Second reviews a week"), arrow(second), ""),
        (
            _("Reviewers’ hours a week"),
            arrow([number(each, weeks) for each in hours]),
            span(hours[1], weeks),
        ),
        (
            _("Decided too late, cases a week"),
            arrow([number(each, weeks) for each in late]),
            span(late[1], weeks),
        ),
    ]
    if kept["unknown"]:
        lines.append((_("Cases not known yet"), count(kept["unknown"]), ""))
    return [{"of": of, "says": says, "note": note} for of, says, note in lines]


def share_part(part: int, whole: int) -> str:
    """A part of a whole in per cent."""
    return risk_words(part / whole) if whole else "–"


def arrow(both: Sequence[str]) -> str:
    """A figure before and after; once where it is the same."""
    return both[0] if both[0] == both[1] else f"{both[0]} → {both[1]}"


def read(kept: Sequence[float] | None) -> Estimate | None:
    """An estimate as it was kept."""
    return None if kept is None else Estimate(*kept)
