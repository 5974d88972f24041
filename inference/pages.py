"""A case's pages: rendered once, kept sealed, and each read once by an engine's version."""

from collections.abc import Iterator
from dataclasses import asdict
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from audit import vault
from audit.vault import Vault
from cases import blobs, lifecycle
from cases.lifecycle import Step
from cases.models import Case, Document, Page
from cases.papers import Limits
from cases.sandbox import SandboxDied
from inference import images
from inference.engines import Engine
from inference.images import PageImage
from inference.models import Reading
from inference.turning import read_upright
from inference.words import PageWords, Word

LIMITS = Limits(
    max_bytes=settings.PAPER_MAX_BYTES,
    max_pages=settings.PAPER_MAX_PAGES,
    max_pixels=settings.PAPER_MAX_PIXELS,
)


def read_pages(
    document: Document, opened: Vault, engine: Engine, step: Step
) -> Iterator[tuple[Page, PageWords]]:
    """A document's pages with their words, in order; each is kept at once, so that a worker which
    dies half-way leaves only the rest to do.

    Ends early where the rest can't be rendered. Raises StepTaken where the lease was lost meanwhile.
    """
    there = {page.number: page for page in Page.objects.filter(document=document)}
    if len(there) == document.page_count:
        for page in there.values():
            yield page, words_of(page, opened, engine)
        return
    blob = blobs.fetch(opened, f"document:{document.pk}", document.blob)
    rendered = images.render(blob, document.media_type, LIMITS)
    number = 0
    while True:
        try:
            image = next(rendered)
        except (StopIteration, SandboxDied):
            return
        number += 1
        lifecycle.renew_step(step)
        if number in there:
            yield there[number], words_of(there[number], opened, engine)
        else:
            yield keep_page(document, number, image, opened, engine)


def keep_page(
    document: Document, number: int, image: PageImage, opened: Vault, engine: Engine
) -> tuple[Page, PageWords]:
    """Keeps a rendered page with its words: its own, those of the same page seen before, or read."""
    digest = vault.house_digest("page", image.content)
    if image.words is not None:
        words, content = image.words, image.content
    else:
        words, content = seen_before(digest, engine) or read_upright(engine, image)
    page = Page(
        document=document,
        number=number,
        width=words.width,
        height=words.height,
        dpi=image.quality.dpi,
        quality=asdict(image.quality),
        digest=digest,
        media_type=image.media_type,
    )
    smaller = images.smaller(content)
    with blobs.atomic():
        page.blob = blobs.store(opened, f"page:{page.pk}", content)
        for size, picture in smaller.items():
            setattr(page, size, blobs.store(opened, f"page:{page.pk}:{size}", picture))
        page.save(force_insert=True)
        keep_words(page, words, opened)
    return page, words


def picture_of(page: Page, opened: Vault, size: str = "") -> bytes:
    """A page's picture, in one of `images.SMALLER` where there is one of it, else its own.

    Raises FileNotFoundError where it is missing, and CannotOpen where it was altered.
    """
    name = getattr(page, size) if size in images.SMALLER else ""
    if name:
        return blobs.fetch(opened, f"page:{page.pk}:{size}", name)
    return blobs.fetch(opened, f"page:{page.pk}", page.blob)


def latest_words(case: Case, opened: Vault) -> dict[UUID, PageWords]:
    """What was read last on each page of a case, by the page's id."""
    readings = (
        Reading.objects.filter(page__document__case=case)
        .select_related("page")
        .order_by("page_id", "-id")
        .distinct("page_id")
    )
    return {each.page_id: opened_words(each, each.page, opened) for each in readings}


def words_of(page: Page, opened: Vault, engine: Engine) -> PageWords:
    """The words of a kept page: those that it has from this engine's version, or read now."""
    for reading in Reading.objects.filter(page=page).order_by("-id"):
        if reading.engine != engine.name or reading.engine_version == engine.version:
            return opened_words(reading, page, opened)
    image = images.load(picture_of(page, opened))
    words = engine.read(image)
    keep_words(page, words, opened)
    return words


def seen_before(digest: str, engine: Engine) -> tuple[PageWords, bytes] | None:
    """What the same engine's version read on the same page in any case whose key still lives.

    With the picture as it was read there: it may have been turned upright.
    """
    reading = (
        Reading.objects.select_related("page__document")
        .filter(page__digest=digest, engine=engine.name, engine_version=engine.version)
        .first()
    )
    if reading is None:
        return None
    page = reading.page
    try:
        other = vault.of(page.document.case_id)
        return opened_words(reading, page, other), picture_of(page, other)
    except (vault.CannotOpen, FileNotFoundError):
        return None


def keep_words(page: Page, words: PageWords, opened: Vault) -> None:
    """Keeps a page's words, sealed; a second worker that read the same page keeps nothing twice."""
    read = [[word.text, list(word.box), round(word.confidence, 4)] for word in words.words]
    mean = sum(word.confidence for word in words.words) / max(1, len(words.words))
    try:
        with transaction.atomic():
            Reading.objects.create(
                page=page,
                engine=words.engine,
                engine_version=words.engine_version,
                sealed_words=opened.seal_json(f"words:{page.pk}", {"words": read}),
                word_count=len(read),
                confidence=mean,
            )
    except IntegrityError:
        return


def opened_words(reading: Reading, page: Page, opened: Vault) -> PageWords:
    """A reading's words."""
    read = opened.open_json(f"words:{page.pk}", reading.sealed_words)["words"]
    return PageWords(
        words=tuple(
            Word(text, (box[0], box[1], box[2], box[3]), confidence)
            for text, box, confidence in read
        ),
        width=page.width,
        height=page.height,
        engine=reading.engine,
        engine_version=reading.engine_version,
    )
