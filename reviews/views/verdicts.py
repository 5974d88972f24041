"""The verdict: kept while it is entered, confirmed where it is adverse, submitted, and on to the next."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.proving import NotProven, prove
from audit import vault
from cases.definition import Definition
from cases.definition.wording import orders_in
from cases.models import Case
from reviews.adverse.checking import check_grounds
from reviews.casefile import judged_case, load, visible_case
from reviews.claims import ClaimLost
from reviews.committing import commit_verdict, words_of
from reviews.drafts import with_drafted_fields
from reviews.entering import keep_for_return, keep_verdict
from reviews.independence import commitment_by, judges_blind
from reviews.locking import LateWrite, what_happened
from reviews.models import Claim, Commitment, Correction, Review, Signature
from reviews.presenting.casepage import field_rows
from reviews.presenting.data import Item
from reviews.presenting.fields import errors_first
from reviews.presenting.words import inside, spoken_case
from reviews.replying import open_again
from reviews.reviewing import NotCommitted, submit_review
from reviews.signatures import Proof, asked_of, note_refused
from reviews.undoing import offer_to
from reviews.verdicts import (
    IncompleteVerdict,
    ReplyWords,
    Verdict,
    check_verdict,
    given_at_once,
)
from reviews.views.case import lease_on, work
from reviews.views.glances import opened_of, seen_in
from reviews.views.home import next_case
from reviews.views.in_place import elsewhere, in_place
from reviews.views.late import late_page
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.signing import signing_panel
from reviews.views.working import number, told

NO_PROBLEMS: Mapping[str, str] = {}
ASKED_ANEW = frozenset({"csrfmiddlewaretoken", "confirmed", "password", "code"})
"""What no page keeps of a form that is asked about."""
FIELD_NAME = re.compile(r"[a-z0-9_-]{1,70}")
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Entered:
    """The verdict's form as it was sent.

    `seen` are the numbers of the pages that were in view, with for how many seconds, where that is said;
    `commits` where it was shown without the model's view; `keeps` where the reviewer stands by what they
    had committed to.
    """

    fence: int
    version: int
    outcome: str
    reasons: tuple[str, ...]
    explanation: str
    needed_person: bool | None
    seen: Mapping[int, int | None]
    confirmed: bool
    stop: bool
    commits: bool
    keeps: bool
    reply: ReplyWords
    pointed: Mapping[str, str]

    @classmethod
    def of(cls, sent: QueryDict) -> "Entered":
        """The form in a POST; what makes no sense in it is left out."""
        outcome = sent.get("verdict", "")
        return cls(
            fence=number(sent.get("fence")),
            version=number(sent.get("version")),
            outcome=outcome,
            reasons=tuple(sent.getlist(f"reason:{outcome}")),
            explanation=sent.get("explanation", "").replace("\0", "").strip(),
            needed_person={"yes": True, "no": False}.get(sent.get("needed_person", "")),
            seen=seen_in(sent.get("opened", "")),
            confirmed=sent.get("confirmed") == "yes",
            stop="stop" in (sent.get("next"), sent.get("keeps")),
            commits=sent.get("commits") == "yes",
            keeps="keeps" in sent,
            reply=reply_in(sent, outcome),
            pointed=pointed_in(sent, outcome),
        )

    @property
    def verdict(self) -> Verdict:
        """The verdict as it was sent; the words on fields stand in the draft."""
        return Verdict(
            outcome=self.outcome,
            reason_codes=self.reasons,
            explanation=self.explanation,
            opened=opened_of(self.seen),
            needed_person=self.needed_person,
            reply=self.reply,
            pointed=self.pointed,
        )

    @property
    def draft(self) -> dict[str, Any]:
        """The verdict as it stands in a draft."""
        return {
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "explanation": self.explanation,
            "needed_person": self.needed_person,
            "reply": self.reply.kept(),
            **({"pointed": dict(self.pointed)} if self.pointed else {}),
        }


def pointed_in(sent: QueryDict, outcome: str) -> dict[str, str]:
    """The fields that the form points at for the reasons chosen in it, by their codes."""
    codes = sent.getlist(f"reason:{outcome}")
    given = {code: sent.get(f"shown:{outcome}:{code}", "") for code in codes}
    return {code: field for code, field in given.items() if FIELD_NAME.fullmatch(field)}


def reply_in(sent: QueryDict, outcome: str) -> ReplyWords:
    """The reply to an outcome in the form, its appointment still to be booked; each has its own."""
    given = {
        part: sent.get(f"{part}:{outcome}", "").replace("\0", "").replace("\r\n", "\n").strip()
        for part in ("reply", "reply_text", "contact", "slot")
    }
    text = given["reply_text"] if given["reply"] else ""
    slot = given["slot"] if UUID_TEXT.fullmatch(given["slot"]) else ""
    return open_again(ReplyWords(text, given["reply"], given["contact"], slot))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reviewer is asked about before a verdict counts. `unsettled` are fields' labels."""

    adverse: bool = False
    unsettled: tuple[str, ...] = ()
    signs: bool = False


