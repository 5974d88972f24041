"""A policy as a form: its content taken apart for the controls of a page, each with its mistake. Pure.

A control that is empty leaves its part out of the policy: beside it stands what that stands for. What
was typed and is no number stays as it was typed, so that nothing is lost and the mistake can be said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases.definition import Definition, Mistake, OutcomeSpec
from inference.models import Calibration
from reviews.gate import Gate, Samples
from reviews.presenting.formats import count, day
from reviews.presenting.lab.mistakes import mistake_words
from reviews.presenting.words import name as spoken

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Control:
    """One control: its name in the form, its place in the policy, what it holds, what is wrong there."""

    name: str
    path: str
    label: str
    value: str
    standing: str = ""
    mistake: str = ""
    choices: Choices = ()


@dataclass(frozen=True, slots=True)
class OutcomeControls:
    """What a policy says of an outcome; `adverse` and `urgent` are what the pipeline does."""

    label: str
    adverse: bool
    urgent: bool
    threshold: Control
    automatic: Control
    ceiling: Control
    pressing: Control


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """All controls of a policy; `unplaced` are mistakes that none of them stands for."""

    outcomes: tuple[OutcomeControls, ...]
    minimum: Control
    fields: tuple[Control, ...]
    queues: tuple[Control, ...]
    rules: tuple[tuple[Control, ...], ...]
    second_review: tuple[Control, ...]
    gate: tuple[Control, ...]
    samples: tuple[Control, ...]
    strata: tuple[tuple[Control, ...], ...]
    bounds: tuple[tuple[Control, ...], ...]
    blind_share: Control
    calibrations: tuple[Control, ...]
    unplaced: tuple[str, ...]

    @property
    def has_ceilings(self) -> bool:
        """Whether the policy says anything of ceilings, or the pipeline makes it."""
        return any(
            each.urgent or each.ceiling.value or each.pressing.value for each in self.outcomes
        )


class Taken:
    """The content of a policy and the mistakes in it, from which controls are made one by one."""

    def __init__(self, content: Mapping[str, Any], mistakes: Iterable[Mistake]) -> None:
        self.content = content
        self.mistakes: dict[str, list[str]] = {}
        for mistake in mistakes:
            self.mistakes.setdefault(dotted(mistake), []).append(mistake_words(mistake))

    def control(self, name: str, *path: str | int, label: str = "", **more: Any) -> Control:
        """The control of a place in the policy; its mistakes are then placed."""
        place = ".".join(map(str, path))
        wrong = " ".join(self.mistakes.pop(place, ()))
        value = typed(at(self.content, path))
        return Control(name, place, label, value, mistake=wrong, **more)

    def rest(self) -> tuple[str, ...]:
        """The mistakes that no control stands for, with their places."""
        return tuple(
            f"{place}: {words}" if place else words
            for place, several in self.mistakes.items()
            for words in several
        )


def dotted(mistake: Mistake) -> str:
    """A mistake's place in the policy."""
    path = mistake.path[1:] if mistake.path[:1] == ("policy",) else mistake.path
    return ".".join(map(str, path))


def at(content: Any, path: Iterable[str | int]) -> Any:
    """What stands at a place of the content; None where nothing does."""
    for key in path:
        if isinstance(content, Mapping):
            content = content.get(key)
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            content = content[key]
        else:
            return None
    return content


def typed(value: Any) -> str:
    """A value as it stands in a control."""
    return "" if value is None else str(value)


def form_of(
    content: Mapping[str, Any],
    definition: Definition,
    mistakes: Iterable[Mistake] = (),
    calibrations: Mapping[str, Choices] | None = None,
) -> PolicyForm:
    """The form of a policy; `calibrations` are those to choose from, by the part that names them."""
    taken = Taken(content, mistakes)
    queues = [(spec.slug, spoken(spec.name)) for spec in definition.queues]
    return PolicyForm(
        outcomes=tuple(of_outcome(taken, spec) for spec in definition.outcomes),
        minimum=taken.control(
            "minimum_field_confidence",
            "minimum_field_confidence",
            label=_("Every field that is required"),
            standing="0",
        ),
        fields=tuple(of_fields(taken, definition)),
        queues=tuple(of_queues(taken, queues)),
        rules=tuple(of_rules(taken, queues)),
        second_review=tuple(of_second_review(taken, queues)),
        gate=tuple(of_gate(taken)),
        samples=tuple(of_samples(taken)),
        strata=tuple(of_strata(taken, definition)),
        bounds=tuple(of_bounds(taken)),
        blind_share=taken.control(
            "blind_share",
            "blind_share",
            label=_(
                "Share of the cases for people that are judged before the model’s view is seen"
            ),
            standing="0",
        ),
        calibrations=tuple(of_calibrations(taken, calibrations or {})),
        unplaced=taken.rest(),  # last of all: what no control has taken
    )


def of_outcome(taken: Taken, spec: OutcomeSpec) -> OutcomeControls:
    """The controls of an outcome."""
    label = spoken(spec.label)
    place = taken.control(f"threshold:{spec.name}", "thresholds", spec.name, label=label)
    wrong = taken.mistakes.pop(f"automatic_adverse.{spec.name}", [])
    chosen = spec.name in (taken.content.get("automatic_adverse") or ())
    adverse = Control(
        "automatic_adverse",
        f"automatic_adverse.{spec.name}",
        label,
        spec.name if chosen else "",
        spec.name,
        " ".join(wrong),
    )
    return OutcomeControls(
        label,
        spec.adverse,
        spec.urgent,
        place,
        adverse,
        taken.control(f"ceiling:{spec.name}", "ceilings", spec.name, label=label),
        taken.control(f"pressing:{spec.name}", "pressing", spec.name, label=label),
    )


