"""An error and what may have gone wrong likewise, in words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from cases.definition import Definition
from reviews.blastradius import Fault, Like
from reviews.lab.radius import Counted, Wrong, estimated_wrong
from reviews.models import ReopeningCase
from reviews.presenting.formats import count, decimals
from reviews.presenting.words import inside
from reviews.reopening import Progress

LABELS = {
    "model": lazy("Model version"),
    "policy": lazy("Policy version"),
    "band": lazy("Answer and confidence"),
    "reviewer": lazy("Reviewer"),
    "template": lazy("Letterhead"),
    "source": lazy("Upstream"),
}
"""What a case may share with an error."""
PERIODS = (
    (7, lazy("7 days before and after")),
    (30, lazy("30 days before and after")),
    (90, lazy("90 days before and after")),
    (None, lazy("All time")),
)
"""The windows around an error that can be looked at."""


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that cases share with an error: how many do, and how many of these are wrong."""

    name: str
    label: str
    value: str
    chosen: bool
    counted: Counted
    wrong: str


@dataclass(frozen=True, slots=True)
class Line:
    """A case of the list; `found` is what people said of it, where they were asked."""

    case_id: str
    reference: str
    outcome: str
    confidence: str
    decided_at: object
    found: str
    differs: bool
    itself: bool


def expected(fault: Fault, definition: Definition) -> str:
    """The outcome that the verdict differs from; the policy's with the confidence it was given at."""
    label, confidence = label_of(fault.sample.outcome, definition), fault.sample.confidence
    if fault.by_person or confidence is None:
        return label
    said = {"outcome": label, "confidence": decimals(confidence, 3)}
    return _("%(outcome)s at %(confidence)s") % said


def label_of(outcome: str, definition: Definition) -> str:
    """An outcome's label; one that the definition has no more is named as it is kept."""
    labels = {each.name: each.label for each in definition.outcomes}
    return _(labels.get(outcome, outcome))


def value_of(name: str, fault: Fault, definition: Definition) -> str:
    """What of an error a trait is."""
    sample, band = fault.sample, fault.band
    if name == "model":
        return str(sample.model_version) if sample.model_version else ""
    if name == "policy":
        return str(sample.policy_version.number) if sample.policy_version else ""
    if name == "band" and band is not None and fault.basis is not None:
        said = {"outcome": label_of(fault.basis.predicted, definition)}
        said |= {"lower": decimals(band[0]), "upper": decimals(band[1])}
        return _("%(outcome)s, %(lower)s to %(upper)s") % said
    if name == "reviewer":
        return sample.reviewer.shown_name if sample.reviewer else ""
    if name == "template":
        tops = [_(spec.label) for spec in definition.fields if spec.place == "top"]
        return _("The same: %(field)s") % {"field": inside(", ".join(tops))}
    return sample.case.client.name


def traits(
    fault: Fault,
    counted: Mapping[str, Counted],
    chosen: Sequence[str],
    definition: Definition,
) -> list[Trait]:
    """An error's traits, each with what cases share it."""
    return [
        Trait(
            name=name,
            label=str(LABELS[name]),
            value=value_of(name, fault, definition),
            chosen=name in chosen,
            counted=each,
            wrong=wrong_words(estimated_wrong(each)),
        )
        for name, each in counted.items()
    ]


def wrong_words(wrong: Wrong | None) -> str:
    """How many are wrong, in words; that few labels say little is said."""
    if wrong is None:
        return _("no labels to tell by")
    said = {
        "estimate": rounded(wrong.estimate),
        "lower": rounded(wrong.lower),
        "upper": rounded(wrong.upper),
    }
    if wrong.few:
        return _("about %(estimate)s (%(lower)s to %(upper)s; few labels)") % said
    return _("about %(estimate)s (%(lower)s to %(upper)s)") % said


def rounded(number: float) -> str:
    """A number of cases as far as it is worth saying."""
    return count(round(number))


def lines(rows: Sequence[Like], fault: Fault, definition: Definition) -> list[Line]:
    """The cases of a page."""
    return [
        Line(
            case_id=str(row.case_id),
            reference=row.reference,
            outcome=label_of(row.outcome, definition),
            confidence=decimals(row.confidence, 3),
            decided_at=row.decided_at,
            found=label_of(row.label, definition) if row.label else "",
            differs=bool(row.label) and row.label != row.outcome,
            itself=row.case_id == fault.sample.case_id,
        )
        for row in rows
    ]


def nothing_chosen() -> str:
    """What is wrong where no case was ticked."""
    return _("Choose the cases that are to be reopened.")


def asked_to_reopen(number: int) -> str:
    """The question of the dialog."""
    return ngettext("Reopen %(number)s case?", "Reopen %(number)s cases?", number) % {
        "number": count(number)
    }


def results(progress: Progress) -> list[tuple[str, int]]:
    """What became of the cases of a selection, in words."""
    labels = {each.value: str(each.label) for each in ReopeningCase.Result}
    return [(labels[name], number) for name, number in sorted(progress.results.items())]
