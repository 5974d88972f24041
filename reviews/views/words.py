"""Searching the words of a case's papers, as they were read."""

from itertools import islice
from uuid import UUID

from django.http import HttpRequest, JsonResponse

from audit import vault
from cases.models import Document
from inference.pages import latest_words
from inference.searching import occurrences
from reviews.casefile import visible_case
from reviews.presenting.papers import page_numbers, slots
from reviews.reading import note_papers
from reviews.views.papers import refuse_masked
from reviews.views.people import person, rights
from reviews.views.posted import posted

MOST_MATCHES = 500


@posted("case")
def words(request: HttpRequest, case_id: UUID) -> JsonResponse:
    """Where `q` stands on the papers: page numbers and boxes in pixels of the page's image.

    `wordless` counts the pages on which nothing can be found, since nothing was read there.
    """
    refuse_masked(request, case_id)
    found = visible_case(case_id, rights(request))
    ordered = Document.objects.filter(case=found).order_by("position")
    documents = list(ordered.prefetch_related("pages"))
    numbers = page_numbers(documents)
    read = latest_words(found, vault.of(case_id))
    matches = (
        {"page": number, "boxes": boxes}
        for page_id, number in numbers.items()
        if page_id in read
        for boxes in occurrences(read[page_id], request.POST.get("q", ""))
    )
    note_papers(found, *(document.pk for document in documents), reader=person(request))
    pages = sum(len(slots(document)) for document in documents)
    wordless = pages - sum(bool(page.words) for page in read.values())
    return JsonResponse({"matches": list(islice(matches, MOST_MATCHES)), "wordless": wordless})
