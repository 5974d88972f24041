"""Agreement in words: of people with each other, with decisions, and with the model once it is seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

from django.utils.translation import gettext as _

from reviews.lab.agreement import Agreement, coded, cohen_kappa, krippendorff_alpha
from reviews.presenting.formats import count, decimals
from reviews.presenting.lab.samples import percent
from reviews.sampled import Pair, Swayed


@dataclass(frozen=True, slots=True)
class Row:
    """An agreement as a line of a table."""

    name: str
    cases: str
    agreed: str
    value: str
    interval: str
    few: bool


@dataclass(frozen=True, slots=True)
class SwayedShown:
    """How people changed their answers, in words."""

    answers: str
    changed: str
    towards: str
    few: bool


def row(name: str, found: Agreement) -> Row:
    """An agreement in words."""
    ends = {"lower": figure(found.lower), "upper": figure(found.upper)}
    return Row(
        name=name,
        cases=count(found.cases),
        agreed=percent(found.agreed / found.cases) if found.cases else "–",
        value=figure(found.value),
        interval="" if isnan(found.lower) else _("%(lower)s to %(upper)s") % ends,
        few=found.few,
    )


def figure(value: float) -> str:
    """A figure; a dash where there is none."""
    return "–" if isnan(value) else decimals(value)


def together(pairs: Sequence[Pair], outcomes: Sequence[str]) -> list[Row]:
    """First and second reviews in all: kappa, and alpha, which needs no fixed two people."""
    answers = coded([(pair.first, pair.second) for pair in pairs], outcomes)
    return [
        row(_("Cohen's kappa"), cohen_kappa(*answers)),
        row(_("Krippendorff's alpha"), krippendorff_alpha(answers)),
    ]


def by_pair(pairs: Sequence[Pair], outcomes: Sequence[str], names: Mapping[str, str]) -> list[Row]:
    """Kappa of each two people, whoever of them was first; those with the most cases first."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for pair in pairs:
        turned = pair.one > pair.other
        who = (pair.other, pair.one) if turned else (pair.one, pair.other)
        found.setdefault(who, []).append(
            (pair.second, pair.first) if turned else (pair.first, pair.second)
        )
    most = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return [
        row(
            _("%(one)s and %(other)s") % {"one": names.get(a, a), "other": names.get(b, b)},
            cohen_kappa(*coded(said, outcomes)),
        )
        for (a, b), said in most
    ]


def by_outcome(pairs: Sequence[Pair], labels: Mapping[str, str]) -> list[Row]:
    """Of each outcome whether both saw it or both did not."""
    return [
        row(
            label,
            cohen_kappa(
                [int(pair.first == name) for pair in pairs],
                [int(pair.second == name) for pair in pairs],
            ),
        )
        for name, label in labels.items()
    ]


def against(pairs: Sequence[tuple[str, str]], outcomes: Sequence[str]) -> Row:
    """What was said of samples against what they measure.

    Beyond chance says nothing of decisions that were always the same: kappa is 0 then, whoever is right.
    """
    found = row(_("Samples and decisions"), cohen_kappa(*coded(pairs, outcomes)))
    decided = {outcome for outcome, _verdict in pairs}
    return found if len(decided) > 1 else replace(found, value=figure(nan), interval="")


def swayed(found: Swayed) -> SwayedShown:
    """How often a first answer, given unseen, was changed once the model's view was shown."""
    changed = percent(found.changed / found.answers) if found.answers else "–"
    towards = percent(found.towards / found.differed) if found.differed else "–"
    of = {"share": changed, "changed": count(found.changed)}
    to = {"share": towards, "towards": count(found.towards), "differed": count(found.differed)}
    return SwayedShown(
        answers=count(found.answers),
        changed=_("%(share)s (%(changed)s)") % of,
        towards=_("%(share)s (%(towards)s of %(differed)s)") % to,
        few=found.answers < 30,
    )
