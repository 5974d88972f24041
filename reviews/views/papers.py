"""Page images and originals: opened from their seal for who may see the case, and never kept."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from audit import vault
from audit.events import record
from cases.blobs import fetch
from cases.models import Case, Document, Page
from reviews.rights import visible_to
from reviews.views.people import person, rights

SHUT = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What came from outside is shown as an image or saved, and can do nothing here."""


@require_safe
@login_required
def page_image(request: HttpRequest, case_id: UUID, page_id: UUID) -> HttpResponse:
    """The image of a page, as normalised by ourselves."""
    page = get_object_or_404(Page, pk=page_id, document__case__in=mine(request, case_id))
    if not page.blob:
        raise Http404("no image could be made of this page")
    content = fetch(vault.of(case_id), f"page:{page.pk}", page.blob)
    return HttpResponse(content, content_type=page.media_type, headers=SHUT)


@require_safe
@login_required
@transaction.atomic
def original(request: HttpRequest, case_id: UUID, document_id: UUID) -> HttpResponse:
    """A paper as it was sent, to be saved; that somebody did is an event."""
    document = get_object_or_404(Document, pk=document_id, case__in=mine(request, case_id))
    opened = vault.of(case_id)
    name = opened.open(f"document_name:{document.pk}", document.sealed_name).decode()
    content = fetch(opened, f"document:{document.pk}", document.blob)
    record(
        "document.downloaded",
        by=person(request).actor,
        case_id=case_id,
        data={"document": str(document.pk)},
    )
    disposition = content_disposition_header(as_attachment=True, filename=name or document.kind)
    return HttpResponse(
        content,
        content_type=document.media_type,
        headers={**SHUT, "Content-Disposition": disposition or "attachment"},
    )


def mine(request: HttpRequest, case_id: UUID) -> QuerySet[Case]:
    """The case if the person may see it, as a query."""
    return visible_to(rights(request), Case.objects.filter(pk=case_id))
