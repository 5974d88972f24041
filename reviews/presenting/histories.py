"""A case's history in words: one line for every type of event that belongs to a case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.models import Event
from cases.definition import Definition


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history."""

    at: datetime
    words: str
    who: str
    tone: str


@dataclass(frozen=True, slots=True)
class Names:
    """What the plain ids in events are called."""

    definition: Definition
    people: Mapping[str, str]
    clients: Mapping[str, str]
    queues: Mapping[str, str]

    def actor(self, event: Event) -> str:
        """Who acted; a part of the system by its own name."""
        names = {"user": self.people, "client": self.clients}.get(event.actor_kind, {})
        return names.get(event.actor_id, event.actor_id)

    def outcome(self, name: str) -> str:
        """An outcome's label."""
        labels = {outcome.name: outcome.label for outcome in self.definition.outcomes}
        return labels.get(name, name)

    def person(self, key: object) -> str:
        """Somebody's name, by their id."""
        return self.people.get(str(key), "a colleague")

    def queue(self, key: object) -> str:
        """A queue's name, by its id or slug."""
        return self.queues.get(str(key), "a queue")


Told = Callable[[Mapping[str, Any], Names], str]


def plain(words: str) -> Told:
    """Words that depend on nothing."""
    return lambda data, names: words


def scored(data: Mapping[str, Any], names: Names) -> str:
    """What the model said."""
    if "failure" in data:
        return "The model gave no usable answer"
    if "outcome" not in data:
        return "Scored"
    return f"Scored {data['confidence']:.2f} for {names.outcome(data['outcome']).lower()}"


def reviewed(data: Mapping[str, Any], names: Names) -> str:
    """A verdict."""
    stage = {"second": "Second review", "adjudication": "Adjudication"}.get(
        data.get("stage", ""), "Review"
    )
    against = ", an override" if data.get("override") else ""
    switched = ", changed after seeing the model's view" if data.get("switched") else ""
    return f"{stage}: {names.outcome(data.get('outcome', '')).lower()}{against}{switched}"


def decided(data: Mapping[str, Any], names: Names) -> str:
    """The decision."""
    how = " without a person" if data.get("made_by") == "policy" else ""
    return f"Decided{how}: {names.outcome(data.get('outcome', '')).lower()}"


WORDS: Mapping[str, tuple[Told, str]] = {
    "case.received": (plain("Received"), "plain"),
    "case.supplemented": (plain("New papers came; read and scored anew"), "plain"),
    "case.read": (plain("Papers read"), "plain"),
    "case.scored": (scored, "plain"),
    "case.quarantined": (plain("A step failed for good; a person takes over"), "bad"),
    "case.sent_to_review": (
        lambda data, names: f"Sent to {names.queue(data.get('queue'))}",
        "plain",
    ),
    "case.sent_to_second_review": (plain("Waits for a second review"), "plain"),
    "case.sent_to_adjudication": (plain("Two reviewers differ; waits to be settled"), "plain"),
    "case.reserved": (
        lambda data, names: f"Given to {names.person(data.get('for'))}",
        "person",
    ),
    "case.reservation_ended": (
        lambda data, names: f"No longer kept for {names.person(data.get('for'))}",
        "plain",
    ),
    "case.escalated": (plain("Passed on to those who give second reviews"), "person"),
    "case.claimed": (plain("Claimed"), "person"),
    "case.opened": (plain("Looked at"), "person"),
    "case.fetched_ahead": (plain("Fetched ahead, not claimed"), "person"),
    "case.held": (plain("Set aside until a follow-up day"), "person"),
    "case.information_requested": (plain("Information requested"), "person"),
    "case.information_given": (plain("The upstream has answered"), "plain"),
    "case.resumed": (plain("Waits again; the deadline runs on"), "plain"),
    "comment.written": (plain("Comment written"), "person"),
    "case.rescored": (plain("The model was asked again, with corrections"), "person"),
    "case.decided": (decided, "good"),
    "case.announced": (plain("Decision announced to the upstream"), "plain"),
    "case.withdrawn": (plain("Withdrawn by the upstream"), "bad"),
    "claim.released": (plain("Given back"), "person"),
    "claim.expired": (plain("Time ran out; back in the queue"), "person"),
    "claim.taken_over": (plain("Taken back by a supervisor"), "person"),
    "claim.set_aside": (plain("Set aside"), "person"),
    "claim.withdrawn": (plain("Review ended: the case was withdrawn"), "plain"),
    "decision.overridden": (
        plain("The verdict differs from the model, or corrects what was read"),
        "plain",
    ),
    "document.downloaded": (plain("Original downloaded"), "person"),
    "review.submitted": (reviewed, "person"),
    "review.committed": (
        lambda data, names: (
            f"Answered before seeing the model's view: "
            f"{names.outcome(data.get('outcome', '')).lower()}"
        ),
        "person",
    ),
    "review.undone": (plain("Verdict undone"), "person"),
    "step.failed": (
        lambda data, names: (
            f"Step after “{data.get('step')}” failed, attempt {data.get('attempt')}"
        ),
        "bad",
    ),
}
"""Type of event: its words and its tone."""

INDEPENDENT: Mapping[str, Told] = {
    "case.scored": plain("Scored"),
    "review.submitted": plain("Reviewed"),
    "review.committed": plain("Answered"),
    "decision.overridden": plain("Reviewed"),
}
"""What somebody who is to judge independently reads instead."""

UNTOLD = frozenset({"case.rescored", "comment.written"})
"""What they do not hear of at all."""


def history(events: Sequence[Event], names: Names, *, independent: bool) -> list[Entry]:
    """The lines of a case's history; for an `independent` judge without verdicts and score."""
    instead = INDEPENDENT if independent else {}
    told = [event for event in events if not (independent and event.type in UNTOLD)]
    return [entry(run[-1], names, instead, times=len(run)) for run in runs(told)]


def runs(events: Sequence[Event]) -> list[list[Event]]:
    """The events one by one, but somebody's looks at a case that follow each other as one."""
    found: list[list[Event]] = []
    for event in events:
        last = found[-1][-1] if found else None
        if last and event.type == last.type == "case.opened" and event.actor_id == last.actor_id:
            found[-1].append(event)
        else:
            found.append([event])
    return found


def entry(event: Event, names: Names, instead: Mapping[str, Told], *, times: int = 1) -> Entry:
    """One event in words, the last of several alike."""
    told, tone = WORDS.get(event.type, (plain(event.type), "plain"))
    words = instead.get(event.type, told)(event.data, names)
    often = f", {times} times" if times > 1 else ""
    return Entry(event.at, words + often, names.actor(event), tone)
