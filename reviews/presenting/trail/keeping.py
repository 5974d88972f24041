"""What is kept for how long, what is held, and what goes, in words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from audit.eventclasses import DISPOSABLE
from cases.definition.duties import RetentionSpec
from cases.models import Pipeline
from reviews.models import Disposal, DisposalCase
from reviews.presenting.formats import count
from reviews.presenting.words import inside

CLASSES = {
    "access": lazy("Who looked at what"),
    "work": lazy("Claims and comments"),
    "delivery": lazy("Messages delivered"),
}
"""What the classes of events are about."""

TONES = {
    Disposal.Status.ASKED: "warn",
    Disposal.Status.REFUSED: "",
    Disposal.Status.APPROVED: "accent",
    Disposal.Status.DONE: "ok",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of a schedule: what, and for how long."""

    what: str
    words: str


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A pipeline's schedule; whether the person may run it, and what a dry run has counted."""

    pipeline: Pipeline
    lines: Sequence[Kept]
    may_run: bool
    has_cases: bool
    has_events: bool
    counted: Sequence[str] | None = None
    cases: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A disposal in the list, or by itself: what it is, how far, and what the person can do."""

    disposal: Disposal
    words: str
    tone: str
    total: int
    done: int
    may_answer: bool

    @property
    def running(self) -> bool:
        """Whether cases are being erased."""
        return self.disposal.status == Disposal.Status.APPROVED and self.total > 0


def schedule_lines(schedule: RetentionSpec) -> list[Kept]:
    """A schedule, line by line."""
    cases = Kept(_("Cases, after they are closed"), months(schedule.case_months))
    events = [
        Kept(str(CLASSES[name]), months(schedule.event_months.get(name))) for name in DISPOSABLE
    ]
    return [cases, *events, Kept(_("Decisions and all other events"), _("for good"))]


def months(number: int | None) -> str:
    """For how long something is kept."""
    if number is None:
        return _("for good")
    if number % 12 == 0:
        years = number // 12
        return ngettext("%(years)d year", "%(years)d years", years) % {"years": years}
    return ngettext("%(months)d month", "%(months)d months", number) % {"months": number}


def counted_words(counted: Mapping[str, Any]) -> list[str]:
    """What something would take away, kind by kind; `counted` as `reviews.retention.Counted` says it."""
    return [*case_words(counted), *event_words(counted["events"])]


def case_words(counted: Mapping[str, Any]) -> Iterator[str]:
    """Cases, what is held or open of them, and their papers."""
    cases, held, open = counted["cases"], counted["held"], counted.get("open", 0)
    yield ngettext("%(cases)s case", "%(cases)s cases", cases) % {"cases": count(cases)}
    if held:
        yield ngettext(
            "%(held)s more is held and stays", "%(held)s more are held and stay", held
        ) % {"held": count(held)}
    if open:
        yield ngettext(
            "%(open)s more is still open and stays", "%(open)s more are still open and stay", open
        ) % {"open": count(open)}
    if counted["documents"]:
        papers = {
            "papers": count(counted["documents"]),
            "pages": count(counted["pages"]),
            "size": filesizeformat(counted["size"]),
        }
        yield (
            ngettext(
                "%(papers)s paper, with pages shown: %(pages)s, in all %(size)s",
                "%(papers)s papers, with pages shown: %(pages)s, in all %(size)s",
                counted["documents"],
            )
            % papers
        )


def event_words(events: Mapping[str, int]) -> Iterator[str]:
    """Events by what they are about."""
    for name, number in events.items():
        about = {"number": count(number), "about": inside(str(CLASSES.get(name, name)))}
        yield (
            ngettext("%(number)s event: %(about)s", "%(number)s events: %(about)s", number) % about
        )


def row_of(disposal: Disposal, results: Mapping[str, int], total: int, *, may_answer: bool) -> Row:
    """A disposal as it stands."""
    asked = disposal.status == Disposal.Status.ASKED
    return Row(
        disposal=disposal,
        words=", ".join(result_words(results) or going_words(disposal)),
        tone=TONES[Disposal.Status(disposal.status)],
        total=total,
        done=sum(results.values()),
        may_answer=asked and may_answer,
    )


def going_words(disposal: Disposal) -> list[str]:
    """What a disposal was counted to take away."""
    counted = disposal.counted
    if not counted:
        return []
    if disposal.kind == Disposal.Kind.EVENTS:
        return [*event_words(counted["events"])]
    return [*case_words(counted)]


def result_words(results: Mapping[str, int]) -> list[str]:
    """What became of the cases that were taken."""
    labels = dict(DisposalCase.Result.choices)
    return [f"{labels[name]}: {count(number)}" for name, number in sorted(results.items())]
