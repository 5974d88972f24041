"""Papers known again: in other cases, in the same one, and not where they merely look alike."""

import io
import random
from collections.abc import Callable, Sequence
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from PIL import Image

from accounts.models import ApiClient
from audit import vault
from cases import blobs, lifecycle
from cases.models import Case, Document, Page, Pipeline, Status
from config.demo import wear
from inference import images
from inference.duplicates import duplicates, near, others
from inference.extraction import FoundField
from inference.fingerprints import signed
from inference.likeness import picture_bits
from inference.models import Fingerprint
from inference.reading import save_fields
from tests.casefiles import TESTER, found, received_case
from tests.expenses import claim, item, visit
from tests.keys import destroy_key
from tests.pipelines import pipeline_of
from tests.threads import in_threads

SAID: dict[str, str | None] = {
    "merchant": "Harbour Bistro",
    "date": "2026-03-03",
    "total": "23.80",
    "currency": "EUR",
}


@pytest.fixture
def upstream(make_upstream: Callable[..., Any]) -> ApiClient:
    client: ApiClient = make_upstream().client
    return client


@pytest.fixture
def expenses(db: None) -> Pipeline:
    return pipeline_of("expense-claim")


def picture(seed: int, *, times: int = 0) -> bytes:
    """A visit to a till as a page; scanned `times` more, it is the same paper and another file."""
    scanned = wear.clean(visit(seed, 1), random.Random(times))
    return images.encode(scanned.convert("RGB"))


@transaction.atomic
def read_claim(
    pipeline: Pipeline,
    client: ApiClient,
    *papers: bytes,
    said: Sequence[dict[str, str | None]] = (SAID,),
    sure: float = 0.95,
) -> Case:
    """A claim of these receipts, read: each says what `said` has for it, and leaves its marks."""
    case = received_case(pipeline, client, data=claim(*[item()] * len(papers)))
    Case.objects.filter(pk=case.pk).update(copies={"receipt": len(papers)})
    case.refresh_from_db()
    opened, pages, fields = vault.of(case.pk), list[Page](), list[FoundField]()
    for position, content in enumerate(papers):
        pages.append(page_of(case, position, content))
        for name, value in said[position % len(said)].items():
            own = f"{name}-{position + 1}"
            fields.append(FoundField(own, value, value or "", position, None, sure * bool(value)))
    save_fields(case, fields, pages, opened, lifecycle.take_step(case.pk, Status.RECEIVED))
    return case


def page_of(case: Case, position: int, content: bytes) -> Page:
    """A receipt of one page."""
    opened = vault.of(case.pk)
    document = Document.objects.create(
        case=case,
        position=position,
        kind="receipt",
        media_type="image/jpeg",
        size=len(content),
        page_count=1,
        digest=vault.house_digest("document", content),
        sealed_name=opened.seal("name", b"r.jpg"),
        blob="none",
    )
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
    page = Page(
        document=document, number=1, width=width, height=height, digest="", media_type="image/jpeg"
    )
    page.blob = blobs.store(opened, f"page:{page.pk}", content)
    page.save(force_insert=True)
    return page


def how(case: Case) -> list[str]:
    return [each["how"] for each in duplicates(case)]


def test_the_same_file_in_another_claim_is_named_with_where_it_was(
    expenses: Pipeline, upstream: ApiClient
) -> None:
    first = read_claim(expenses, upstream, picture(1))
    second = read_claim(expenses, upstream, picture(2), picture(1), said=[{}, {}])
    assert duplicates(second) == [
        {
            "document": str(second.documents.get(position=1).pk),
            "kind": "receipt",
            "how": "file",
            "other_case": str(first.pk),
            "other_document": str(first.documents.get().pk),
            "page": 1,
            "other_page": 1,
        }
    ]
    assert how(first) == ["file"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ["content"]),
        ({"merchant": "HARBOUR  BISTRO GmbH"}, ["content"]),
        ({"merchant": None, "currency": None}, ["content"]),
        ({"merchant": "Alpine Motors"}, []),
        ({"currency": "GBP"}, []),
        ({"total": "23.90"}, []),
        ({"date": None}, []),
    ],
)
def test_another_picture_of_the_same_figures_is_the_same_receipt(
    expenses: Pipeline, upstream: ApiClient, changed: dict[str, str | None], expected: list[str]
) -> None:
    read_claim(expenses, upstream, picture(1))
    again = read_claim(expenses, upstream, picture(2), said=[{**SAID, **changed}])
    assert how(again) == expected