def of_fields(taken: Taken, definition: Definition) -> Iterator[Control]:
    """The minimum of each field; with none it is that of all."""
    least = typed(taken.content.get("minimum_field_confidence", 0))
    for spec in definition.fields:
        yield taken.control(
            f"field:{spec.name}",
            "field_confidence",
            spec.name,
            label=spoken(spec.label),
            standing=least if spec.required else "",
        )


def of_queues(taken: Taken, queues: Choices) -> Iterator[Control]:
    """Where cases go; the last two may be left to the first."""
    for name, label, blank in (
        ("queue", _("Cases for people"), ""),
        ("field_queue", _("Doubtful papers"), ""),
        ("flag_queue", _("Raised flags"), _("as cases for people")),
        ("ceiling_queue", _("Above a ceiling"), _("as raised flags")),
    ):
        choices = [("", blank), *queues] if blank else queues
        yield taken.control(name, name, label=label, choices=choices)


def of_rules(taken: Taken, queues: Choices) -> Iterator[tuple[Control, ...]]:
    """Each rule as a row, and an empty one."""
    own = [("", _("The policy’s own queue")), *queues]
    for row in rows(taken.content.get("rules")):
        yield (
            taken.control("rule-name", "rules", row, "name", label=_("Name")),
            taken.control("rule-when", "rules", row, "when", label=_("Where this holds")),
            taken.control("rule-reason", "rules", row, "reason", label=_("Reason, in words")),
            taken.control("rule-queue", "rules", row, "queue", label=_("Queue"), choices=own),
        )


def of_second_review(taken: Taken, queues: Choices) -> Iterator[Control]:
    """When two people judge, and where the second does."""
    yield taken.control("second-rule", "second_review", "rule", label=_("Where this holds"))
    yield taken.control("second-queue", "second_review", "queue", label=_("Queue"), choices=queues)


def of_gate(taken: Taken) -> Iterator[Control]:
    """What live labels have to show."""
    gate = Gate()
    for name, label in (
        ("ece", _("Calibration error at most (ECE, upper end of its interval)")),
        ("auroc", _("Area under the ROC curve at least")),
        ("days", _("Labels of so many days count")),
    ):
        yield taken.control(
            f"gate:{name}", "gate", name, label=label, standing=str(getattr(gate, name))
        )


def of_samples(taken: Taken) -> Iterator[Control]:
    """How automatic decisions are sampled."""
    samples = Samples()
    for name, label in (
        ("share", _("Share of the automatic decisions")),
        ("find", _("Error rate to be noticed")),
        ("power", _("With this probability")),
        ("known", _("Share of what reviewers get whose answer is known")),
    ):
        yield taken.control(
            f"samples:{name}", "samples", name, label=label, standing=str(getattr(samples, name))
        )


def of_strata(taken: Taken, definition: Definition) -> Iterator[tuple[Control, ...]]:
    """Each stratum as a row, and an empty one."""
    outcomes = [("", "–"), *((each.name, spoken(each.label)) for each in definition.outcomes)]
    for row in rows(at(taken.content, ("samples", "strata"))):
        place = ("samples", "strata", row)
        yield (
            taken.control(
                "stratum-outcome", *place, "outcome", label=_("Outcome"), choices=outcomes
            ),
            taken.control("stratum-lower", *place, "lower", label=_("From confidence")),
            taken.control("stratum-share", *place, "share", label=_("Share")),
        )


def of_bounds(taken: Taken) -> Iterator[tuple[Control, ...]]:
    """Each bound on the model's card as a row, and an empty one."""
    for row in rows(taken.content.get("bounds")):
        yield (
            taken.control("bound-figure", "bounds", row, "figure", label=_("Figure of the card")),
            taken.control("bound-at_most", "bounds", row, "at_most", label=_("At most")),
            taken.control("bound-label", "bounds", row, "label", label=_("Called")),
        )


def of_calibrations(taken: Taken, known: Mapping[str, Choices]) -> Iterator[Control]:
    """The maps that the policy goes by."""
    for name, label in (
        ("calibration", _("The model’s confidence")),
        ("field_calibration", _("Confidence in fields")),
    ):
        choices = [("", _("As it is stated")), *known.get(name, ())]
        yield taken.control(name, name, label=label, choices=choices)


def rows(items: Any) -> range:
    """The places of a list's items, and one more."""
    return range(len(items) + 1 if isinstance(items, list) else 1)


def calibration_choice(calibration: Calibration) -> tuple[str, str]:
    """A calibration to choose: its number, what it was fitted for and on how many labels."""
    facts = {
        "number": calibration.number,
        "what": calibration.model_version or "",
        "method": calibration.method,
        "labels": count(calibration.labels),
        "day": day(calibration.fitted_at),
    }
    if calibration.model_version is None:
        words = _("%(number)s: %(method)s, %(labels)s labels, %(day)s")
    else:
        words = _("%(number)s: %(what)s, %(method)s, %(labels)s labels, %(day)s")
    return str(calibration.number), words % facts
