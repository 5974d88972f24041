"""Replies: what the person is told, and what of it may leave the house by itself.

Nothing does without consent, as the data says that the case was opened with: `agreed`, the policy, this
module's acts and a constraint of the database each see to it. Of several reviews the one that decides
the case is the one whose reply counts.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from audit import vault
from audit.actors import Actor
from audit.events import record
from audit.vault import Vault
from cases import announcing
from cases.announcing import Told
from cases.definition import Definition, OutcomeSpec, at_pointer
from cases.definition.wording import APPOINTMENT, NAME, filled, places_in
from cases.lifecycle import Step
from cases.models import Case, Decision
from cases.steps import StepFailed
from inference.knowing import consented
from reviews.models import Reply, Review, Route, Slot
from reviews.presenting.appointments import told_time
from reviews.slots import SlotTaken, book
from reviews.verdicts import NO_REPLY, IncompleteVerdict, ReplyWords, Verdict

LONGEST = 4000
"""Characters of a reply."""


class NotAgreed(StepFailed):
    """A reply would have gone out by itself although nobody agreed to that, or it is not complete."""


def agreed(definition: Definition, data: Mapping[str, Any]) -> bool:
    """Whether the person agreed to be contacted without a human hand; unasked is not agreed."""
    return definition.consent is not None and consented(definition, data)


def name_in(definition: Definition, data: Mapping[str, Any]) -> str:
    """By which name a reply addresses the person; empty where the data has none."""
    return str((definition.person and at_pointer(data, definition.person)) or "")


def open_again(words: ReplyWords, *, name: str = "") -> ReplyWords:
    """The reply with places where its appointment and the name stand: what is no fact may change yet."""
    slot = Slot.objects.filter(pk=words.slot).first() if words.slot and words.text else None
    text = words.text.replace(told_time(slot), f"{{{APPOINTMENT}}}") if slot else words.text
    return replace(words, text=text.replace(name, f"{{{NAME}}}") if name else text)


def reply_again(review: Review, opened: Vault) -> ReplyWords:
    """A review's reply as it was before it was kept: its appointment has to be confirmed anew."""
    kept = Reply.objects.filter(review=review.pk)
    reply = kept.select_related("review", "case__pipeline_version").first()
    if reply is None:
        return NO_REPLY
    slot = str(reply.slot_id or "")
    words = ReplyWords(text_of(reply, opened), reply.template, reply.contact, slot)
    data = opened.open_json("data", reply.case.sealed_data)
    return open_again(words, name=name_in(reply.case.definition, data))


def begun(words: ReplyWords, definition: Definition) -> ReplyWords:
    """The reply with its template's text where a template was chosen and nothing written."""
    templates = {spec.name: spec.text.strip() for spec in definition.replies}
    text = words.text.replace("\0", "").strip() or templates.get(words.template, "")
    template = words.template if words.template in templates else ""
    return ReplyWords(text, template, words.contact, words.slot)


def check_reply(
    words: ReplyWords, outcome: OutcomeSpec, *, known: Mapping[str, str], consent: bool
) -> None:
    """Raises IncompleteVerdict where the reply can't be kept as it is; `known` fills its places."""
    problems = {}
    if not words.text:
        problems["reply"] = _("Write the reply that tells of the appointment.")
    elif len(words.text) > LONGEST:
        problems["reply"] = _("The reply is longer than %(most)s characters.") % {"most": LONGEST}
    elif left := places_in(filled(words.text, known)):
        places = ", ".join(f"{{{place}}}" for place in left)
        problems["reply"] = _("The reply has a place that nothing fills: %(places)s.") % {
            "places": places
        }
    if words.contact not in Reply.Contact.values:
        problems["contact"] = _("Choose how the person is told.")
    elif words.contact == Reply.Contact.AUTOMATED and not consent:
        problems["contact"] = _("Nobody agreed to automated contact: choose who tells the person.")
    if words.slot and not outcome.appointment_minutes:
        problems["slot"] = _("“%(outcome)s” has no appointments.") % {"outcome": _(outcome.label)}
    if problems:
        raise IncompleteVerdict(problems)


