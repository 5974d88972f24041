"""A long paper for a case in review: pages as the worker keeps them, in all sizes."""

from PIL import Image, ImageDraw, ImageFont

from audit import vault
from cases import blobs
from cases.models import Case, Document, Page
from inference import images

WIDTH, HEIGHT = 1698, 2400


def with_long_paper(case: Case, count: int) -> None:
    """Adds a paper of `count` pages as large as a page may be."""
    opened = vault.of(case.pk)
    document = Document(
        case=case, position=90, kind="bank_statement", size=1, page_count=count, digest=""
    )
    document.sealed_name = opened.seal(f"document_name:{document.pk}", b"statement.pdf")
    document.save()
    for number in range(1, count + 1):
        content = drawn(number)
        page = Page(
            document=document,
            number=number,
            width=WIDTH,
            height=HEIGHT,
            media_type=images.MEDIA_TYPE,
        )
        page.blob = blobs.store(opened, f"page:{page.pk}", content)
        for size, picture in images.smaller(content).items():
            setattr(page, size, blobs.store(opened, f"page:{page.pk}:{size}", picture))
        page.save()


def drawn(number: int) -> bytes:
    """A page full of lines, with its number."""
    sheet = Image.new("L", (WIDTH, HEIGHT), 250)
    pen = ImageDraw.Draw(sheet)
    pen.text((100, 100), f"Page {number}", font=ImageFont.load_default(60), fill=20)
    for row in range(60):
        pen.text((100, 240 + 34 * row), f"{row:03} Amount 1,204.50 of March", fill=40)
    return images.encode(sheet)
