"""A case's history in words: one line for every type of event that belongs to a case."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from audit.models import Event
from cases.definition import Definition
from reviews.presenting.formats import decimals
from reviews.presenting.words import inside


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history; `place` is its number among the lines that the reader may see."""

    place: int
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
        """Who acted; parts of the system go without saying."""
        if event.actor_kind == "system":
            return ""
        names = self.people if event.actor_kind == "user" else self.clients
        return names.get(event.actor_id, event.actor_id)

    def outcome(self, name: str) -> str:
        """An outcome's label."""
        labels = {outcome.name: outcome.label for outcome in self.definition.outcomes}
        return gettext(labels.get(name, name)) if name else ""

    def person(self, key: object) -> str:
        """Somebody's name, by their id."""
        return self.people.get(str(key)) or gettext("a colleague")

    def queue(self, key: object) -> str:
        """A queue's name, by its id or slug."""
        return gettext(self.queues.get(str(key)) or "a queue")


Told = Callable[[Mapping[str, Any], Names], str]


def plain(words: str) -> Told:
    """Words that depend on nothing."""
    return lambda data, names: gettext(words)


def to_queue(words: str) -> Told:
    """Words that name the queue."""
    return lambda data, names: gettext(words) % {"queue": names.queue(data.get("queue"))}


def to_person(words: str) -> Told:
    """Words that name the person whom it is for."""
    return lambda data, names: gettext(words) % {"person": names.person(data.get("for"))}


def scored(data: Mapping[str, Any], names: Names) -> str:
    """What the model said."""
    if "failure" in data:
        return gettext("The model gave no usable answer")
    if "outcome" not in data:
        return gettext("Scored")
    return gettext("Scored %(confidence)s for %(outcome)s") % {
        "confidence": decimals(data["confidence"]),
        "outcome": inside(names.outcome(data["outcome"])),
    }


STAGES = {
    "first": _("Review: %(outcome)s"),
    "second": _("Second review: %(outcome)s"),
    "adjudication": _("Adjudication: %(outcome)s"),
}


def reviewed(data: Mapping[str, Any], names: Names) -> str:
    """A verdict."""
    words = STAGES.get(data.get("stage", ""), STAGES["first"])
    said = gettext(words) % {"outcome": inside(names.outcome(data.get("outcome", "")))}
    return gettext("%(verdict)s, an override") % {"verdict": said} if data.get("override") else said


def committed(data: Mapping[str, Any], names: Names) -> str:
    """An answer given before the model's view was shown."""
    return gettext("Answered before seeing the model's view: %(outcome)s") % {
        "outcome": inside(names.outcome(data.get("outcome", "")))
    }


def judged_as_sample(data: Mapping[str, Any], names: Names) -> str:
    """A verdict on a sample."""
    return gettext("Judged as a sample: %(outcome)s") % {
        "outcome": inside(names.outcome(data.get("outcome", "")))
    }


def decided(data: Mapping[str, Any], names: Names) -> str:
    """The decision."""
    alone = data.get("made_by") == "policy"
    words = _("Decided without a person: %(outcome)s") if alone else _("Decided: %(outcome)s")
    return gettext(words) % {"outcome": inside(names.outcome(data.get("outcome", "")))}


def contest_answered(data: Mapping[str, Any], names: Names) -> str:
    """The decision that a contest came to."""
    changed = _("The contest was answered: %(outcome)s in place of what was decided")
    words = (
        changed if data.get("changed") else _("The contest was answered: %(outcome)s, as before")
    )
    return gettext(words) % {"outcome": inside(names.outcome(data.get("outcome", "")))}


def failed(data: Mapping[str, Any], names: Names) -> str:
    """A step that did not do its work."""
    return gettext("Step after “%(step)s” failed, attempt %(attempt)s") % {
        "step": data.get("step"),
        "attempt": data.get("attempt"),
    }


