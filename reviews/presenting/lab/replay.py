"""The replay's page: a policy beside the active one, in words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inference.figures import Estimate
from reviews.lab.estimates import Expected
from reviews.lab.segments import Treated
from reviews.presenting.formats import count, decimals, moment, plain, signed
from reviews.presenting.lab.curve import risk_words
from reviews.presenting.lab.moves import Names
from reviews.replays import Comparison, Side


@dataclass(frozen=True, slots=True)
class Row:
    """A figure under both policies, how sure it is, and the change; `kind` is `better` or `worse`."""

    label: str
    active: str
    active_note: str
    draft: str
    draft_note: str
    change: str
    kind: str = ""
    inner: bool = False


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A group of a segment under both policies."""

    name: str
    cases: str
    known: str
    active: str
    draft: str
    active_ratio: str
    ratio: str
    interval: str
    low: bool


@dataclass(frozen=True, slots=True)
class Both:
    """A figure under the active policy and under the draft; None where it is not known."""

    active: Estimate | None
    draft: Estimate | None


def rows(found: Comparison, weeks: float, names: Names) -> Iterator[Row]:
    """The figures, one under the other."""
    active, draft = found.active, found.draft
    yield Row(
        _("Decided without a person"),
        share_of(active.automation),
        cases_words(active.automatic, weeks),
        share_of(draft.automation),
        cases_words(draft.automatic, weeks),
        change_words(found.more_automatic, 100, _("%(value)s points")),
    )
    yield Row(
        _("Wrong among these"),
        share_of(active.wrong.rate),
        told(active.wrong),
        share_of(draft.wrong.rate),
        told(draft.wrong),
        "",
    )
    yield from mistake_rows(active, draft, names)
    yield Row(
        _("Wrong decisions a week"),
        number(active.wrong.count, weeks),
        span(active.wrong.count, weeks),
        number(draft.wrong.count, weeks),
        span(draft.wrong.count, weeks),
        change_words(found.more_wrong, 1 / weeks),
        kind=judged(found.more_wrong),
    )
    yield counted(
        _("Second reviews a week"), active.work.second_reviews, draft.work.second_reviews, weeks
    )
    yield estimated(_("Reviewers’ hours a week"), Both(active.work.hours, draft.work.hours), weeks)
    yield estimated(_("Decided too late, cases a week"), Both(active.late, draft.late), weeks)


def mistake_rows(active: Side, draft: Side, names: Names) -> Iterator[Row]:
    """What is wrong by kind: the policy says one, people say another."""
    before = {(each.said, each.told): each.expected for each in active.mistakes}
    after = {(each.said, each.told): each.expected for each in draft.mistakes}
    for kind in {**before, **after}:
        said, other = (names.get(name, name) for name in kind)
        one, two = before.get(kind), after.get(kind)
        yield Row(
            _("“%(said)s” where people say “%(other)s”") % {"said": said, "other": other},
            share_of(one.rate if one else None),
            told(one) if one else _("none decided"),
            share_of(two.rate if two else None),
            told(two) if two else _("none decided"),
            "",
            inner=True,
        )


def share_of(figure: Estimate | None) -> str:
    """A share in per cent."""
    return _("not known") if figure is None else risk_words(figure.estimate)


def cases_words(cases: int, weeks: float) -> str:
    """A count of cases: exact, so it has no interval."""
    facts = {"cases": count(cases), "week": count(round(cases / weeks))}
    return _("%(cases)s cases, %(week)s a week") % facts


def told(found: Expected) -> str:
    """How sure a rate is, and on what it rests."""
    if not found.cases:
        return _("none decided")
    facts = {"labels": count(found.labels), "cases": count(found.cases)}
    basis = _("%(labels)s labels for %(cases)s cases") % facts
    return f"{share_span(found.rate)}; {basis}" if found.rate else basis


def share_span(rate: Estimate) -> str:
    """A share's interval."""
    ends = {"lower": risk_words(rate.lower), "upper": risk_words(rate.upper)}
    return _("%(lower)s to %(upper)s") % ends


def counted(label: str, active: int, draft: int, weeks: float) -> Row:
    """A count under both, a week."""
    change = (draft - active) / weeks
    return Row(
        label,
        decimals(active / weeks, 1),
        "",
        decimals(draft / weeks, 1),
        "",
        signed(change, 1) if abs(change) >= SEEN else "–",
    )


def estimated(label: str, both: Both, weeks: float) -> Row:
    """An estimate under both, a week."""
    change = (
        (both.draft.estimate - both.active.estimate) / weeks if both.draft and both.active else 0.0
    )
    return Row(
        label,
        number(both.active, weeks),
        span(both.active, weeks),
        number(both.draft, weeks),
        span(both.draft, weeks),
        signed(change, 1) if abs(change) >= SEEN else "–",
    )


SEEN = 0.05
"""Smaller changes are not seen in a figure with one decimal."""


def number(figure: Estimate | None, weeks: float) -> str:
    """An estimate's value a week."""
    return _("not known") if figure is None else decimals(figure.estimate / weeks, 1)


def span(figure: Estimate | None, weeks: float) -> str:
    """An estimate's interval a week."""
    if figure is None:
        return ""
    ends = {
        "lower": decimals(figure.lower / weeks, 1),
        "upper": decimals(figure.upper / weeks, 1),
    }
    return _("%(lower)s to %(upper)s") % ends


