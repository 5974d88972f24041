"""The foot of the case: which verdicts there are, what each needs, which reasons can apply."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases.definition import Definition, OutcomeSpec, ReasonSpec
from inference.models import Prediction
from reviews import keymap
from reviews.adverse.reasons import Facts, grounds
from reviews.presenting.formats import decimals
from reviews.presenting.grounds import listed
from reviews.verdicts import given_at_once

NO_FACTS: Mapping[str, Facts] = {}


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A reason that can be cited; `key` as it is printed, "" from the tenth on.

    `ground` says what bears it out. With `asked` something has to: where nothing does the reviewer
    points at one of the outcome's `fields`, `pointed` the one that they chose.
    """

    code: str
    text: str
    chosen: bool
    key: str
    ground: str = ""
    asked: bool = False
    pointed: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeChoice:
    """A verdict that can be given; `at_once` without reason, words or a second question.

    `signs` where its reviewer signs it.
    """

    name: str
    label: str
    key: str
    adverse: bool
    urgent: bool
    note: str
    chosen: bool
    explained: bool
    at_once: bool
    signs: bool
    reasons: tuple[ReasonChoice, ...]
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def shown_key(self) -> str:
        """The key as it is printed."""
        return keymap.shown(self.key)

    @property
    def tone(self) -> str:
        """The class that colours it once it is chosen."""
        return "adverse" if self.adverse else "urgent" if self.urgent else "good"


def choices(
    definition: Definition,
    prediction: Prediction | None,
    entered: Mapping[str, Any],
    *,
    independent: bool,
    own_keys: Mapping[str, str],
    facts: Mapping[str, Facts] = NO_FACTS,
) -> list[OutcomeChoice]:
    """The verdicts, as far as the reviewer has entered one, each with its key in `own_keys`' map.

    `facts` are what may bear reasons out, of the outcomes of which that is asked.

    An `independent` judge explains every verdict: what needs no explanation would tell what the
    model said.
    """
    keys = keymap.verdict_keys(definition, own_keys)
    digits = keymap.keys_for(own_keys)
    return [
        OutcomeChoice(
            name=spec.name,
            label=spec.label,
            key=keys[spec.name],
            adverse=spec.adverse,
            urgent=spec.urgent,
            note="" if independent else note(spec, prediction),
            chosen=entered.get("outcome") == spec.name,
            explained=not given_at_once(definition, spec.name)
            and (independent or spec.adverse or differs(spec, prediction)),
            at_once=given_at_once(definition, spec.name),
            signs=definition.signature is not None and definition.signature.asks(spec.name),
            reasons=tuple(
                reason_choice(
                    reason,
                    definition,
                    entered,
                    key=keymap.shown(digits.get(f"reason_{number}", "")),
                    facts=facts.get(spec.name),
                )
                for number, reason in enumerate(definition.reasons_for(spec.name), start=1)
            ),
            fields=tuple((each.name, each.label) for each in definition.fields)
            if spec.name in facts
            else (),
        )
        for spec in definition.outcomes
    ]


def reason_choice(
    reason: ReasonSpec,
    definition: Definition,
    entered: Mapping[str, Any],
    *,
    key: str,
    facts: Facts | None,
) -> ReasonChoice:
    """A reason, with what bears it out where that is asked."""
    found = grounds(reason, facts) if facts is not None else ()
    return ReasonChoice(
        reason.code,
        reason.text,
        chosen=reason.code in entered.get("reasons", ()),
        key=key,
        ground=listed(found, definition),
        asked=facts is not None and reason.names_facts,
        pointed=entered.get("pointed", {}).get(reason.code, ""),
    )


def differs(spec: OutcomeSpec, prediction: Prediction | None) -> bool:
    """Whether the verdict would override the prediction."""
    return prediction is not None and prediction.outcome != spec.name


def note(spec: OutcomeSpec, prediction: Prediction | None) -> str:
    """How the verdict stands to the prediction."""
    if prediction is None:
        return ""
    if differs(spec, prediction):
        return _("against the model")
    return _("as the model says, %(confidence)s") % {"confidence": decimals(prediction.confidence)}
