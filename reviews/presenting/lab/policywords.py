"""A policy said in words and numbers, part by part. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.definition import Definition, OutcomeSpec
from reviews.gate import Gate, Samples
from reviews.presenting.formats import count, decimals, percentage
from reviews.presenting.words import inside, name


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a policy says: of what, and what; `note` is what it means."""

    of: str
    says: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of the policy."""

    name: str
    when: str
    reason: str
    queue: str


@dataclass(frozen=True, slots=True)
class Said:
    """A policy in words: what it decides, what holds a case back, and how it is measured."""

    automatic: tuple[Line, ...]
    papers: tuple[Line, ...]
    queues: tuple[Line, ...]
    gate: tuple[Line, ...]
    samples: tuple[Line, ...]
    bounds: tuple[Line, ...]
    rules: tuple[RuleLine, ...]
    second_review: RuleLine | None


def said(content: Mapping[str, Any], definition: Definition) -> Said:
    """What a policy says; it is one that passed its check."""
    queues = {spec.slug: name(spec.name) for spec in definition.queues}
    second = content.get("second_review")
    return Said(
        automatic=tuple(automatic(content, spec) for spec in definition.outcomes),
        papers=tuple(papers(content, definition)),
        queues=tuple(waiting(content, queues)),
        gate=tuple(gate(content)),
        samples=tuple(samples(content, definition)),
        bounds=tuple(bounds(content, definition)),
        rules=tuple(
            RuleLine(
                rule["name"], rule["when"], _(rule["reason"]), named(rule.get("queue"), queues)
            )
            for rule in content.get("rules", ())
        ),
        second_review=second and RuleLine("", second["rule"], "", named(second["queue"], queues)),
    )


def named(slug: str | None, queues: Mapping[str, str]) -> str:
    """What a queue is called; empty where the policy's own is meant."""
    return queues.get(slug, slug) if slug else ""


def confidence(number: float) -> str:
    """A confidence with the digits that it has."""
    places = len(f"{number:.6f}".rstrip("0").partition(".")[2])
    return decimals(number, max(2, places))


def share(number: float) -> str:
    """A share as per cent."""
    return percentage(round(number * 100, 4))


def automatic(content: Mapping[str, Any], spec: OutcomeSpec) -> Line:
    """Whether an outcome is decided without a person, and from which confidence on."""
    label, threshold = name(spec.label), content.get("thresholds", {}).get(spec.name)
    if spec.urgent:
        return Line(label, _("never"), _("An urgent outcome is never automatic."))
    allowed = not spec.adverse or spec.name in content.get("automatic_adverse", ())
    if threshold is None:
        note = _("It has no threshold.") if allowed else _("Adverse, and not enabled.")
        return Line(label, _("never"), note)
    if not allowed:
        words = _("An adverse outcome is automatic only where that is enabled.")
        return Line(label, _("never"), words)
    note = _("Adverse, and enabled by signature.") if spec.adverse else ""
    return Line(label, _("from %(number)s") % {"number": confidence(threshold)}, note)


def papers(content: Mapping[str, Any], definition: Definition) -> Iterator[Line]:
    """How sure the reading of fields has to be."""
    least = content.get("minimum_field_confidence", 0.0)
    yield Line(_("Required fields"), _("from %(number)s") % {"number": confidence(least)})
    own = content.get("field_confidence", {})
    for spec in definition.fields:
        if spec.name in own:
            says = _("from %(number)s") % {"number": confidence(own[spec.name])}
            yield Line(name(spec.label), says)
    for part, label in (
        ("calibration", _("The model’s confidence")),
        ("field_calibration", _("Confidence in fields")),
    ):
        number = content.get(part)
        says = _("by calibration %(number)s") % {"number": number} if number else _("as stated")
        yield Line(label, says)


def waiting(content: Mapping[str, Any], queues: Mapping[str, str]) -> Iterator[Line]:
    """Where cases for people wait, and how many are judged without the model's view."""
    for part, label in (
        ("queue", _("Cases for people")),
        ("field_queue", _("Doubtful papers")),
        ("flag_queue", _("Raised flags")),
        ("ceiling_queue", _("Above a ceiling")),
    ):
        if part in content:
            yield Line(label, named(content[part], queues))
    yield Line(_("Judged before the model’s view is seen"), share(content.get("blind_share", 0.0)))


def gate(content: Mapping[str, Any]) -> Iterator[Line]:
    """What live labels have to show before anything is automatic."""
    own = Gate(**content.get("gate", {}))
    labels = measured(content).labels
    yield Line(_("Calibration error (ECE)"), _("at most %(n)s") % {"n": confidence(own.ece)})
    yield Line(_("AUROC"), _("at least %(n)s") % {"n": confidence(own.auroc)})
    words = ngettext("at least %(n)s of the last %(days)s day",
                     "at least %(n)s of the last %(days)s days", own.days)  # fmt: skip
    yield Line(_("Labels"), words % {"n": count(labels), "days": count(own.days)})


def measured(content: Mapping[str, Any]) -> Samples:
    """How automatic decisions are sampled, strata apart."""
    given = content.get("samples", {})
    return Samples(**{key: each for key, each in given.items() if key != "strata"})


def samples(content: Mapping[str, Any], definition: Definition) -> Iterator[Line]:
    """Which of the automatic decisions people judge as well, and how many that takes."""
    own = measured(content)
    yield Line(_("Automatic decisions"), share(own.share))
    labels = {spec.name: name(spec.label) for spec in definition.outcomes}
    for stratum in content.get("samples", {}).get("strata", ()):
        facts = {
            "outcome": labels.get(stratum["outcome"], stratum["outcome"]),
            "lower": confidence(stratum["lower"]),
        }
        yield Line(_("%(outcome)s from %(lower)s") % facts, share(stratum["share"]))
    yield Line(_("Sample size"), count(own.labels), sized(own))
    yield Line(_("Of what reviewers get, with a known answer"), share(own.known))


def sized(own: Samples) -> str:
    """Why the sample has its size: with n of them no error shows with probability (1 − find)^n."""
    facts = {"find": share(own.find), "power": share(own.power), "labels": count(own.labels)}
    return (
        _("If %(find)s were wrong, %(labels)s labels would show it with %(power)s probability.")
        % facts
    )


def bounds(content: Mapping[str, Any], definition: Definition) -> Iterator[Line]:
    """What else keeps everything with people: ceilings, and bounds on the model's card."""
    for spec in definition.outcomes:
        ceiling = content.get("ceilings", {}).get(spec.name)
        if ceiling is None:
            continue
        pressing = content.get("pressing", {}).get(spec.name)
        note = (
            _("From %(number)s it waits with the raised flags.") % {"number": confidence(pressing)}
            if pressing is not None
            else ""
        )
        label = _("Probability of %(outcome)s") % {"outcome": inside(name(spec.label))}
        yield Line(label, _("at most %(n)s") % {"n": confidence(ceiling)}, note)
    for bound in content.get("bounds", ()):
        label = name(bound.get("label") or bound["figure"].replace("_", " ").capitalize())
        yield Line(label, _("at most %(n)s") % {"n": confidence(bound["at_most"])})