def change_words(figure: Estimate | None, factor: float, unit: str = "%(value)s") -> str:
    """A change, with its interval; a dash where there is none."""
    if figure is None:
        return _("not known")
    ends = [each * factor for each in (figure.estimate, figure.lower, figure.upper)]
    if not any(abs(each) >= SEEN for each in ends) or not figure.estimate:
        return "–"
    facts = {"lower": signed(ends[1], 1), "upper": signed(ends[2], 1)}
    interval = _("%(lower)s to %(upper)s") % facts
    return f"{unit % {'value': signed(ends[0], 1)}} ({interval})"


def judged(more: Estimate) -> str:
    """Whether a change of errors is one for the better or the worse; nothing where that is not sure."""
    if more.lower > 0:
        return "worse"
    return "better" if more.upper < 0 else ""


# ---------------------------------------------------------------- segments


def segments(active: Side, draft: Side, labels: Names) -> Iterator[tuple[str, list[SegmentRow]]]:
    """Each declared segment, its groups under both policies."""
    for segment, groups in draft.groups.items():
        before = {each.name: each for each in active.groups.get(segment, ())}
        there = [segment_row(each, before) for each in groups if each.cases]
        yield labels.get(segment, segment), there


def segment_row(group: Treated, before: Mapping[str, Treated]) -> SegmentRow:
    """A group of a segment."""
    then = before.get(group.name)
    return SegmentRow(
        name=_(group.name) if group.name else _("Not known"),
        cases=count(group.cases),
        known=count(group.known),
        active=risk_words(then.share) if then and then.known else "–",
        draft=risk_words(group.share) if group.known else "–",
        active_ratio=ratio_words(then),
        ratio=ratio_words(group),
        interval=between(group.ratio),
        low=group.below,
    )


def ratio_words(group: Treated | None) -> str:
    """A group's ratio to the one that fares best."""
    return decimals(group.ratio.estimate, 2) if group and group.ratio else "–"


def between(ratio: Estimate | None) -> str:
    """A ratio's interval; none of the group that all are compared with."""
    if ratio is None or ratio.lower == ratio.upper:
        return ""
    ends = {"lower": decimals(ratio.lower, 2), "upper": decimals(ratio.upper, 2)}
    return _("%(lower)s to %(upper)s") % ends


# ---------------------------------------------------------------- what it can't know


def unknowns(draft: Side, names: Names, adverse: Sequence[str]) -> Iterator[str]:
    """What the replay can't know, with the numbers of this one."""
    found = draft.wrong
    yield _(
        "Wrong is what people decided otherwise. Of the %(decided)s automatic decisions nobody has "
        "judged %(missing)s: those that were drawn for a sample stand for them."
    ) % {"decided": count(found.cases), "missing": count(found.cases - found.labels)}
    if found.unknown:
        yield _(
            "For %(unknown)s of them no sample stands: they are in no figure of what is wrong."
        ) % {"unknown": count(found.unknown)}
    if draft.in_view:
        yield _(
            "Of the %(labels)s labels %(seen)s were given with the model’s view in sight. They may lean "
            "towards it: then more is wrong than they show."
        ) % {"labels": count(found.labels), "seen": count(draft.in_view)}
    yield _(
        "The policy of that time chose which cases people judged. Weights undo that where each case had a "
        "chance to be judged; where it had none, nobody can."
    )
    yield _(
        "A threshold chosen by looking at these very cases does better on them than on others, and a "
        "calibration better on the half that it was fitted on. The page of the curve leaves that half out, "
        "so its rates differ, and allows for the choice when it is asked the other way round."
    )
    for name in adverse:
        yield _(
            "Whoever got an automatic “%(outcome)s” is not heard of again: whether it was right shows in "
            "samples alone."
        ) % {"outcome": names.get(name, name)}
    yield _(
        "Hours and delays are as they were in each queue. With fewer cases waiting they would have been "
        "shorter; what queues come to is for the page of capacity to say."
    )


def unknown_words(unknown: int) -> str:
    """Of how many cases it is not known yet what the policy asks."""
    words = ngettext(
        "Of %(n)s case it is not known yet what a new rule says of it.",
        "Of %(n)s cases it is not known yet what a new rule says of them.",
        unknown,
    )
    return words % {"n": count(unknown)} if unknown else ""


def held_words(held: int) -> str:
    """How many cases the gate or a stop alone held back."""
    words = ngettext(
        "%(n)s case was held back by the gate or a stop alone; it counts as the policy would have "
        "decided it.",
        "%(n)s cases were held back by the gate or a stop alone; they count as the policy would have "
        "decided them.",
        held,
    )
    return words % {"n": count(held)} if held else ""


def window_words(since: datetime, until: datetime) -> str:
    """Between which moments the cases were routed."""
    return _("Routed from %(since)s to %(until)s.") % {
        "since": moment(since),
        "until": moment(until),
    }


def proof_words(cases: int, seconds: float) -> str:
    """What was replayed in which time, and what the digest is for."""
    return _(
        "%(cases)s cases replayed in %(seconds)s s. Exact and repeatable: the same window gives the same "
        "digest as long as nothing is added to it."
    ) % {"cases": count(cases), "seconds": plain(round(seconds, 2))}
