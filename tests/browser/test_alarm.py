"""The alarm in a real browser: it comes by itself, is said once, runs down, and one key takes the case."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from reviews.models import Claim, Queue
from tests.browser.conftest import Served
from tests.casefiles import waiting_case
from tests.loans import Loan, loan_in_review
from tests.processes import eventually

SignIn = Callable[[Page, str], None]
POLL = 15_000  # milliseconds


@pytest.fixture
def pinned(served: Served) -> Iterator[Queue]:
    """A queue that sounds alarm as long as the test runs."""
    queue = Queue.objects.filter(slug="loan-papers")
    queue.update(pinned=True, alarm_minutes=10)
    yield queue.get()
    queue.update(pinned=False, alarm_minutes=None)


def test_an_alarm_comes_by_itself_and_one_key_takes_its_case(
    page: Page, served: Served, sign_in: SignIn, pinned: Queue
) -> None:
    mine = loan_in_review(served.client, Loan(due_in=timedelta(hours=3)))
    served.person("watcher", Role.REVIEWER)
    page.clock.install()
    sign_in(page, "watcher")
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{mine.pk}/")
    expect(page.locator("[data-alarm-case]")).to_have_count(0)
    urgent = waiting_case(
        mine.pipeline, served.client, queue=pinned.slug, due_in=timedelta(minutes=5)
    )
    page.clock.fast_forward(POLL)
    line = page.locator("[data-alarm-case]")
    expect(line).to_contain_text(f"1 due in {pinned.name}: {urgent.reference}")
    expect(line.locator("[data-alarm-left]")).to_have_text(re.compile(r"^4:[2-5]\d left$"))
    said = page.locator("#alarm [data-alarm-said]")
    expect(said).to_contain_text(urgent.reference)
    expect(page).to_have_title(f"(1) {mine.reference} · Countersign")
    said.evaluate("said => { said.textContent = 'said' }")
    page.clock.fast_forward(2 * POLL)
    expect(line.locator("[data-alarm-left]")).to_have_text(re.compile(r"^(4:[012]|3:[45])\d left$"))
    expect(said).to_have_text("said")  # and not again

    page.keyboard.press("!")
    page.get_by_role("button", name=f"Give {mine.reference} back and take").click()
    page.wait_for_url(f"**/cases/{urgent.pk}/")
    expect(line).to_have_count(0)
    assert Claim.objects.get(ended_at=None, reviewer__username="watcher").case == urgent
    page.get_by_role("button", name="Give back").click()
    page.wait_for_url(f"{served.house.url}/")
    expect(line).to_have_count(1)

    lost = page.get_by_text("Urgent cases cannot be watched")

    def polled_until_lost(is_lost: bool) -> bool:
        page.clock.fast_forward(POLL)
        return lost.is_visible() is is_lost

    page.route("**/alarm/*", lambda route: route.abort())
    eventually(lambda: polled_until_lost(True), "the alarm's word that nothing is heard")
    expect(page.locator("#trouble")).to_be_hidden()
    page.unroute("**/alarm/*")
    eventually(lambda: polled_until_lost(False), "the alarm to hear again")
