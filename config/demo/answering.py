"""The demo's clinicians: they answer most messages that press, and some of the others; the rest waits.

How soon each message wants an answer was judged by hand where it was written; that is their judgement.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from django.utils.timezone import now

from accounts.models import User
from audit import vault
from cases.models import Case
from config.demo.acting import Staff, claimed, in_hands, judged, staff, waiting_of
from config.demo.messages import FEVERISH, FOREIGN, GERMAN, INFANT, LONG, PIPELINE, WRITTEN
from reviews.asking import Question, request_information
from reviews.escalating import escalate
from reviews.holding import hold_case
from reviews.models import QueueEntry
from reviews.replying import agreed
from reviews.slots import proposable
from reviews.verdicts import ReplyWords, Verdict

CLINICIANS = ("greta", "henrik")
OUTCOMES = ("emergency", "same_day", "routine", "self_care")
WORDS: Mapping[str, str] = {
    "emergency": "It may be an emergency: rang at once.",
    "same_day": "Should not wait until tomorrow, and nothing in it speaks for an ambulance.",
    "routine": "No sign that it presses: a time within the next days is soon enough.",
    "self_care": "This usually settles by itself; a pharmacist can help sooner than we could.",
}
PAIN = (
    "Rang, in German: pain in the lower right of the belly since last evening, some fever. To be "
    "examined today; would not wait for a translation."
)
HOLD = "The laboratory has the result by tomorrow noon; it decides how soon."
ASKED = "Which medicines does the patient take at present? The record that came with it is empty."
ESCALATED = "I would give this a day or two, but I am not sure. Would you look at it, please?"
TEMPLATES: Mapping[str, tuple[str, str]] = {
    "emergency": ("reach_help", "reach_help"),
    "same_day": ("seen_today", "call_today"),
    "routine": ("seen_soon", "answered_soon"),
    "self_care": ("self_care", "self_care"),
}
"""How a reply begins: with an appointment, and without one."""


def answer_messages() -> None:
    """One round of the clinicians through all messages that wait."""
    people = staff(*CLINICIANS)
    entries = list(waiting_of(PIPELINE).order_by("case__reference"))
    open_ones = [each for each in entries if each.case.reference not in (INFANT, LONG)]
    pressing = [each for each in open_ones if each.route.flags]
    foreign = [each for each in open_ones if each.case.reference == FOREIGN]
    calm = [each for each in open_ones if each not in (*pressing, *foreign)]
    mild = next((each for each in calm if urgency_of(each) == "self_care"), None)  # is signed
    answered = [each for each in calm if each in calm[::3] or each == mild]
    for entry in (*pressing[:-1], *answered):
        answer([people["greta"], people["henrik"]], entry)
    for entry in foreign:
        answer([people["henrik"], people["greta"]], entry)
    leave(people, [entry for entry in calm if entry not in answered])


def answer(people: Iterable[User], entry: QueueEntry) -> None:
    """Has the first of the people who can give a verdict with a reply that proposes an appointment."""
    taken = in_hands(people, entry)
    if taken is not None:
        person, claim = taken
        data = vault.of(entry.case_id).open_json("data", entry.case.sealed_data)
        judged(person, claim, entry, verdict_on(entry, data))


def verdict_on(entry: QueueEntry, data: Mapping[str, Any]) -> Verdict:
    """What a clinician makes of a message."""
    outcome = urgency_of(entry)
    predicted = entry.route.prediction.outcome if entry.route.prediction else outcome
    reason = reason_for(outcome, predicted, entry.route.flags)
    words = PAIN if entry.case.reference == FOREIGN else WORDS[outcome]
    return Verdict(outcome, (reason,), words, reply=reply_to(entry.case, data, outcome))


def urgency_of(entry: QueueEntry) -> str:
    """How soon a message wants an answer, by who wrote it for the demo."""
    data = vault.of(entry.case_id).open_json("data", entry.case.sealed_data)
    return urgencies()[data["message"]["text"]]


def reason_for(outcome: str, predicted: str, flags: Sequence[str]) -> str:
    """The pipeline's reason for an outcome, beside what the model would have said."""
    if outcome == "emergency":
        return "emergency_suspected"
    if flags:
        return "flag_does_not_apply"
    if outcome == predicted:
        return "judged_unseen"
    sooner = OUTCOMES.index(outcome) < OUTCOMES.index(predicted)
    return "worse_than_scored" if sooner else "less_urgent_than_scored"


def reply_to(case: Case, data: Mapping[str, Any], outcome: str) -> ReplyWords:
    """What the patient is told: by the portal where they agreed to that, else by phone."""
    within = case.definition.outcome(outcome).appointment_minutes
    slots = proposable(case.pipeline_id, timedelta(minutes=within)) if within else []
    slot = slots[len(slots) // 3 if outcome == "routine" else 0] if slots else None
    with_time, without = TEMPLATES[outcome]
    by_portal = agreed(case.definition, data) and outcome != "emergency"
    return ReplyWords(
        template=with_time if slot else without,
        contact="automated" if by_portal else "phone",
        slot=str(slot.pk) if slot else "",
    )


def leave(people: Staff, entries: Sequence[QueueEntry]) -> None:
    """Of what is not answered one waits for a result, one for the portal, one for a colleague."""
    greta = people["greta"]
    for number, entry in enumerate(entries[:3]):
        claim = claimed(greta, entry)
        if claim is not None:
            set_aside(number, fence=claim.pk, reviewer=greta, by=greta.actor)


def set_aside(number: int, **given: Any) -> None:
    """One way of three to leave the case in hand."""
    match number:
        case 0:
            hold_case(HOLD, follow_up_at=now() + timedelta(days=1), **given)
        case 1:
            request_information(Question(ASKED), follow_up_at=now() + timedelta(days=2), **given)
        case _:
            escalate(note=ESCALATED, **given)


@cache
def urgencies() -> Mapping[str, str]:
    """How soon each of the demo's messages wants an answer, by its text."""
    written = [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()]
    told = {each["text"]: each["urgency"] for each in written}
    return {**told, GERMAN: "same_day", FEVERISH: "emergency"}
