"""What a reviewer does while holding a case: settling fields, staying, giving the case back."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from accounts.models import User
from cases.definition import FieldSpec
from reviews.casefile import CaseFile, load, visible_case
from reviews.claims import ClaimLost, release, renew
from reviews.drafts import load_draft
from reviews.entering import keep_for_return, settle_field
from reviews.independence import commitment_by, judges_blind
from reviews.locking import what_happened
from reviews.models import Correction
from reviews.presenting import grids, values
from reviews.presenting.casepage import field_rows, sums_now
from reviews.presenting.data import Item
from reviews.presenting.fields import UNREAD, FieldRow, ReadField, Refusal
from reviews.presenting.papergroups import paper_groups
from reviews.presenting.workbench import outcome_choices
from reviews.reading import note_case
from reviews.verdicts import FieldVerdict, Source
from reviews.views.case import lease_on, work
from reviews.views.late import late_page
from reviews.views.people import person, rights
from reviews.views.posted import posted
from reviews.views.sources import source_in

NOT_OF_TYPE = {
    "money": lazy("That is no amount"),
    "date": lazy("That is no date"),
    "percentage": lazy("That is no percentage"),
    "integer": lazy("That is no whole number"),
    "id": lazy("That is not how such a number looks"),
    "choice": lazy("That is none of the choices"),
}
NO_ROWS = grids.sent({})
"""A table that nothing was typed into."""


class NotAValue(ValueError):
    """What a person typed can't be the field's value; the message says so to them."""


@posted("case")
def field(request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
    """Keeps the reviewer's word on one field, as a draft."""
    me = person(request)
    file = load(visible_case(case_id, rights(request)), person(request))
    spec = next((spec for spec in file.definition.fields if spec.name == name), None)
    if spec is None:
        raise Http404("no such field")
    fence = number(request.POST.get("fence"))
    try:
        if name in file.hidden.fields:
            raise NotAValue(_("Masked: say first what you need to see it for"))
        source = source_in(request.POST, file.documents)
        word = word_of(request.POST, spec, file.read.get(name, UNREAD), source)
        draft = settle_field(case_id, name, word, fence=fence, reviewer=me)
    except NotAValue as no:
        note_case(file.case, reader=me)
        refusal = Refusal(name, text_of(request.POST, spec), str(no))
        lease = lease_on(case_id, me)
        if lease and lease.fence == fence and not request.headers.get("HX-Request"):
            return work(request, file.case, lease, refusal=refusal, status=422)
        draft = load_draft(file.opened, reviewer=me)
        return answer(request, file, draft, spec, fence, refusal=refusal, status=422)
    except ClaimLost:
        note_case(file.case, reader=me)
        changed = what_happened(fence, reviewer=me)
        if word is not None:
            late = {"fields": {name: word.kept()}}
            keep_for_return(case_id, late, fence=fence, reviewer=me)
        if not request.headers.get("HX-Request"):
            text = text_of(request.POST, spec)
            typed_text = grids.as_text(text, spec) if spec.type == "table" else text
            sent = [Item(spec.label, typed_text)]
            return late_page(request, file, fence=fence, changed=changed, sent=sent)
        unsaved = _("Not saved. %(changed)s") % {"changed": changed}
        refusal = Refusal(name, text_of(request.POST, spec), unsaved)
        kept = answer(request, file, {}, spec, fence, refusal=refusal, status=409)
        return told(changed, kept)
    return answer(request, file, draft, spec, fence)


def word_of(
    sent: Mapping[str, str], spec: FieldSpec, read: ReadField, source: Source | None
) -> FieldVerdict | None:
    """What the reviewer says of a field; None takes back what they said. Raises NotAValue.

    `source` is the place that they had read for it, if they had.
    """
    act, text = sent.get("act"), text_of(sent, spec)
    if act == "reopen":
        return None
    if act == "illegible":
        return FieldVerdict(Correction.Kind.ILLEGIBLE)
    if not text or (text == NO_ROWS and read.value is None):
        raise NotAValue(_("Enter the right value, or mark it illegible"))
    if text == values.shown(read.value, spec):
        return FieldVerdict(Correction.Kind.CONFIRMED, source=source)
    return corrected(text, spec, read, source)


