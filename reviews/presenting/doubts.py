"""What the papers and the reviewer say of the model's inputs: it scored what was declared."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases.definition import Definition, FieldSpec
from reviews.models import Correction
from reviews.presenting import values
from reviews.presenting.fields import ReadField
from reviews.presenting.formats import decimals
from reviews.presenting.scores import Doubt


def doubts(
    definition: Definition,
    read: Mapping[str, ReadField],
    minimums: Mapping[str, float],
    words: Mapping[str, Mapping[str, Any]],
    currency: str = "",
) -> dict[str, Doubt]:
    """The field of each input that the papers show too, and why it is in doubt, if it is.

    `minimums` are the confidences that the policy asks of fields, `words` what a reviewer said,
    `currency` that of the case's amounts.
    """
    of_pointer = {spec.declared: spec for spec in definition.fields if spec.declared}
    features = definition.model.features if definition.model else {}
    return {
        feature: Doubt(
            spec.name,
            doubt(spec, read.get(spec.name), minimums, words.get(spec.name), currency),
        )
        for feature, pointer in features.items()
        if (spec := of_pointer.get(pointer)) is not None
    }


def doubt(
    spec: FieldSpec,
    read: ReadField | None,
    minimums: Mapping[str, float],
    word: Mapping[str, Any] | None,
    currency: str = "",
) -> str:
    """Why an input is in doubt, in words; a value that is personal is not among them."""
    if word is not None and word["kind"] == Correction.Kind.CORRECTED:
        said = values.shown(word["value"], spec, currency)
        return with_value(_("corrected"), _("corrected to %s"), said, spec)
    if word is not None and word["kind"] == Correction.Kind.ILLEGIBLE:
        return _("illegible on its paper")
    if read is None or not read.found:
        return _("not found on the papers")
    if read.mismatch == "differs":
        seen = values.shown(read.value, spec, currency)
        return with_value(_("its paper differs"), _("its paper says %s"), seen, spec)
    if word is not None:
        return ""
    if read.mismatch == "unsure":
        seen = values.shown(read.value, spec, currency)
        return with_value(_("its paper may differ"), _("its paper may say %s"), seen, spec)
    if read.confidence < minimums[spec.name]:
        return _("read at %s on its paper") % decimals(read.confidence)
    return ""


def with_value(plain: str, telling: str, value: str, spec: FieldSpec) -> str:
    """The words with the value where it may be told in passing."""
    return plain if spec.personal else telling % value
