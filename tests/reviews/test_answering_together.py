"""An answer of the upstream that meets something else at the same instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases import lifecycle
from cases.models import Pipeline, Status
from reviews.holding import follow_up_due
from reviews.models import Hold, Notice, QueueEntry
from tests.casefiles import TESTER, found, waiting_case
from tests.conftest import Upstream
from tests.reviews.holds import asked, long_on_hold
from tests.reviews.test_asking import PAYSLIP, answer, untouched, with_papers
from tests.threads import in_threads, wait_for_lock


def test_of_an_answer_and_the_day_that_come_together_one_counts(
    own_database: str, make_upstream: Callable[[], Upstream], make_person: Callable[..., User]
) -> None:
    upstream, reviewer = make_upstream(), make_person(Role.REVIEWER)
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    case = waiting_case(loan, upstream.client)
    with transaction.atomic():
        hold = long_on_hold(case, reviewer, days=1, over=True, kind=Hold.Kind.QUESTION)

    def act(number: int) -> int:
        if number == 0:
            return follow_up_due(by=TESTER)
        return int(answer(Client(), upstream, hold).status_code)

    ended, *statuses = in_threads(4, act)
    assert sorted([200] * (not ended) + [409] * (2 + ended)) == sorted(statuses)
    assert Event.objects.filter(type="case.resumed").count() == 1
    assert Notice.objects.count() == 1
    entry = QueueEntry.objects.get(case=case)
    assert (entry.hold, entry.due_at) == (None, found(case).due_at)


def test_an_answer_that_meets_a_withdrawal_leaves_nothing_behind(
    own_database: str, make_upstream: Callable[[], Upstream], make_person: Callable[..., User]
) -> None:
    upstream, reviewer = make_upstream(), make_person(Role.REVIEWER)
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    case = waiting_case(loan, upstream.client)
    hold = asked(case, reviewer)
    sent = with_papers(PAYSLIP)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            lifecycle.move(found(case), Status.WITHDRAWN, by=upstream.client.actor)
            late = threads.submit(in_threads, 1, lambda _: answer(Client(), upstream, hold, sent))
            wait_for_lock()
        assert late.result()[0].status_code == 409
    assert untouched(hold)
    assert not Event.objects.filter(type__in=["case.resumed", "case.information_given"]).exists()