def corrected(
    text: str, spec: FieldSpec, read: ReadField, source: Source | None = None
) -> FieldVerdict:
    """The word that a text is: a confirmation where it says what was read. Raises NotAValue."""
    value = typed(text, spec)
    if same(value, read.value, spec):
        return FieldVerdict(Correction.Kind.CONFIRMED, source=source)
    return FieldVerdict(Correction.Kind.CORRECTED, value, source)


def text_of(sent: Mapping[str, str], spec: FieldSpec) -> str:
    """What was typed for a field; of a table the cells, as one text."""
    return grids.sent(sent) if spec.type == "table" else sent.get("value", "").strip()


def typed(text: str, spec: FieldSpec) -> str:
    """What was typed in its canonical form; raises NotAValue."""
    if spec.type == "table":
        try:
            return grids.typed(text, spec)
        except grids.NotATable as no:
            raise NotAValue(str(no)) from no
    value = values.typed(text, spec)
    if value is None:
        raise NotAValue(str(NOT_OF_TYPE.get(spec.type, _("That is no value"))))
    return value


def same(value: str, read: str | None, spec: FieldSpec) -> bool:
    """Whether what was typed is what was read."""
    if spec.type == "table":
        return read is not None and grids.same(value, read, spec.columns)
    return value == read


def answer(
    request: HttpRequest,
    file: CaseFile,
    draft: Mapping[str, Any],
    spec: FieldSpec,
    fence: int,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The field's line again and how many are left; without htmx the page."""
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('case', args=[file.case.pk])}#field-{spec.name}")
    words = draft.get("fields", {})
    rows = field_rows(file, words, refusal)
    row = next(row for row in rows if row.name == spec.name)
    body = line(request, file, row, fence) + heads(file, row, rows)
    body += render_to_string("reviews/_sums.html", {"sums": sums_now(file, words), "swap": True})
    if refusal is None:
        body += grounds_now(person(request), file, draft)
    return HttpResponse(body, status=status)


def line(request: HttpRequest, file: CaseFile, row: FieldRow, fence: int) -> str:
    """The HTML of a field's line."""
    context = {"field": row, "case": file.case, "fence": fence}
    return render_to_string("reviews/_field.html", context, request)


def grounds_now(me: User, file: CaseFile, draft: Mapping[str, Any]) -> str:
    """The HTML of what bears out each reason, now that a field has another word."""
    choices = outcome_choices(
        file,
        draft,
        independent=judges_blind(me, file),
        own_keys=me.keys,
        committed=commitment_by(me, file),
    )
    return "".join(
        render_to_string(
            "reviews/_ground.html", {"outcome": outcome, "reason": reason, "swap": True}
        )
        for outcome in choices
        for reason in outcome.reasons
        if reason.asked
    )


def heads(file: CaseFile, row: FieldRow, rows: list[FieldRow]) -> str:
    """The HTML of what stands above: the count, and the head of the paper that the field is of."""
    left = sum(each.to_settle for each in rows)
    groups = paper_groups(rows, file.definition, file.data)
    return render_to_string("reviews/_to_settle.html", {"to_settle": left, "swap": True}) + "".join(
        render_to_string("reviews/_paper_head.html", {"group": group, "swap": True})
        for group in groups
        if row in group.rows
    )


@posted("case")
def heartbeat(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Lengthens the claim while its reviewer is active."""
    fence = number(request.POST.get("fence"))
    try:
        renew(fence, reviewer=person(request))
    except ClaimLost:
        changed = what_happened(fence, reviewer=person(request))
        return JsonResponse({"seconds_left": 0, "changed": changed}, status=409)
    return JsonResponse({"seconds_left": settings.CLAIM_MINUTES * 60})


@posted("case")
def give_back(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Gives the case back to its queue, the draft kept."""
    me = person(request)
    try:
        release(number(request.POST.get("fence")), reviewer=me, by=me.actor)
    except ClaimLost:
        messages.info(request, _("The case was no longer in your hands."))
    else:
        messages.success(request, _("Given back. Your draft stays with the case."))
    return redirect("home")


def told(changed: str, answer: HttpResponse) -> HttpResponse:
    """The answer to a write that came too late, with what happened for the page's own dialog."""
    answer.headers["HX-Trigger"] = json.dumps({"claim-lost": changed})
    return answer


def number(text: str | None) -> int:
    """A number that a form carries; 0, which is nothing's, where it is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0
