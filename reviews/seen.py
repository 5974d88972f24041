"""Papers of other cases that a case's papers were found to be again, as far as a person may see them."""

from uuid import UUID

from django.db.models import Prefetch

from cases.models import Case, Document, Page
from reviews.casefile import CaseFile
from reviews.rights import Rights, visible_to


def papers_elsewhere(file: CaseFile, rights: Rights) -> dict[UUID, Document]:
    """The papers that the assessment names of other cases, with case and pages; the visible ones alone."""
    named = [each["other_document"] for each in file.found.get("duplicates", ())]
    wanted = [UUID(each) for each in named if each]
    if not wanted:
        return {}
    pages = Page.objects.order_by("number")
    documents = (
        Document.objects.filter(pk__in=wanted, case__in=visible_to(rights, Case.objects.all()))
        .select_related("case")
        .prefetch_related(Prefetch("pages", pages))
    )
    return {document.pk: document for document in documents}
