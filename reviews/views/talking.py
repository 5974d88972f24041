"""Talking and waiting: comments, setting a case aside, asking the upstream, taking a case up again."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reviews.asking import request_information
from reviews.casefile import CaseFile, live_claim, load, visible_case
from reviews.claims import ClaimLost, HoldsAnother
from reviews.commenting import LONGEST, Written, colleagues_on, comment_on
from reviews.holding import BadFollowUp, NotHeld, hold_case
from reviews.holding import take_up as take_up_case
from reviews.independence import judges_blind, may_judge_later
from reviews.locking import what_happened
from reviews.presenting.data import Item
from reviews.presenting.formats import short_day
from reviews.presenting.words import spoken_case
from reviews.reading import note_case
from reviews.rights import by_glass
from reviews.talk import talk_beside
from reviews.views.asides import AsideForm, AskForm, HoldForm
from reviews.views.late import late_page
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.working import number

OFFERED = 300
"""So many names a comment is given to choose from."""


# ---------------------------------------------------------------- comments


@posted("case")
def comment(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Keeps a comment, and says who was told of it."""
    me = person(request)
    found = visible_case(case_id, rights(request))
    if by_glass(rights(request), found):
        raise PermissionDenied
    text = request.POST.get("text", "").replace("\0", "").replace("\r\n", "\n").strip()
    problem = problem_with(text)
    written = None if problem else comment_on(found, text, author=me, by=me.actor)
    told = told_of(written) if written else ""
    if not request.headers.get("HX-Request"):
        say = messages.error if problem else messages.success
        say(request, problem or told)
        return redirect(f"{reverse('case', args=[case_id])}#comments")
    file = load(found, me)
    note_case(found, reader=me)
    talk = talk_beside(file, me, rights(request), independent=is_independent(request, file))
    shown = {
        "case": found,
        "talk": talk,
        "told": told,
        "problem": problem,
        "kept": problem and text,
        "quotable": request.POST.get("quotable"),
    }
    return render(request, "reviews/_comments.html", shown, status=422 if problem else 200)


def is_independent(request: HttpRequest, file: CaseFile) -> bool:
    """Whether what others said must stay hidden from the person, as on the page that they have open."""
    me = person(request)
    if live_claim(file.case.pk, reviewer=me) is not None:
        return judges_blind(me, file)
    return may_judge_later(me, rights(request), file)


def problem_with(text: str) -> str:
    """What is wrong with a comment, in words; empty where nothing is."""
    if not text:
        return _("Write something first.")
    if len(text) > LONGEST:
        return _("That is too long: %(most)d characters at most.") % {"most": LONGEST}
    return ""


def told_of(written: Written) -> str:
    """Who hears of a comment, in words."""
    words = [_("Your comment is there.")]
    if written.mentioned:
        names = ", ".join(each.shown_name for each in written.mentioned)
        words.append(_("Told: %(names)s.") % {"names": names})
    if written.unknown:
        names = ", ".join(f"@{name}" for name in written.unknown)
        words.append(_("Nobody here works under the name %(names)s.") % {"names": names})
    return " ".join(words)


@require_safe
@login_required
def colleagues(request: HttpRequest, case_id: UUID) -> JsonResponse:
    """Those whom a comment on the case can mention."""
    found = visible_case(case_id, rights(request))
    people = colleagues_on(found).exclude(pk=person(request).pk)[:OFFERED]
    return JsonResponse(
        {"people": [{"username": each.username, "name": each.shown_name} for each in people]}
    )


# ---------------------------------------------------------------- setting aside and taking up


@posted("case")
def hold(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Sets the case aside until a day."""
    found = visible_case(case_id, rights(request))
    now = found.now  # type: ignore[attr-defined]  # annotated by visible_case
    return set_aside(request, case_id, HoldForm(request.POST, now=now, auto_id="hold_%s"))


@posted("case")
def ask(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Asks the upstream, and sets the case aside until it answers."""
    found = visible_case(case_id, rights(request))
    now = found.now  # type: ignore[attr-defined]  # annotated by visible_case
    form = AskForm(request.POST, now=now, definition=spoken_case(found), auto_id="ask_%s")
    return set_aside(request, case_id, form)


def set_aside(request: HttpRequest, case_id: UUID, form: AsideForm) -> HttpResponse:
    """Does what a form asks; what can't be done is shown with all that was typed."""
    me, fence = person(request), number(request.POST.get("fence"))
    if form.is_valid():
        until = form.cleaned_data["until"]
        given = {"fence": fence, "follow_up_at": until, "reviewer": me, "by": me.actor}
        try:
            if isinstance(form, AskForm):
                request_information(form.question, **given)
            else:
                hold_case(form.cleaned_data["words"], **given)
        except ClaimLost:
            return too_late(request, case_id, form, fence)
        except BadFollowUp:
            form.add_error("until", _("Choose a day from tomorrow to 90 days ahead."))
        else:
            messages.success(request, set_aside_words(form))
            return redirect("home")
    shown = {
        "case": visible_case(case_id, rights(request)),
        "form": form,
        "fence": fence,
        "question": isinstance(form, AskForm),
    }
    return render(request, "reviews/aside.html", shown, status=422)


def set_aside_words(form: AsideForm) -> str:
    """What a reviewer is told of a case that they set aside."""
    until = {"day": short_day(form.cleaned_data["until"])}
    if isinstance(form, AskForm):
        return _("The upstream is asked. The case waits until %(day)s, or its answer.") % until
    return _("On hold until %(day)s. Your draft stays with the case.") % until


def too_late(request: HttpRequest, case_id: UUID, form: AsideForm, fence: int) -> HttpResponse:
    """What happened to the case meanwhile, with what was typed."""
    return late_page(
        request,
        load(visible_case(case_id, rights(request)), person(request)),
        fence=fence,
        changed=what_happened(fence, reviewer=person(request)),
        sent=[Item(str(form.fields["words"].label), form.cleaned_data["words"])],
    )


@posted("case")
def take_up(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Takes a case up again before its day."""
    me = person(request)
    visible_case(case_id, rights(request))
    try:
        claim = take_up_case(case_id, reviewer=me, rights=rights(request), by=me.actor)
    except HoldsAnother as other:
        messages.warning(request, _("You hold this case: decide it or give it back first."))
        return redirect("case", other.claim.case_id)
    except NotHeld:
        messages.warning(request, _("The case is not on hold any more, or it is not yours."))
    else:
        if claim is None:
            messages.success(request, _("The case waits again."))
    return redirect("case", case_id)