WORDS: Mapping[str, tuple[Told, str]] = {
    "case.received": (plain(_("Received")), "plain"),
    "demo.case_added": (plain(_("Made up for the demo")), "plain"),
    "case.supplemented": (plain(_("New papers came; read and scored anew")), "plain"),
    "case.read": (plain(_("Papers read")), "plain"),
    "case.scored": (scored, "plain"),
    "case.quarantined": (plain(_("A step failed for good; a person takes over")), "bad"),
    "case.sent_to_review": (to_queue(_("Sent to %(queue)s")), "plain"),
    "case.sent_to_second_review": (plain(_("Waits for a second review")), "plain"),
    "case.sent_to_adjudication": (plain(_("Two reviewers differ; waits to be settled")), "plain"),
    "case.reserved": (to_person(_("Given to %(person)s")), "person"),
    "case.reservation_ended": (to_person(_("No longer kept for %(person)s")), "plain"),
    "case.escalated": (plain(_("Passed on to those who give second reviews")), "person"),
    "case.claimed": (plain(_("Claimed")), "person"),
    "case.unmasked": (
        lambda data, names: (
            gettext("Looked under the mask: %(purpose)s")
            % {"purpose": gettext(data.get("purpose", ""))}
        ),
        "person",
    ),
    "case.opened": (plain(_("Looked at")), "person"),
    "case.fetched_ahead": (plain(_("Fetched ahead, not claimed")), "person"),
    "case.read_by_client": (plain(_("Read by the upstream")), "plain"),
    "glass.broken": (plain(_("Opened in an emergency, beyond their rights")), "bad"),
    "glass.reviewed": (plain(_("The emergency opening was looked at")), "person"),
    "case.held": (plain(_("Set aside until a follow-up day")), "person"),
    "case.information_requested": (plain(_("Information requested")), "person"),
    "case.information_given": (plain(_("The upstream has answered")), "plain"),
    "case.resumed": (plain(_("Waits again; the deadline runs on")), "plain"),
    "comment.written": (plain(_("Comment written")), "person"),
    "case.rescored": (plain(_("The model was asked again, with corrections")), "person"),
    "case.decided": (decided, "good"),
    "case.announced": (plain(_("Decision announced to the upstream")), "plain"),
    "case.withdrawn": (plain(_("Withdrawn by the upstream")), "bad"),
    "claim.released": (plain(_("Given back")), "person"),
    "claim.expired": (plain(_("Time ran out; back in the queue")), "person"),
    "claim.taken_over": (plain(_("Taken back by a supervisor")), "person"),
    "claim.withdrawn": (plain(_("Review ended: the case was withdrawn")), "plain"),
    "contest.answered": (contest_answered, "good"),
    "decision.contested": (
        plain(_("Contested by the person; somebody new judges the case")),
        "bad",
    ),
    "notice.owed": (plain(_("The person is owed a notice of the decision")), "plain"),
    "notice.sent": (plain(_("Notice sent to the person")), "plain"),
    "notice.escalated": (plain(_("Supervisors were told that the notice is owed soon")), "bad"),
    "decision.superseded": (
        plain(_("Reopened: the decision is superseded, and people judge the case anew")),
        "bad",
    ),
    "decision.overridden": (
        plain(_("The verdict differs from the model, or corrects what was read")),
        "plain",
    ),
    "document.opened": (plain(_("Paper opened")), "person"),
    "document.fetched_ahead": (plain(_("Paper fetched ahead, not claimed")), "person"),
    "receipt.taken": (plain(_("Receipt of the decision taken")), "person"),
    "case.erased": (plain(_("Erased: nothing personal of the case is left")), "bad"),
    "legal_hold.placed": (plain(_("Put under a legal hold: nothing of it is erased")), "person"),
    "legal_hold.lifted": (plain(_("The legal hold was lifted")), "person"),
    "export.asked": (plain(_("An export of its whole file was asked for")), "person"),
    "export.approved": (plain(_("The export was approved")), "person"),
    "export.refused": (plain(_("The export was refused")), "person"),
    "export.cancelled": (plain(_("The export was cancelled")), "person"),
    "export.prepared": (plain(_("The export was vouched for by the log")), "plain"),
    "export.finished": (plain(_("The export was made")), "plain"),
    "export.failed": (plain(_("The export failed")), "bad"),
    "export.downloaded": (plain(_("The export was downloaded")), "person"),
    "decision.rerun": (
        plain(_("The decision was run again, to see whether it comes out the same")),
        "plain",
    ),
    "document.downloaded": (plain(_("Original downloaded")), "person"),
    "review.submitted": (reviewed, "person"),
    "review.committed": (committed, "person"),
    "review.signed": (plain(_("Verdict signed")), "person"),
    "review.signature_refused": (plain(_("A signature failed")), "bad"),
    "review.undone": (plain(_("Verdict undone")), "person"),
    "slot.booked": (plain(_("Appointment booked")), "person"),
    "slot.freed": (plain(_("Appointment free again")), "plain"),
    "reply.ready": (plain(_("Reply ready for the upstream to send")), "plain"),
    "sample.drawn": (plain(_("Drawn as a sample, to be judged unseen")), "plain"),
    "sample.judged": (judged_as_sample, "person"),
    "sample.disagreed": (plain(_("The sample's verdict differs from what it measures")), "bad"),
    "sample.ended": (plain(_("No longer a sample: it was not judged")), "plain"),
    "step.failed": (failed, "bad"),
    "webhook.delivered": (plain(_("The upstream has the message")), "plain"),
    "webhook.delivery_given_up": (plain(_("The upstream could not be reached")), "bad"),
}
"""Type of event: its words and its tone."""

