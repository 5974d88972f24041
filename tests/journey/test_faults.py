"""What fails while a case is on its way: it is still read once, and nothing is lost."""

from collections.abc import Callable

import pytest
import redis
from django.conf import settings

from audit.models import Event
from cases.models import Case, Page
from config.demo.loans import LoanCase, loan_cases
from inference.models import FieldRead, Reading
from tests.conftest import Upstream
from tests.journey.browsing import post_case, until
from tests.processes import House, eventually


@pytest.fixture(scope="module")
def scanned() -> LoanCase:
    """A case with papers that need OCR."""
    return next(
        case
        for case in loan_cases(400)
        if sum(paper.grade in ("clean", "worn") for paper in case.papers) == 3
    )


def read_once(case_id: str) -> None:
    """The case was read exactly once, each page of it too."""
    events = Event.objects.filter(case_id=case_id, type="case.read")
    assert events.count() == 1
    pages = Page.objects.filter(document__case_id=case_id)
    assert pages.count() == sum(
        Case.objects.get(pk=case_id).documents.values_list("page_count", flat=True)
    )
    assert Reading.objects.filter(page__in=pages).count() == pages.count()
    names = FieldRead.objects.filter(case_id=case_id).values_list("name", flat=True)
    assert len(names) == len(set(names)) > 0


def test_a_worker_killed_while_reading_leaves_the_case_to_another(
    house: House, make_upstream: Callable[[], Upstream], scanned: LoanCase
) -> None:
    upstream = make_upstream()
    house.start_web()
    worker = house.start_worker(COUNTERSIGN_STEP_LEASE="3")
    answer = post_case(house.url, upstream, data=scanned.data, papers=scanned.papers)
    case_id = answer.json()["id"]
    eventually(
        lambda: Page.objects.filter(document__case_id=case_id).exists(), "the first page to be read"
    )
    house.kill(worker)
    assert Case.objects.get(pk=case_id).status == "received"
    house.start_worker(COUNTERSIGN_STEP_LEASE="3")
    until(house.url, upstream, case_id, "in_review", "decided", "announced")
    read_once(case_id)
    assert Event.objects.filter(case_id=case_id, type="case.quarantined").count() == 0


def test_redis_emptied_on_the_way_loses_no_case(
    house: House, make_upstream: Callable[[], Upstream], scanned: LoanCase
) -> None:
    upstream = make_upstream()
    house.start_web()
    answer = post_case(house.url, upstream, data=scanned.data, papers=scanned.papers)
    case_id = answer.json()["id"]
    redis.Redis.from_url(settings.REDIS_URL).flushall()
    Case.objects.filter(pk=case_id).update(step_due_at="2020-01-01T00:00Z")  # as if time went by
    house.start_worker()
    eventually(
        lambda: Page.objects.filter(document__case_id=case_id).exists(), "the first page to be read"
    )
    redis.Redis.from_url(settings.REDIS_URL).flushall()
    until(house.url, upstream, case_id, "in_review", "decided", "announced")
    read_once(case_id)
