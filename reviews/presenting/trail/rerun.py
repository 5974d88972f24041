"""What differs where a decision was run again, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.definition import Definition
from reviews.presenting.formats import decimals
from reviews.presenting.words import inside
from reviews.trail.differences import Difference

SAYS: Mapping[str, str] = {
    "erased": gettext_noop("The case was erased: its input is gone."),
    "not_by_policy": gettext_noop("No policy sent the case there: there is nothing to run again."),
    "read_again": gettext_noop(
        "New papers came later, and all were read anew: what was read for this decision is not kept."
    ),
    "read_elsewhere": gettext_noop(
        "The case came with its past: what its papers were read as was never kept here."
    ),
    "input": gettext_noop(
        "The input kept with the prediction is not the one that the log vouches for."
    ),
    "model_file": gettext_noop("The file of %(model)s is not the one that was registered."),
    "model_missing": gettext_noop("The file of %(model)s is missing, or can't be used."),
    "no_answer": gettext_noop("%(model)s gives no usable answer to the same input."),
    "outcome": gettext_noop("The model says %(now)s, where it said %(then)s."),
    "probabilities": gettext_noop("The probability of %(outcome)s differs by %(by)s."),
    "calibration": gettext_noop("Calibration %(number)s, which the policy names, is not there."),
    "confidence": gettext_noop("The calibrated confidence is %(now)s, where it was %(then)s."),
    "field": gettext_noop("The field %(field)s counts as read at %(now)s, where it was %(then)s."),
    "rule": gettext_noop("The rule “%(rule)s” is %(now)s, where it was %(then)s."),
    "flags": gettext_noop("Other flags are raised: %(names)s."),
    "doubts": gettext_noop("Other doubts stand against a decision without a person."),
    "route": gettext_noop("The case goes to %(now)s, where it went to %(then)s."),
    "reasons": gettext_noop("Other reasons are given. Gone: %(gone)s. New: %(new)s."),
}
TRUTH = {
    True: gettext_noop("true"),
    False: gettext_noop("false"),
    None: gettext_noop("not to be told"),
}
EXACTLY = 9
"""Decimals of a difference that is small."""


def words(difference: Difference, definition: Definition) -> str:
    """One difference in words."""
    values = {
        name: value_words(difference.code, name, value, definition)
        for name, value in difference.values.items()
    }
    return _(SAYS[difference.code]) % values


def value_words(code: str, name: str, value: Any, definition: Definition) -> str:
    """A value as it stands in the sentence."""
    if code == "rule" and name != "rule":
        return _(TRUTH[value])
    if isinstance(value, float):
        return "–" if value != value else decimals(value, EXACTLY if name == "by" else 3)
    if value is None or value == "":
        return "–"
    if code in ("outcome", "probabilities", "route"):
        return called(str(value), {spec.name: spec.label for spec in definition.outcomes})
    if name == "field":
        return called(str(value), {spec.name: spec.label for spec in definition.fields})
    return str(value)


def called(name: str, labels: Mapping[str, str]) -> str:
    """What a name is called inside of a sentence; a queue keeps its own."""
    return inside(_(labels[name])) if name in labels else name