INDEPENDENT: Mapping[str, Told] = {
    "case.scored": plain(_("Scored")),
    "review.submitted": plain(_("Reviewed")),
    "review.committed": plain(_("Answered")),
    "case.sent_to_review": plain(_("Sent to a person")),
}
"""What somebody who is to judge independently reads instead."""

UNTOLD = frozenset(
    {
        "case.announced",
        "case.decided",
        "case.rescored",
        "comment.written",
        "contest.answered",
        "decision.contested",
        "decision.overridden",
        "decision.rerun",
        "decision.superseded",
        "notice.escalated",
        "notice.owed",
        "notice.sent",
        "receipt.taken",
        "legal_hold.lifted",
        "legal_hold.placed",
        "reply.ready",
        "review.signature_refused",
        "review.signed",
        "sample.disagreed",
        "sample.drawn",
        "sample.ended",
        "sample.judged",
        "slot.booked",
        "slot.freed",
        "webhook.delivered",
        "webhook.delivery_given_up",
    }
)
"""What they do not hear of at all."""


def history(events: Sequence[Event], names: Names, *, independent: bool) -> list[Entry]:
    """The lines of a case's history; for an `independent` judge without verdicts and score."""
    return [
        entry(run, place, names, independent=independent)
        for place, run in enumerate(runs(visible(events, independent=independent)), start=1)
    ]


def visible(events: Sequence[Event], *, independent: bool) -> list[Event]:
    """The events that a reader may know of."""
    return [event for event in events if not (independent and event.type in UNTOLD)]


def runs(events: Sequence[Event]) -> list[list[Event]]:
    """The events one by one, but those of a kind by the same actor that follow each other as one."""
    found: list[list[Event]] = []
    for event in events:
        if found and alike(found[-1][-1], event):
            found[-1].append(event)
        else:
            found.append([event])
    return found


def alike(one: Event, other: Event) -> bool:
    """Whether two events are of a kind, by the same actor."""
    return (one.type, one.actor_kind, one.actor_id) == (
        other.type,
        other.actor_kind,
        other.actor_id,
    )


def entry(run: Sequence[Event], place: int, names: Names, *, independent: bool) -> Entry:
    """Events of a kind in words, those of the last."""
    last = run[-1]
    tone = WORDS[last.type][1] if last.type in WORDS else "plain"
    words = said(last, names, independent=independent)
    if len(run) > 1:
        often = {"words": words, "times": len(run)}
        words = ngettext("%(words)s, once", "%(words)s, %(times)s times", len(run)) % often
    return Entry(place, last.at, words, names.actor(last), tone)


def said(event: Event, names: Names, *, independent: bool) -> str:
    """An event in words."""
    told, _tone = WORDS.get(event.type, (plain(event.type), "plain"))
    instead = INDEPENDENT if independent else {}
    return instead.get(event.type, told)(event.data, names)
