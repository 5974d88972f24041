"""Papers for cases that `bench.fill` has made: one demo case's, read once by the product itself."""

from uuid import UUID

from accounts.models import ApiClient
from audit import vault
from audit.vault import Vault
from bench.database import BENCH
from cases import blobs
from cases.intake import SentPaper, open_case
from cases.models import Case, Document, Page, Priority, new_id
from config.demo.applicants import applicant
from config.demo.papers import papers
from inference.images import SMALLER
from inference.models import FieldRead, Reading
from inference.pages import picture_of
from inference.tasks import read_case
from inference.training.holdout import held_out_rows
from reviews.models import QueueEntry


def give_papers(count: int) -> None:
    """Gives the `count` most urgent waiting cases the same papers, sealed for each."""
    source = one_that_was_read()
    opened = vault.of(source.pk)
    waiting = Case.objects.filter(queue_entry__in=QueueEntry.objects.order_by("due_at")[:count])
    for case in waiting.exclude(pk=source.pk):
        give(case, source, opened)


def one_that_was_read() -> Case:
    """A case posted with scanned papers and read, without a worker."""
    client = ApiClient.objects.get(name="fill")
    for seed, row in enumerate(held_out_rows()):
        someone = applicant(row.features, seed)
        sheets = papers(someone, seed)
        if all(paper.grade == "clean" for paper in sheets):
            break
    case = open_case(
        client=client,
        pipeline_slug="loan",
        reference="papers",
        data=dict(someone.data),
        papers=[SentPaper(each.kind, each.filename, each.blob) for each in sheets],
        priority=Priority.LOW,
        by=BENCH,
    )
    read_case(str(case.pk))
    return case


def give(case: Case, source: Case, opened: Vault) -> None:
    """Copies one case's papers, their pictures, words and fields, under the other's key."""
    own = vault.of(case.pk)
    pages: dict[UUID, Page] = {}
    for document in Document.objects.filter(case=source):
        theirs = list(Page.objects.filter(document=document))
        name = opened.open(f"document_name:{document.pk}", document.sealed_name)
        blob = blobs.fetch(opened, f"document:{document.pk}", document.blob)
        document.pk, document.case = new_id(), case
        document.sealed_name = own.seal(f"document_name:{document.pk}", name)
        document.blob = blobs.store(own, f"document:{document.pk}", blob)
        document.save(force_insert=True)
        pages |= {page.pk: page for page in theirs}  # by the ids that they are to lose
        for page in theirs:
            copy(page, document, opened, own)
    for field in FieldRead.objects.filter(case=source):
        value = opened.open(f"field:{field.name}", field.sealed_value)
        field.sealed_value = own.seal(f"field:{field.name}", value)
        field.pk, field.case = None, case
        field.page = pages[field.page_id] if field.page_id else None
        field.save(force_insert=True)


def copy(page: Page, document: Document, opened: Vault, own: Vault) -> None:
    """Makes a page another document's, its pictures and words with it."""
    before, readings = page.pk, list(Reading.objects.filter(page=page))
    pictures = {size: picture_of(page, opened, size) for size in ("", *SMALLER)}
    words = [(each, opened.open(f"words:{before}", each.sealed_words)) for each in readings]
    page.pk, page.document = new_id(), document
    page.blob = blobs.store(own, f"page:{page.pk}", pictures[""])
    for size in SMALLER:
        if getattr(page, size):
            setattr(page, size, blobs.store(own, f"page:{page.pk}:{size}", pictures[size]))
    page.save(force_insert=True)
    for reading, content in words:
        reading.pk, reading.page = None, page
        reading.sealed_words = own.seal(f"words:{page.pk}", content)
        reading.save(force_insert=True)