def keep_reply(review: Review, verdict: Verdict, opened: Vault, *, by: Actor) -> Reply | None:
    """Keeps what a review lets the person know, and books what it promises; None where it says nothing.

    Raises IncompleteVerdict, also where the appointment was taken meanwhile. Must run in a transaction
    in which the review is kept.
    """
    if not verdict.reply:
        return None
    definition = review.case.definition
    words = begun(verdict.reply, definition)
    outcome = definition.outcome(review.outcome)
    data = opened.open_json("data", sealed_data(review.case))
    consent = agreed(definition, data)
    slot = booked(words, review, outcome, by=by)
    known = {NAME: name_in(definition, data), APPOINTMENT: told_time(slot) if slot else ""}
    check_reply(words, outcome, known=known, consent=consent)
    text = filled(words.text, known)
    return Reply.objects.create(
        case=review.case,
        review=review,
        template=words.template,
        sealed_text=opened.seal(purpose_of_review(review), text.encode()),
        contact=words.contact,
        consent=consent,
        slot=slot,
    )


def booked(words: ReplyWords, review: Review, outcome: OutcomeSpec, *, by: Actor) -> Slot | None:
    """The slot that the reply promises, booked; None where it promises none."""
    if not words.slot or not outcome.appointment_minutes:
        return None
    try:
        within = timedelta(minutes=outcome.appointment_minutes)
        return book(UUID(words.slot), review, within=within, by=by)
    except (SlotTaken, ValueError):
        said = _("That appointment is not free any more. Nothing else is lost: choose another one.")
        raise IncompleteVerdict({"slot": said}) from None


def sealed_data(case: Case) -> bytes:
    """The sealed data of a case that may have been loaded without it."""
    return bytes(Case.objects.values_list("sealed_data", flat=True).get(pk=case.pk))


def reply_by_policy(case: Case, route: Route) -> Reply | None:
    """Keeps the reply that goes out with an automatic decision; None where the outcome has none.

    Raises NotAgreed where nobody agreed to that: the policy should have sent the case to a person.
    Must run in a transaction.
    """
    fitting = (spec for spec in case.definition.replies if route.outcome in spec.outcomes)
    template = next((spec for spec in fitting if spec.automatic), None)
    if template is None:
        return None
    opened = vault.of(case.pk)
    data = opened.open_json("data", case.sealed_data)
    text = filled(template.text.strip(), {NAME: name_in(case.definition, data)})
    if not agreed(case.definition, data):
        raise NotAgreed("nobody agreed to automated contact")
    if places_in(text):
        raise NotAgreed("the reply has a place that nothing fills")
    return Reply.objects.create(
        case=case,
        route=route,
        template=template.name,
        sealed_text=opened.seal(purpose_of_route(route.pk), text.encode()),
        contact=Reply.Contact.AUTOMATED,
        consent=True,
    )


def reply_of(decision: Decision) -> Reply | None:
    """The reply that counts: of the review that decided the case, or of the policy's route."""
    replies = Reply.objects.filter(case=decision.case_id).select_related("review", "slot")
    if decision.made_by == Decision.MadeBy.POLICY:
        return replies.filter(route=decision.route_id).first()
    given = Review.objects.filter(
        case=decision.case_id, route=decision.route_id, undone_at=None
    ).order_by("-id")
    return replies.filter(review__in=given.values("pk")[:1]).first()


def text_of(reply: Reply, opened: Vault) -> str:
    """The words of a reply."""
    purpose = purpose_of_review(reply.review) if reply.review else purpose_of_route(reply.route_id)
    return opened.open(purpose, bytes(reply.sealed_text)).decode()


def announce(case: Case, step: Step) -> None:
    """Does the step of announcing, and tells of the reply that the upstream is to send, if any is."""
    with transaction.atomic():
        announcing.announce(case, step)
        if not case.definition.replies:
            return
        reply = reply_of(Decision.objects.get(case=case, superseded_at=None))
        if reply is not None and reply.contact == Reply.Contact.AUTOMATED:
            tell_ready(case, reply)


def tell_ready(case: Case, reply: Reply) -> None:
    """Tells the upstream that a reply is to be sent: where it stands, never what it says."""
    data = {"reply": reply.pk}
    announcing.tell(
        case, Told("reply.ready", about=f"reply:{reply.pk}", at=reply.written_at, data=data)
    )
    record(
        "reply.ready", by=announcing.BY, case_id=case.pk, pipeline=case.definition.slug, data=data
    )


def purpose_of_review(review: Review) -> str:
    """What a reviewer's reply is sealed for: the review is named by its claim."""
    return f"reply:{review.claim_id}"


def purpose_of_route(route_id: int | None) -> str:
    """What the policy's reply is sealed for."""
    return f"reply:route-{route_id}"
