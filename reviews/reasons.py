"""Reasons of a route: why a case was sent where it was sent. Pure.

The words are English, for the record; a code with its values is what is said anew to each reader.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a case was sent where it was sent: a code for counting, words for people.

    The text is English, for the record; `values` are what it says by name, for readers of other
    languages.
    """

    code: str
    text: str
    field: str | None = None
    values: tuple[tuple[str, float | str], ...] = ()


SAYS: Mapping[str, str] = {
    "confident": _("%(outcome)s at %(confidence)s, at or above %(threshold)s"),
    "flag": _("The flag “%(label)s” is raised"),
    "above_ceiling": _("%(outcome)s at %(probability)s, above %(ceiling)s"),
    "urgent": _("The model says %(outcome)s, and an urgent outcome is never automatic"),
    "not_assessed": _("The case could not be checked for flags"),
    "language_unknown": _("The message is in a language that is not read here"),
    "no_consent": _("There is no consent to automated contact"),
    "bound_not_met": _(
        "A bound on the model is not met: %(figure)s up to %(upper)s, at most %(at_most)s allowed"
    ),
    "stopped": _("Automatic decisions are stopped: %(scope)s"),
    "gate_labels": _(
        "The gate is closed: %(labels)s of the %(needed)s labels given unseen that it takes"
    ),
    "gate_ece": _(
        "The gate is closed: calibration error up to %(upper)s, at most %(at_most)s allowed"
    ),
    "gate_auroc": _("The gate is closed: AUROC %(auroc)s, at least %(at_least)s asked for"),
    "gate_stale": _("The gate is closed: the live labels were not measured lately"),
    "gate_calibration": _("The gate is closed: the calibration was made for another model version"),
    "sampled": _("Drawn by a random sample"),
    "reopened": _("It was decided before, and that decision is superseded"),
    "contested": _("The person contests the decision"),
    "no_principal": _(
        "Nothing in the case bears out a reason that the person could be told for “%(outcome)s”"
    ),
    "no_model": _("This kind of case has no model"),
    "no_prediction": _("The model gave no usable answer"),
    "answered": _("The upstream has answered"),
    "paper_unread": _("A page could not be read: %(paper)s"),
    "paper_unseen": _("Only a person can look at it: %(paper)s"),
    "field_not_found": _("%(label)s was not found on the papers"),
    "field_doubtful": _("%(label)s was read at %(confidence)s, below %(minimum)s"),
    "rule_failed": _("The rule %(rule)s could not be evaluated"),
    "second_review": _("The policy asks for two people"),
    "adverse": _("The model says %(outcome)s, and an adverse outcome is never automatic"),
    "never_automatic": _("%(outcome)s is not decided automatically"),
    "not_confident": _("%(outcome)s at %(confidence)s, below %(threshold)s"),
    "policy_failed": _("The policy could not be evaluated"),
    "step_failed": _("The system could not do its part: %(error)s"),
}
"""The reasons of our own, by code; those of rules are the pipeline's."""
UNKNOWN = _("an unknown value")
"""What a figure is that the model's card does not have."""
UNUSABLE = _("The model's answer is not usable")
SECOND_FAILED = _("The rule for second reviews could not be evaluated")
"""What two of the codes say where there is more to tell."""
PLACES = {"confident": 3, "above_ceiling": 3, "bound_not_met": 3, "gate_ece": 3, "gate_auroc": 3}
"""Decimals of a reason's numbers, where they are not two."""
INSIDE = frozenset({"adverse", "urgent", "bound_not_met", "no_principal"})
"""Reasons that name the outcome inside of their sentence."""


def spoken(value: float | str, code: str) -> str:
    """A value as it stands in a reason's English text."""
    if isinstance(value, float):
        return f"{value:.{PLACES.get(code, 2)}f}"
    return value.lower() if code in INSIDE else value


def because(code: str, field: str | None = None, **values: float | str) -> Reason:
    """A reason of our own, its text made of its values."""
    said = {name: spoken(value, code) for name, value in values.items()}
    kept = {
        name: value if isinstance(value, str) or math.isfinite(value) else said[name]
        for name, value in values.items()
    }
    return Reason(code, SAYS[code] % said, field, tuple(kept.items()))