@posted("case")
def draft(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Keeps the verdict as far as it is entered."""
    entered = Entered.of(request.POST)
    try:
        keep_verdict(case_id, entered.draft, fence=entered.fence, reviewer=person(request))
    except ClaimLost:
        return told(
            what_happened(entered.fence, reviewer=person(request)), HttpResponse(status=409)
        )
    return orders_told(entered.reply.text)


def orders_told(text: str) -> HttpResponse:
    """The answer to a draft, with what in its reply reads as an order for the page's own warning."""
    kept = HttpResponse(status=204)
    if text:
        kept.headers["HX-Trigger"] = json.dumps({"reply-orders": {"phrases": orders_in(text)}})
    return kept


@posted("case")
def verdict(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Takes the verdict; an adverse one, or one with unsettled fields, only after it was confirmed.

    Where the model's view is hidden the first answer is committed to, and the comparison follows.
    """
    me = person(request)
    found = judged_case(case_id, rights(request))
    entered = as_committed(found, Entered.of(request.POST), me, request.POST)
    try:
        answered = entered.confirmed or entered.keeps  # what is kept was asked about before
        if not answered and (asked := asks(request, found, entered)):
            return confirm(request, found, entered, asked)
        if not taken(request, found, entered):
            return elsewhere(request, "case", case_id)
    except NotProven as unproven:
        return unsigned(request, found, entered, unproven)
    except IncompleteVerdict as refused:
        return again(request, found, entered, refused)
    except LateWrite as late:
        if not taken_already(found, entered, me):
            return too_late(request, found, entered, late.changed)
    if offer_to(me) is None:
        label = spoken_case(found).outcome(entered.outcome).label
        said = {"reference": found.reference, "verdict": inside(label)}
        messages.success(request, _("%(reference)s: %(verdict)s.") % said)
    return elsewhere(request, "home") if entered.stop else next_case(request)


def taken(request: HttpRequest, found: Case, entered: Entered) -> bool:
    """Submits the verdict, or commits to it where that comes first; whether it was submitted.

    Raises NotProven where it is to be signed and who sent it did not show who they are.
    """
    me = person(request)
    sent: dict[str, Any] = {
        "fence": entered.fence,
        "case_version": entered.version,
        "verdict": entered.verdict,
        "reviewer": me,
        "rights": rights(request),
        "by": me.actor,
    }
    if not entered.commits or given_at_once(found.definition, entered.outcome):
        try:
            submit_review(**sent, proof=proof_in(request, found, entered))
            return True
        except NotCommitted:
            pass
    commit_verdict(**sent)
    return False


def proof_in(request: HttpRequest, found: Case, entered: Entered) -> Proof | None:
    """That the reviewer showed who they are, where the verdict is to be signed; raises NotProven."""
    if not asked_of(found.definition, entered.outcome):
        return None
    me, sent = person(request), request.POST
    password, code = sent.get("password", ""), sent.get("code", "").strip()
    second = prove(request, me, password=password, code=code)
    return Proof(me, Signature.Method.CODE if second else Signature.Method.PASSWORD)


def unsigned(
    request: HttpRequest, found: Case, entered: Entered, unproven: NotProven
) -> HttpResponse:
    """Asks for the signature, with what is wrong beside its control; everything sent stays as it is."""
    if unproven.tried:
        note_refused(found, controls=sorted(unproven.problems), by=person(request).actor)
    if in_place(request):
        return JsonResponse({"unsigned": unproven.problems}, status=422)
    answered = Asked(adverse=is_adverse(found.definition, entered.outcome), signs=True)
    problems = unproven.problems if "password" in request.POST else {}
    return confirm(request, found, entered, answered, problems)


def as_committed(found: Case, entered: Entered, reviewer: User, sent: QueryDict) -> Entered:
    """The form with what the reviewer had committed to, where they stand by that."""
    if not entered.keeps:
        return entered
    commitment = Commitment.objects.filter(
        case=found, reviewer=reviewer, round=F("case__queue_entry__round")
    ).first()
    if commitment is None:
        return entered
    words = words_of(commitment, vault.of(found.pk))
    return replace(
        entered,
        outcome=commitment.outcome,
        reasons=tuple(words["reasons"]),
        explanation=words["explanation"],
        reply=reply_in(sent, commitment.outcome),
        pointed=words.get("pointed", {}),
    )


def asks(request: HttpRequest, found: Case, entered: Entered) -> Asked | None:
    """What the reviewer is to confirm; None where there is nothing, or the case is not theirs now.

    Nothing is asked of what counts at once. Raises IncompleteVerdict: nobody is asked about a verdict
    that could not be taken.
    """
    me = person(request)
    signs = asked_of(found.definition, entered.outcome) is not None
    at_once = given_at_once(found.definition, entered.outcome)
    if at_once:
        return Asked(signs=True) if signs else None
    lease = lease_on(found.pk, me)
    if lease is None or lease.fence != entered.fence:
        return None
    file = load(visible_case(found.pk, rights(request)), person(request))
    predicted = file.prediction.outcome if file.prediction else None
    committed = commitment_by(me, file)
    switches = committed is not None and committed.outcome != entered.outcome
    explained = switches or judges_blind(me, file)
    given = with_drafted_fields(entered.verdict, file.opened, reviewer=me)
    check_verdict(given, found.definition, predicted, explained=explained)
    if file.route is not None:
        unseen = committed is not None or judges_blind(me, file)
        check_grounds(file.case, file.route.pk, given, file.opened, unseen=unseen)
    drafted = {name: word.kept() for name, word in given.fields.items()}
    rows = field_rows(file, drafted)
    unsettled = tuple(row.label for row in errors_first(rows)[0])
    adverse = is_adverse(found.definition, entered.outcome)
    asked = Asked(adverse, unsettled, signs and not entered.commits)
    return asked if asked != Asked() else None


def taken_already(found: Case, entered: Entered, reviewer: User) -> bool:
    """Whether this very verdict is recorded under its claim and stands: the form was sent twice.

    One that only corrects fields, or counts at once, may be sent without words, and is recorded with
    those that say so.
    """
    claim = {"case": found, "reviewer": reviewer, "claim": entered.fence, "undone_at": None}
    review = Review.objects.filter(**claim, outcome=entered.outcome).first()
    if review is None:
        return False
    purpose = f"explanation:{entered.fence}"
    explanation = vault.of(found.pk).open(purpose, review.sealed_explanation).decode()
    filled_in = (
        given_at_once(found.definition, review.outcome)
        or review.corrections.filter(kind=Correction.Kind.CORRECTED).exists()
    )
    same_reasons = set(review.reason_codes) == set(entered.reasons)
    same_words = explanation == entered.explanation
    return (same_reasons or (filled_in and not entered.reasons)) and (
        same_words or (filled_in and not entered.explanation)
    )


def is_adverse(definition: Definition, outcome: str) -> bool:
    """Whether a verdict goes against the person the case is about; an unknown one does not."""
    return any(spec.adverse for spec in definition.outcomes if spec.name == outcome)


def confirm(
    request: HttpRequest,
    found: Case,
    entered: Entered,
    asked: Asked,
    problems: Mapping[str, str] = NO_PROBLEMS,
) -> HttpResponse:
    """Asks a second time, everything that was sent kept in the form but what was to prove who sent it."""
    definition = spoken_case(found)
    texts = {reason.code: reason.text for reason in definition.reasons}
    kept = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    return render(
        request,
        "reviews/confirm.html",
        {
            "case": found,
            "asked": asked,
            "outcome": definition.outcome(entered.outcome).label,
            "reasons": [texts[code] for code in entered.reasons],
            "explanation": entered.explanation,
            "kept": [pair for pair in kept if pair[0] not in ASKED_ANEW],
            "signing": signing_panel(found, person(request)) if asked.signs else None,
            "problems": problems,
        },
        status=422 if problems else 200,
    )


def again(
    request: HttpRequest, found: Case, entered: Entered, refused: IncompleteVerdict
) -> HttpResponse:
    """The workbench with what is missing, or the late page where the claim is gone as well."""
    found = visible_case(found.pk, rights(request))
    lease = lease_on(found.pk, person(request))
    if lease is None or lease.fence != entered.fence:
        changed = what_happened(entered.fence, reviewer=person(request))
        return too_late(request, found, entered, changed)
    return work(
        request,
        found,
        lease,
        entered=entered.draft,
        problems=refused.problems,
        status=422,
    )


def too_late(request: HttpRequest, found: Case, entered: Entered, changed: str) -> HttpResponse:
    """Keeps what was sent as a draft, and says what happened; 404 for whoever never held the case."""
    me = person(request)
    if not Claim.objects.filter(pk=entered.fence, case=found, reviewer=me).exists():
        raise Http404
    keep_for_return(found.pk, entered.draft, fence=entered.fence, reviewer=me)
    definition = spoken_case(found)
    texts = {reason.code: reason.text for reason in definition.reasons}
    labels = {spec.name: spec.label for spec in definition.outcomes}
    sent = [
        Item(_("Verdict"), labels.get(entered.outcome, "")),
        Item(_("Reasons"), "\n".join(texts.get(code, code) for code in entered.reasons)),
        Item(_("Explanation"), entered.explanation),
        Item(_("Reply"), entered.reply.text),
    ]
    file = load(visible_case(found.pk, rights(request)), person(request))
    return late_page(request, file, fence=entered.fence, changed=changed, sent=sent)
