"""Page images and originals: opened from their seal for who may see the case."""

from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from audit import vault
from audit.events import record
from audit.vault import Vault
from cases.blobs import fetch
from cases.models import Case, Document, Page
from inference.images import SMALLER
from inference.pages import picture_of
from reviews.casefile import judged_case
from reviews.masking import hidden_from
from reviews.reading import note_papers
from reviews.rights import by_glass
from reviews.views.people import person, rights

log = structlog.get_logger("countersign.papers")

SHUT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What came from outside is shown as an image or saved, and can do nothing here."""

FOR_A_WHILE = f"private, max-age={settings.CLAIM_MINUTES * 60}, immutable"
"""How long a browser may keep a page's image, which never changes: as long as a claim, so that what
was fetched ahead is there when its case comes. Nobody else gets it from there: the session stands in
`Vary: Cookie`, the address holds a random id that only pages kept nowhere tell, and signing out has
the browser forget it (see `config.middleware`)."""


NOT_KEPT = "private, no-store"


@require_safe
@login_required
def page_image(
    request: HttpRequest, case_id: UUID, page_id: UUID, size: str = "full"
) -> HttpResponse:
    """The image of a page, as normalised by ourselves; `size` is thumb, screen or full."""
    if size != "full" and size not in SMALLER:
        raise Http404("no such size")
    found = refuse_masked(request, case_id)
    page = get_object_or_404(Page, pk=page_id, document__case=found)
    if not page.blob:
        raise Http404("no image could be made of this page")
    content = shown(page, vault.of(case_id), size)
    note_papers(found, page.document_id, reader=person(request))
    kept = NOT_KEPT if by_glass(rights(request), found) else FOR_A_WHILE
    headers = {**SHUT, "Cache-Control": kept}
    return HttpResponse(content, content_type=page.media_type, headers=headers)


def shown(page: Page, opened: Vault, size: str) -> bytes:
    """A page's picture; one whose file is missing is no page to be seen, and the log says so."""
    try:
        return picture_of(page, opened, size)
    except FileNotFoundError as missing:
        log.error("page_file_missing", page=str(page.pk), size=size)
        raise Http404("the image of this page is missing") from missing


@require_safe
@login_required
@transaction.atomic
def original(request: HttpRequest, case_id: UUID, document_id: UUID) -> HttpResponse:
    """A paper as it was sent, to be saved; that somebody did is an event."""
    found = refuse_masked(request, case_id)
    if by_glass(rights(request), found):
        raise PermissionDenied  # an emergency is for reading, and nothing is taken away
    document = get_object_or_404(Document, pk=document_id, case=found)
    opened = vault.of(case_id)
    name = opened.open(f"document_name:{document.pk}", document.sealed_name).decode()
    content = fetch(opened, f"document:{document.pk}", document.blob)
    record(
        "document.downloaded",
        by=person(request).actor,
        case_id=case_id,
        pipeline=found.definition.slug,
        data={"document": str(document.pk)},
    )
    disposition = content_disposition_header(as_attachment=True, filename=name or document.kind)
    return HttpResponse(
        content,
        content_type=document.media_type,
        headers={
            **SHUT,
            "Cache-Control": NOT_KEPT,
            "Content-Disposition": disposition or "attachment",
        },
    )


def refuse_masked(request: HttpRequest, case_id: UUID) -> Case:
    """The case; raises PermissionDenied while its papers are hidden from the person, Http404 for none."""
    found = judged_case(case_id, rights(request))
    if hidden_from(person(request), found).papers:
        raise PermissionDenied
    return found