@pytest.mark.parametrize(
    ("changed", "sure", "expected"),
    [
        ({"total": "28.80"}, 0.8, ["image"]),
        ({"total": "28.80"}, 0.95, []),
        (dict.fromkeys(SAID), 0.95, ["image"]),
    ],
    ids=["read doubtfully", "read otherwise", "not read"],
)
def test_near_the_same_picture_counts_unless_it_certainly_says_something_else(
    expenses: Pipeline,
    upstream: ApiClient,
    changed: dict[str, str | None],
    sure: float,
    expected: list[str],
) -> None:
    read_claim(expenses, upstream, picture(1))
    again = read_claim(
        expenses, upstream, picture(1, times=1), said=[{**SAID, **changed}], sure=sure
    )
    assert how(again) == expected


def test_a_receipt_twice_in_one_claim_is_named_once(
    expenses: Pipeline, upstream: ApiClient
) -> None:
    case = read_claim(expenses, upstream, picture(1), picture(1, times=1))
    (one,) = duplicates(case)
    papers = [str(document.pk) for document in case.documents.order_by("position")]
    assert [one["other_document"], one["document"]] == papers
    assert (one["how"], one["other_case"]) == ("content", str(case.pk))


def test_neither_withdrawn_claims_nor_erased_ones_nor_other_pipelines_count(
    expenses: Pipeline, upstream: ApiClient, loan: Pipeline
) -> None:
    withdrawn = read_claim(expenses, upstream, picture(1))
    lifecycle.move(withdrawn, Status.WITHDRAWN, by=TESTER)
    erased = read_claim(expenses, upstream, picture(1))
    elsewhere = read_claim(expenses, upstream, picture(1))
    Case.objects.filter(pk=elsewhere.pk).update(pipeline=loan)
    destroy_key(erased.pk)
    assert how(read_claim(expenses, upstream, picture(1))) == []


def test_reading_again_replaces_what_a_paper_is_known_by(
    expenses: Pipeline, upstream: ApiClient
) -> None:
    case = read_claim(expenses, upstream, picture(1))
    before = set(case.fingerprints.values_list("kind", "digest", "bits"))
    assert {kind for kind, _, _ in before} == {"file", "content", "image"}
    Case.objects.filter(pk=case.pk).update(status=Status.RECEIVED)
    step = lifecycle.take_step(case.pk, Status.RECEIVED)
    pages = list(Page.objects.filter(document__case=case))
    save_fields(found(case), [], pages, vault.of(case.pk), step)
    after = set(case.fingerprints.values_list("kind", "digest", "bits"))
    assert after == {mark for mark in before if mark[0] != "content"}


def test_blank_pages_are_like_no_other(expenses: Pipeline, upstream: ApiClient) -> None:
    blank = images.encode(Image.new("RGB", (800, 1100), (250, 250, 250)))
    for _ in range(2):
        case = read_claim(expenses, upstream, blank, said=[{}])
    assert how(case) == []
    assert not Fingerprint.objects.exists()


def test_rows_tell_nothing_of_a_picture_or_what_stands_on_it(
    expenses: Pipeline, upstream: ApiClient
) -> None:
    read_claim(expenses, upstream, picture(1))
    mark = Fingerprint.objects.get(kind="image")
    assert mark.bits != signed(picture_bits(images.load(picture(1))) or 0)
    assert "23.80" not in str(list(Fingerprint.objects.values()))


def test_of_two_claims_read_at_the_same_time_one_sees_the_other(
    own_database: str, make_upstream: Callable[..., Any]
) -> None:
    expenses, client, content = pipeline_of("expense-claim"), make_upstream().client, picture(1)
    ready = Barrier(2)

    def read_then_look(number: int) -> list[str]:
        ready.wait()
        return how(read_claim(expenses, client, content))

    for _ in range(3):
        seen = in_threads(2, read_then_look)
        assert any(seen)


def test_the_indexes_serve_what_is_looked_for(expenses: Pipeline, upstream: ApiClient) -> None:
    case = read_claim(expenses, upstream, picture(1))
    mark = Fingerprint.objects.get(kind="image")
    with connection.cursor() as cursor:  # a table of three rows is sooner read as a whole
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert "fingerprint_by_band" in near(case, mark).explain()
    assert "fingerprint_by_digest" in others(case).filter(digest="0" * 64).explain()
