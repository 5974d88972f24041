"""Where on the papers a posted value was read."""

import re
from collections.abc import Mapping, Sequence

from cases.models import Document, Page
from inference.regions import within
from reviews.presenting.papers import slots
from reviews.verdicts import Source

EDGE = re.compile(r"(?<!\S)-?[0-9]{1,6}(?!\S)")


def source_in(sent: Mapping[str, str], documents: Sequence[Document]) -> Source | None:
    """The place that a form names by `page` (its id) and `box` (left, top, right, bottom in pixels).

    None where it names none, or none on these papers.
    """
    page = page_named(sent.get("page", ""), documents)
    edges = [int(edge) for edge in EDGE.findall(sent.get("box", ""))]
    if page is None or len(edges) != 4:
        return None
    box = within(edges, page.width, page.height)
    return Source(str(page.pk), box) if box else None


def page_named(name: str, documents: Sequence[Document]) -> Page | None:
    """The page with this id of which there is an image."""
    pages = [page for document in documents for page in slots(document)]
    return next((page for page in pages if page and page.blob and str(page.pk) == name), None)
