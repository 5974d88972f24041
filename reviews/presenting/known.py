"""What was known at an event: the facts that were there by then, and those that it brought."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from audit.models import Event
from cases.lifecycle import MOVES
from cases.models import Status
from inference.models import Prediction
from reviews.calibrating import as_routed
from reviews.casefile import CaseFile
from reviews.hindsight import Past
from reviews.models import Hold, Route, Stage
from reviews.presenting import record, values
from reviews.presenting.data import Item
from reviews.presenting.fields import ReadField
from reviews.presenting.formats import decimals, moment
from reviews.presenting.histories import Names, runs, said, visible
from reviews.presenting.masks import masked_judgement
from reviews.presenting.papers import page_numbers
from reviews.presenting.reasons import reason_words
from reviews.presenting.told import told
from reviews.presenting.words import inside

STATUS_AFTER = {event: status for moves in MOVES.values() for status, event in moves.items()}
"""Where a case stands after the event of a move."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known, one line for each of its values; `new` where it was not so just before."""

    title: str
    values: tuple[str, ...]
    new: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Facts that belong together."""

    title: str
    facts: tuple[Fact, ...]

    @property
    def new(self) -> bool:
        """Whether the entry brought any of them."""
        return any(fact.new for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Moment:
    """An event and what it told: its time, its actor, and its own facts in words."""

    at: datetime
    who: str
    told: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the history, opened. `moments` are its events: several where they were alike."""

    place: int
    words: str
    moments: tuple[Moment, ...]
    changed: bool
    groups: tuple[Group, ...]


def known(
    file: CaseFile, past: Past, names: Names, place: int, *, independent: bool
) -> Known | None:
    """The entry at a place of the history, opened; None where there is none.

    For an `independent` judge it tells the case, its deadline, its hands and its fields, of which
    nothing depends on what the model or a reviewer said.
    """
    every = runs(visible(file.events, independent=independent))
    if not 0 < place <= len(every):
        return None
    run = every[place - 1]
    seen = Seen(file, past, names, independent=independent)
    before = seen.facts(every[place - 2][-1]) if place > 1 else {}
    groups = tuple(
        Group(title, tuple(marked(facts, before.get(title, ()), first=place == 1)))
        for title, facts in seen.facts(run[-1]).items()
    )
    return Known(
        place=place,
        words=said(run[-1], names, independent=independent),
        moments=tuple(
            Moment(event.at, names.actor(event), told(event, names, independent=independent))
            for event in run
        ),
        changed=any(group.new for group in groups),
        groups=groups,
    )


