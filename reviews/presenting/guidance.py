"""Guidance: why the policy sent a case here, and what the pipeline asks of whoever judges it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases.definition import Definition, OutcomeSpec
from reviews.presenting.formats import decimals
from reviews.presenting.reasons import reason_words
from reviews.presenting.words import inside
from reviews.routing import Bound


@dataclass(frozen=True, slots=True)
class ReasonGuidance:
    """When to cite a reason, in paragraphs; `chosen` where the reviewer has."""

    code: str
    text: str
    paragraphs: tuple[str, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class OutcomeGuidance:
    """The reasons for one outcome."""

    name: str
    label: str
    chosen: bool
    reasons: tuple[ReasonGuidance, ...]


@dataclass(frozen=True, slots=True)
class Guidance:
    """All of it. `sent` are the policy's reasons, `alone` what it asks before it decides by itself."""

    pipeline: str
    paragraphs: tuple[str, ...]
    policy: int | None
    sent: tuple[str, ...]
    alone: tuple[str, ...]
    outcomes: tuple[OutcomeGuidance, ...]


def guidance(
    definition: Definition,
    draft: Mapping[str, Any],
    *,
    policy: Mapping[str, Any],
    number: int | None,
    reasons: Sequence[Mapping[str, Any]],
) -> Guidance:
    """The guidance beside a case, `reasons` being those of its route that the reader may see."""
    return Guidance(
        pipeline=_(definition.name),
        paragraphs=paragraphs(definition.guidance),
        policy=number,
        sent=tuple(reason_words(reason) for reason in reasons),
        alone=alone(definition, policy),
        outcomes=tuple(
            OutcomeGuidance(
                name=spec.name,
                label=_(spec.label),
                chosen=draft.get("outcome") == spec.name,
                reasons=for_outcome(spec, definition, draft),
            )
            for spec in definition.outcomes
        ),
    )


def for_outcome(
    spec: OutcomeSpec, definition: Definition, draft: Mapping[str, Any]
) -> tuple[ReasonGuidance, ...]:
    """The reasons that can be cited for an outcome, as the verdict's form lists them."""
    return tuple(
        ReasonGuidance(
            code=reason.code,
            text=_(reason.text),
            paragraphs=paragraphs(reason.guidance),
            chosen=reason.code in draft.get("reasons", ()) and draft.get("outcome") == spec.name,
        )
        for reason in definition.reasons_for(spec.name)
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """A text of the pipeline's, each of its lines one paragraph, in the reader's language."""
    return tuple(line for line in _(text).splitlines() if line.strip()) if text.strip() else ()


def alone(definition: Definition, policy: Mapping[str, Any]) -> tuple[str, ...]:
    """What the policy asks for before it decides without a person; it says nothing of this case."""
    said = []
    for spec in definition.outcomes:
        threshold = policy.get("thresholds", {}).get(spec.name)
        words = {"outcome": _(spec.label), "threshold": decimals(threshold or 0)}
        if threshold is not None and not spec.adverse and not spec.urgent:
            said.append(_("%(outcome)s: from %(threshold)s") % words)
        else:
            said.append(_("%(outcome)s: never") % words)
    said += unless(definition, policy)
    labels = {spec.name: _(spec.label) for spec in definition.fields}
    if minimum := policy.get("minimum_field_confidence"):
        said.append(_("Required fields read at %s or more") % decimals(minimum))
    for name, asked in policy.get("field_confidence", {}).items():
        words = {"field": inside(labels.get(name, name)), "confidence": decimals(asked)}
        said.append(_("The field %(field)s read at %(confidence)s or more") % words)
    return tuple(said) if policy else ()


def unless(definition: Definition, policy: Mapping[str, Any]) -> list[str]:
    """What keeps a policy from deciding anything without a person."""
    said = [_("Nothing where a flag is raised")] if definition.flags else []
    labels = {spec.name: _(spec.label) for spec in definition.outcomes}
    for name, ceiling in policy.get("ceilings", {}).items():
        words = {"outcome": inside(labels.get(name, name)), "ceiling": decimals(ceiling)}
        said.append(_("Nothing where %(outcome)s is above %(ceiling)s") % words)
    for bound in policy.get("bounds", ()):
        figure = Bound(**bound).words
        words = {"figure": inside(_(figure)), "at_most": decimals(bound["at_most"])}
        said.append(_("Nothing unless the model's %(figure)s is at most %(at_most)s") % words)
    if definition.consent is not None:
        said.append(_("Nothing without consent to automated contact"))
    return said
