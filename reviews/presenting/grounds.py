"""Why a reason is true of a case, and why it can't be cited, in words. Nothing personal is among them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from cases.definition import Definition, ReasonSpec
from reviews.adverse.reasons import Contradiction, Facts, Ground, grounds
from reviews.presenting.data import schema_at, short_title
from reviews.presenting.scores import UNIT, signed
from reviews.presenting.words import inside, name


def ground_words(ground: Ground, definition: Definition) -> str:
    """What bears a reason out: scored, stated, a rule, or what was said of a field."""
    if ground.kind == "scored":
        return _("scored: %(factors)s") % {"factors": factor_words(ground, definition)}
    if ground.kind == "stated":
        return _("stated: %(factors)s") % {"factors": factor_words(ground, definition)}
    if ground.kind == "fired":
        return inside(rule_label(ground.name, definition))
    words = {
        "differs": _("%(field)s differs from what was declared"),
        "corrected": _("%(field)s corrected"),
        "confirmed": _("%(field)s confirmed"),
        "illegible": _("%(field)s illegible"),
        "pointed": _("shown by %(field)s"),
    }
    return words[ground.kind] % {"field": field_label(ground.name, definition)}


def factor_words(ground: Ground, definition: Definition) -> str:
    """A factor with the points that it counts against the person, where they may be known."""
    label = factor_label(ground.name, definition)
    return label if ground.kind == "stated" else f"{label} {signed(-round(ground.points * UNIT))}"


def factor_label(feature: str, definition: Definition) -> str:
    """What an input of the model is called: as the data's schema calls it."""
    source = definition.model.features.get(feature, "") if definition.model else ""
    part = schema_at(definition.schema, source) if source.startswith("/") else {}
    return short_title(feature, part)


def field_label(field: str, definition: Definition) -> str:
    """What a field is called."""
    specs = {spec.name: spec for spec in definition.fields}
    return name(specs[field].label) if field in specs else field


def rule_label(rule: str, definition: Definition) -> str:
    """What a rule or a flag says; its name where the definition's own policy has it no more."""
    labels = {flag.name: flag.label for flag in definition.flags}
    labels |= {each["name"]: each["reason"] for each in definition.policy.get("rules", ())}
    return _(labels.get(rule, rule.replace("_", " ")))


def refused_words(reason: ReasonSpec, facts: Facts, definition: Definition, outcome: str) -> str:
    """Why a reason can't be cited, and what can: no reason is told that nothing in the case bears out."""
    said = {"reason": _(reason.text)}
    spoken_for = [] if facts.towards is None else speaks_for(reason, facts, definition)
    if spoken_for:
        said["factors"] = ", ".join(spoken_for)
        words = _(
            "“%(reason)s”: the model counted it for the person (%(factors)s), and nothing else in the "
            "case bears it out."
        )
    elif facts.towards is None:
        words = _("“%(reason)s”: nothing that you were shown of the case bears it out.")
    else:
        words = _(
            "“%(reason)s”: no factor that was scored, no rule and no field of the case bears it out."
        )
    return " ".join((words % said, others(facts, definition, outcome), how_to(reason, definition)))


def speaks_for(reason: ReasonSpec, facts: Facts, definition: Definition) -> list[str]:
    """The factors of a reason that were scored for the person."""
    towards = facts.towards or {}
    return [factor_label(each, definition) for each in reason.factors if towards.get(each, 0.0) < 0]


def others(facts: Facts, definition: Definition, outcome: str) -> str:
    """The reasons that the case does bear out."""
    found = [
        _("“%(reason)s”") % {"reason": _(reason.text)}
        for reason in definition.reasons_for(outcome)
        if reason.names_facts and grounds(reason, facts)
    ]
    if not found:
        return _("No other reason is borne out so far.")
    return _("Borne out so far: %(reasons)s.") % {"reasons": "; ".join(found)}


def how_to(reason: ReasonSpec, definition: Definition) -> str:
    """How a reviewer bears a reason out by what no model looked at."""
    own = [inside(field_label(each, definition)) for each in reason.fields]
    if own:
        return _("Or settle what shows it (%(fields)s), or point at a field that you settled.") % {
            "fields": ", ".join(own)
        }
    return _("Or point at a field that you confirmed or corrected and that shows it.")


def contradiction_words(found: Contradiction, definition: Definition) -> str:
    """Two things that can't both be, for the field where they meet."""
    texts = {reason.code: reason.text for reason in definition.reasons}
    said = {
        "field": field_label(found.field, definition),
        "reason": _(texts.get(found.reason, found.reason)),
    }
    words = {
        "above": _(
            "%(field)s: you corrected it upwards, above all that was read or declared. That contradicts "
            "“%(reason)s”: take one of the two back."
        ),
        "below": _(
            "%(field)s: you corrected it downwards, below all that was read or declared. That "
            "contradicts “%(reason)s”: take one of the two back."
        ),
        "agrees": _(
            "%(field)s: you corrected it to what was declared, so the papers agree. That contradicts "
            "“%(reason)s”: take one of the two back."
        ),
        "illegible": _(
            "%(field)s: you say that it can't be read. That contradicts “%(reason)s”, which rests on "
            "it: take one of the two back."
        ),
    }
    return words[found.kind] % said


def listed(found: Sequence[Ground], definition: Definition, most: int = 2) -> str:
    """What bears a reason out, the weightiest first, in one line."""
    shown = found[:most]
    factors = [each for each in shown if each.kind in ("scored", "stated")]
    rest = [ground_words(each, definition) for each in shown if each not in factors]
    if factors:
        first, *others = factors
        words = [ground_words(first, definition), *(factor_words(e, definition) for e in others)]
        rest.insert(0, ", ".join(words))
    return "; ".join(rest)
