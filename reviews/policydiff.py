"""What differs between two policies, in words and numbers. Pure.

A part that is left out counts as what it then stands for: two policies that decide alike do not differ.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.locales import locale_now
from cases.definition import Definition
from reviews.gate import Gate, Samples
from reviews.presenting.formats import count, percentage
from reviews.routing import Bound

Key = tuple[str, ...]
"""What of a policy a value is: its part, and which of the part's."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: where (`thresholds.approve`), in words, and its values, None for none."""

    part: str
    words: str
    before: Any
    after: Any

    @property
    def facts(self) -> dict[str, Any]:
        """The same as events and programs are told of it."""
        return {"part": self.part, "before": self.before, "after": self.after}


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], definition: Definition
) -> tuple[Difference, ...]:
    """All that differs between two policies of a pipeline; `before` is empty where there was none."""
    told = Told(definition)
    old, new = dict(values_of(before)), dict(values_of(after))
    found = [
        Difference(".".join(key), told.words(key, old.get(key), new.get(key)), *pair)
        for key in {**new, **old}
        if (pair := (old.get(key), new.get(key)))[0] != pair[1]
    ]
    return (*found, *order_of_rules(before, after))


# ---------------------------------------------------------------- a policy as values


def values_of(content: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """Each value of a policy under its key, what it leaves out as what that stands for; in its order."""
    if not content:
        return
    yield from queues_of(content)
    yield ("minimum_field_confidence",), content.get("minimum_field_confidence", 0.0)
    yield ("blind_share",), content.get("blind_share", 0.0)
    for part in ("calibration", "field_calibration"):
        yield (part,), content.get(part)
    for part in ("thresholds", "field_confidence", "ceilings", "pressing"):
        yield from (((part, name), each) for name, each in content.get(part, {}).items())
    yield from (
        (("automatic_adverse", name), True) for name in content.get("automatic_adverse", ())
    )
    yield from measuring_of(content)
    yield ("second_review",), content.get("second_review")
    yield from numbered("bounds", "figure", content)
    yield from numbered("rules", "name", content)


def queues_of(content: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """The policy's queues; one that stands for another is not named a second time."""
    queue = content["queue"]
    flagged = content.get("flag_queue", queue)
    yield ("queue",), queue
    yield ("field_queue",), content["field_queue"]
    yield ("flag_queue",), None if flagged == queue else flagged
    above = content.get("ceiling_queue", flagged)
    yield ("ceiling_queue",), None if above == flagged else above


def measuring_of(content: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """What the gate asks, and how automatic decisions are sampled."""
    gate, samples = Gate(), Samples()
    for name in ("ece", "auroc", "days"):
        yield ("gate", name), content.get("gate", {}).get(name, getattr(gate, name))
    given = content.get("samples", {})
    for name in ("share", "find", "power", "known"):
        yield ("samples", name), given.get(name, getattr(samples, name))
    sized = Samples(find=given.get("find", samples.find), power=given.get("power", samples.power))
    yield ("samples", "labels"), sized.labels
    for stratum in reversed(given.get("strata", ())):  # of two alike the first one counts
        yield (
            ("samples", "strata", stratum["outcome"], str(float(stratum["lower"]))),
            stratum["share"],
        )


def numbered(part: str, called: str, content: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """The items of a list by what they are called; a second one of a name has its number."""
    seen: Counter[str] = Counter()
    for item in content.get(part, ()):
        name = item[called]
        seen[name] += 1
        more = (str(seen[name]),) if seen[name] > 1 else ()
        yield (part, name, *more), {key: each for key, each in item.items() if key != called}


def order_of_rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """Whether the rules that both have stand in another order: the first one's queue counts."""
    old = [key[1:] for key, _each in numbered("rules", "name", before)]
    new = [key[1:] for key, _each in numbered("rules", "name", after)]
    was = [" ".join(name) for name in old if name in new]
    comes = [" ".join(name) for name in new if name in old]
    if was != comes:
        words = _(
            "The rules stand in another order; of several that hold the first one's queue counts"
        )
        yield Difference("rules", words, was, comes)


# ---------------------------------------------------------------- in words


def number(value: float) -> str:
    """A confidence or another fraction, with two decimals or as many more as it has."""
    return str(format_decimal(value, format="0.00########", locale=locale_now()))


def share(value: float) -> str:
    """A share, in per cent."""
    return percentage(100 * value)


@dataclass(frozen=True, slots=True)
class Told:
    """Says differences, with what the pipeline calls its outcomes, fields and queues."""

    definition: Definition

    def words(self, key: Key, before: Any, after: Any) -> str:
        """One difference in words; None is what was not there, or is not any more."""
        if key[0] in ITEMS:
            return ITEMS[key[0]](self, key, before, after)
        said = SAID.get(key) or NAMED[key[0]]
        named = {
            "what": said.what % {"name": said.name(self, key)} if said.name else said.what,
            "before": said.absent if before is None else said.write(self, before),
            "after": said.absent if after is None else said.write(self, after),
        }
        return _("%(what)s: %(after)s, before %(before)s") % named

    def of_rule(self, key: Key, before: Any, after: Any) -> str:
        """A rule that is new, gone or another."""
        named = {"name": " ".join(key[1:])}
        if before is None:
            found = _("New rule %(name)s: where %(when)s") % {**named, "when": after["when"]}
            return f"{found}. {self.to_queue(after)}"
        if after is None:
            found = _("Rule %(name)s is gone: where %(when)s")
            return found % {**named, "when": before["when"]}
        return "; ".join(self.of_parts(named, before, after))

    def of_parts(self, named: Mapping[str, str], before: Any, after: Any) -> Iterator[str]:
        """What of a rule is another."""
        if before["when"] != after["when"]:
            words = _("Rule %(name)s: where %(after)s, before where %(before)s")
            yield words % {**named, "before": before["when"], "after": after["when"]}
        if before["reason"] != after["reason"]:
            words = _("Reason of rule %(name)s: “%(after)s”, before “%(before)s”")
            reasons = {"before": _(before["reason"]), "after": _(after["reason"])}
            yield words % {**named, **reasons}
        if before.get("queue") != after.get("queue"):
            words = _("Queue of rule %(name)s: %(after)s, before %(before)s")
            queues = {"before": self.own(before), "after": self.own(after)}
            yield words % {**named, **queues}

    def of_bound(self, key: Key, before: Any, after: Any) -> str:
        """A bound of the model's card."""
        figures = [Bound(key[1], **each).words for each in (before, after) if each]
        if before and after and before["at_most"] == after["at_most"]:
            return _("The model's %(before)s is called %(after)s") % dict(
                zip(("before", "after"), figures, strict=True)
            )
        named = {
            "what": figures[-1],
            "before": number(before["at_most"]) if before else _("no bound"),
            "after": number(after["at_most"]) if after else _("no bound"),
        }
        return _("The model's %(what)s may be at most: %(after)s, before %(before)s") % named

    def of_second_review(self, key: Key, before: Any, after: Any) -> str:
        """When two people are asked."""
        nobody = _("never")
        named = {
            "before": self.asked(before) if before else nobody,
            "after": self.asked(after) if after else nobody,
        }
        return _("Second review: %(after)s, before %(before)s") % named

    def asked(self, second: Mapping[str, str]) -> str:
        """When a second review is asked for, and where."""
        named = {"rule": second["rule"], "queue": self.queue(second["queue"])}
        return _("where %(rule)s, in %(queue)s") % named

    def to_queue(self, rule: Mapping[str, str]) -> str:
        """Where a rule sends cases, and why."""
        named = {"queue": self.own(rule), "reason": _(rule["reason"])}
        return _("To %(queue)s: “%(reason)s”") % named

    def own(self, rule: Mapping[str, str]) -> str:
        """A rule's queue, or that of the policy."""
        return self.queue(rule["queue"]) if "queue" in rule else _("the policy's own queue")

    def outcome(self, name: str) -> str:
        """What an outcome is called."""
        labels = {each.name: each.label for each in self.definition.outcomes}
        return _(labels.get(name) or name)

    def field(self, name: str) -> str:
        """What a field is called."""
        labels = {spec.name: spec.label for spec in self.definition.fields}
        return _(labels.get(name) or name)

    def queue(self, slug: str) -> str:
        """What a queue is called."""
        names = {spec.slug: spec.name for spec in self.definition.queues}
        return _("“%(name)s”") % {"name": _(names.get(slug) or slug)}

    def stratum(self, key: Key) -> str:
        """Which automatic decisions a stratum of the samples holds."""
        named = {"outcome": self.outcome(key[2]), "lower": number(float(key[3]))}
        return _("“%(outcome)s” from %(lower)s on") % named


NONE, NEVER = lazy("none"), lazy("never")


@dataclass(frozen=True, slots=True)
class Said:
    """How a value is said: what it is, how it is written, what stands for none, and whose it is."""

    what: Any
    write: Callable[[Told, Any], str]
    absent: Any = NONE
    name: Callable[[Told, Key], str] | None = None


def as_number(told: Told, value: float) -> str:
    """A fraction."""
    return number(value)


def as_share(told: Told, value: float) -> str:
    """A share."""
    return share(value)


def as_count(told: Told, value: int) -> str:
    """A whole number."""
    return count(value)


def as_yes(told: Told, value: object) -> str:
    """That something is so."""
    return _("yes")


def outcome_of(told: Told, key: Key) -> str:
    """The outcome that a value is of."""
    return told.outcome(key[1])


def field_of(told: Told, key: Key) -> str:
    """The field that a value is of."""
    return told.field(key[1])


SAID: dict[Key, Said] = {
    ("queue",): Said(lazy("Queue of what goes to people"), Told.queue),
    ("field_queue",): Said(lazy("Queue for doubtful fields"), Told.queue),
    ("flag_queue",): Said(lazy("Queue for flagged cases"), Told.queue, lazy("the policy's own")),
    ("ceiling_queue",): Said(
        lazy("Queue above a ceiling"), Told.queue, lazy("that of flagged cases")
    ),
    ("minimum_field_confidence",): Said(
        lazy("Confidence that required fields have to be read with"), as_number
    ),
    ("blind_share",): Said(lazy("Share judged before the model's view is seen"), as_share),
    ("calibration",): Said(lazy("Calibration of the model's confidence"), as_count),
    ("field_calibration",): Said(lazy("Calibration of the fields' confidence"), as_count),
    ("gate", "ece"): Said(lazy("Gate: calibration error at most"), as_number),
    ("gate", "auroc"): Said(lazy("Gate: area under the ROC curve at least"), as_number),
    ("gate", "days"): Said(lazy("Gate: days whose labels count"), as_count),
    ("samples", "share"): Said(lazy("Share of automatic decisions that is sampled"), as_share),
    ("samples", "find"): Said(lazy("Samples: share of wrong ones to be noticed"), as_share),
    ("samples", "power"): Said(lazy("Samples: probability that these are noticed"), as_number),
    ("samples", "known"): Said(
        lazy("Share of what reviewers get whose right answer is known"), as_share
    ),
    ("samples", "labels"): Said(
        lazy("Labels that this takes, and that the gate asks for"), as_count
    ),
}
"""What there is one of."""
NAMED: dict[str, Said] = {
    "thresholds": Said(lazy("“%(name)s” is automatic from"), as_number, NEVER, outcome_of),
    "ceilings": Said(
        lazy("Nothing is automatic where “%(name)s” is above"), as_number, name=outcome_of
    ),
    "pressing": Said(lazy("“%(name)s” is urgent from"), as_number, NEVER, outcome_of),
    "field_confidence": Said(
        lazy("Confidence that “%(name)s” has to be read with"),
        as_number,
        lazy("as other fields"),
        field_of,
    ),
    "automatic_adverse": Said(
        lazy("“%(name)s”, an adverse outcome, may be automatic"), as_yes, lazy("no"), outcome_of
    ),
    "samples": Said(
        lazy("Share that is sampled of %(name)s"), as_share, lazy("as of all"), Told.stratum
    ),
}
"""What there is one of for each outcome, field or stratum."""
ITEMS: dict[str, Callable[[Told, Key, Any, Any], str]] = {
    "rules": Told.of_rule,
    "bounds": Told.of_bound,
    "second_review": Told.of_second_review,
}
"""What consists of several values."""
