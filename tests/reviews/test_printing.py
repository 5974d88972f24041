"""Printed documents: the same bytes, a title, bookmarks, numbered pages, and a sign for each letter."""

import pypdfium2
from django.utils import translation
from reportlab.platypus import PageBreak

from reviews.printing.letters import marked_up, printable
from reviews.printing.sheets import Around, Heading, paragraph, printed

AROUND = Around("Case L-1", "loan", "sealed at 12")


def a_document() -> bytes:
    """Two pages with three headings."""
    head = [Heading("One"), paragraph("Grüße & <b> Łódź Ωμέγα 王"), Heading("Half", 1)]
    return printed([*head, PageBreak(), Heading("Two"), paragraph("x")], AROUND)


def test_the_same_content_gives_the_same_bytes() -> None:
    assert a_document() == a_document()


def test_a_document_has_title_language_bookmarks_and_numbered_pages() -> None:
    with translation.override("de"):
        content = a_document()
    document = pypdfium2.PdfDocument(content)
    words = [page.get_textpage().get_text_range() for page in document]
    assert document.get_metadata_dict()["Title"] == "Case L-1"
    assert b"/Lang (de)" in content
    marks = [(mark.get_title(), mark.level) for mark in document.get_toc()]
    assert marks == [("One", 0), ("Half", 1), ("Two", 0)]
    assert len(words) == 2
    assert "Grüße & <b> Łódź Ωμέγα [U+738B]" in words[0]
    assert all("sealed at 12" in text and "2" in text for text in words)


def test_what_has_no_letter_is_printed_as_its_code() -> None:
    assert printable("Jiří Żółć Ωραία → ≥ 5 €") == "Jiří Żółć Ωραία → ≥ 5 €"
    assert printable("王小明") == "[U+738B][U+5C0F][U+660E]"
    assert printable("a\u202eb\0") == "a[U+202E]b[U+0000]"
    assert printable("שלום")[:8] == "[U+05E9]"
    assert marked_up("<a> & b\nc") == "&lt;a&gt; &amp; b<br/>c"