def marked(facts: Sequence[Fact], before: Sequence[Fact], *, first: bool) -> Iterator[Fact]:
    """The facts, with those that were not so before told apart; at the first event all are new."""
    for fact in facts:
        yield fact if first or fact in before else Fact(fact.title, fact.values, new=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """A case looked back on."""

    file: CaseFile
    past: Past
    names: Names
    independent: bool

    def facts(self, event: Event) -> dict[str, tuple[Fact, ...]]:
        """All that was known at an event, in groups by their titles."""
        groups = {_("The case"): self.case(event), _("Fields as read"): self.fields(event)}
        if not self.independent:
            groups |= {
                _("The model"): self.model(event),
                _("The route"): self.route(event),
                _("What people said"): self.reviews(event),
            }
        return {title: tuple(facts) for title, facts in groups.items()}

    def case(self, event: Event) -> Iterator[Fact]:
        """Where the case stood, under which rules, by when it was due and who had it."""
        by_then = [each for each in self.file.events if each.pk <= event.pk]
        moves = [STATUS_AFTER[each.type] for each in by_then if each.type in STATUS_AFTER]
        versions = [each.data["version"] for each in by_then if "version" in each.data]
        yield Fact(_("Status"), (str(Status(moves[-1]).label),) if moves else ())
        yield Fact(_("Version of the case"), (str(versions[-1] if versions else 1),))
        definition = self.file.definition
        pipeline = {"name": _(definition.name), "version": definition.version}
        yield Fact(_("Pipeline"), (_("%(name)s, version %(version)s") % pipeline,))
        yield Fact(_("Due"), (self.due(event),))
        yield Fact(_("In the hands of"), (self.hands(event.at),))

    def due(self, event: Event) -> str:
        """The deadline as it was: it has moved on by all the time that the case rested since."""
        rested = sum(
            each.data.get("rested_seconds", 0) for each in self.file.events if each.pk > event.pk
        )
        return moment(self.file.case.due_at - timedelta(seconds=rested))

    def hands(self, at: datetime) -> str:
        """Who had the case."""
        for claim in self.past.claims:
            if lasted(claim.claimed_at, claim.ended_at, at):
                stage = {"who": claim.reviewer.shown_name, "stage": Stage(claim.stage).label}
                return _("%(who)s, %(stage)s") % {**stage, "stage": inside(str(stage["stage"]))}
        for hold in self.past.holds:
            if lasted(hold.held_at, hold.ended_at, at):
                return held(hold)
        return _("nobody")

    def fields(self, event: Event) -> Iterator[Fact]:
        """The values that had been read; those of a reading that was replaced are gone."""
        readings = [each for each in self.file.events if each.type == "case.read"]
        by_then = [each for each in readings if each.pk <= event.pk]
        if not by_then:
            yield Fact(_("Papers"), (_("not read yet"),))
        elif by_then[-1] != readings[-1]:
            yield Fact(_("Papers"), (_("read anew since: the values of then are not kept"),))
            names = [self.label(name) for name in by_then[-1].data.get("found", ())]
            yield Fact(_("Found then"), tuple(names))
        else:
            for spec in self.file.definition.fields:
                if (read := self.file.read.get(spec.name)) is not None:
                    yield Fact(_(spec.label), (self.value(spec.name, read),))

    def label(self, name: str) -> str:
        """A field's label in the reader's language."""
        labels = {spec.name: spec.label for spec in self.file.definition.fields}
        return _(labels.get(name, name))

    def value(self, name: str, read: ReadField) -> str:
        """A value as it was read, and how sure that was."""
        if not read.found:
            return _("not found")
        shown = values.shown(read.value, self.file.definition.field_spec(name))
        return _("%(value)s, read at %(confidence)s") % {
            "value": shown,
            "confidence": decimals(read.confidence),
        }

    def model(self, event: Event) -> Iterator[Fact]:
        """The last prediction by then; once a policy went by it, with the confidence that it went by."""
        routes = last(self.past.routes, event, since=lambda each: each.created_at)
        for each in last(self.past.predictions, event, since=lambda each: each.created_at):
            for route in routes:
                each = as_routed(each, route) if route.prediction_id == each.pk else each
            yield Fact(_("Model version"), (str(each.model_version),))
            yield Fact(_("Prediction"), (predicted(each, self.names),))

    def route(self, event: Event) -> Iterator[Fact]:
        """The last route by then, the policy that gave it, and its reasons."""
        for each in last(self.past.routes, event, since=lambda each: each.created_at):
            version = each.policy_version.number if each.policy_version else "–"
            yield Fact(_("Policy version"), (str(version),))
            yield Fact(_("Sent to"), (where(each, self.names),))
            yield Fact(_("Because"), tuple(reason_words(reason) for reason in each.reasons))

    def reviews(self, event: Event) -> Iterator[Fact]:
        """The reviews that had been given and not undone, with their corrections."""
        numbers = page_numbers(self.file.documents)
        for each in self.past.reviews:
            if lasted(each.reviewed_at, each.undone_at, event.at):
                given = record.judgement(each, self.file.definition, self.file.opened, numbers)
                shown = masked_judgement(given, self.file.hidden)
                yield Fact(shown.stage, tuple(spoken(shown)))


def lasted(since: datetime, until: datetime | None, at: datetime) -> bool:
    """Whether something was there at a time."""
    return since <= at and (until is None or until > at)


def last(rows: Sequence[Any], event: Event, *, since: Any) -> list[Any]:
    """The last of the rows that were there at an event, if any was."""
    return [row for row in rows if since(row) <= event.at][-1:]


def held(hold: Hold) -> str:
    """That a case was set aside, by whom and until when."""
    told = {"who": hold.held_by.shown_name, "until": moment(hold.follow_up_at)}
    return _("nobody: set aside by %(who)s until %(until)s") % told


def predicted(prediction: Prediction, names: Names) -> str:
    """A prediction in a few words."""
    return _("%(confidence)s for %(outcome)s") % {
        "confidence": decimals(prediction.confidence),
        "outcome": inside(names.outcome(prediction.outcome)),
    }


def where(route: Route, names: Names) -> str:
    """Where a route led."""
    if route.queue is None:
        return _("nobody: decided automatically, %(outcome)s") % {
            "outcome": inside(names.outcome(route.outcome))
        }
    return _(route.queue.name)


def spoken(given: record.Judgement) -> Iterator[str]:
    """A review, line by line."""
    verdict = {"who": given.who, "outcome": inside(given.label)}
    yield _("%(who)s: %(outcome)s") % verdict
    yield from given.reasons
    if given.explanation:
        yield _("“%(words)s”") % {"words": given.explanation}
    if given.reply:
        yield _("Reply, %(how)s: “%(text)s”") % {
            "how": inside(given.reply.how),
            "text": given.reply.text,
        }
    for change in given.changes:
        words = {"label": change.label, "read": change.read, "said": change.said}
        corrected = _("%(label)s: read as %(read)s, corrected to %(said)s")
        yield (corrected if change.corrected and change.read else _("%(label)s: %(said)s")) % words
