"""No wait between cases: the next one takes the place of the last, fetched ahead and claimed when shown."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, Route, expect

from accounts.roles import Role
from audit.models import Event
from cases.models import Case
from reviews.models import Claim, Correction, Review
from tests.browser.conftest import Served
from tests.loans import Loan, loan_in_review
from tests.processes import eventually

SignIn = Callable[[Page, str], None]


def waiting(served: Served, count: int) -> list[Case]:
    """So many cases, the most urgent first, before those of other tests."""
    soon = [Loan(due_in=timedelta(seconds=20 + number)) for number in range(count)]
    return [loan_in_review(served.client, loan) for loan in soon]


def start(page: Page, case: Case) -> None:
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{case.pk}/")


def approve(page: Page) -> None:
    """By keys: approve for the first reason, go on to the next, unsettled fields and all."""
    page.keyboard.press("a")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.keyboard.press("y")


def fetched(case: Case) -> int:
    return Event.objects.filter(case_id=case.pk, type="case.fetched_ahead").count()


def test_the_next_case_is_fetched_ahead_and_takes_the_place_of_the_last(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    first, second, third = waiting(served, 3)
    served.person("swift", Role.REVIEWER)
    sign_in(page, "swift")
    start(page, first)
    eventually(lambda: fetched(second), "the next case in the browser")
    assert not Claim.objects.filter(case=second).exists()
    page.wait_for_load_state("networkidle")
    page.evaluate("window.sameDocument = true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    approve(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {second.reference}")
    assert page.url.endswith(f"/cases/{second.pk}/")
    assert page.title().startswith(second.reference)
    assert page.evaluate("window.sameDocument")
    assert page.locator("#page-1 img").evaluate("image => image.complete && image.naturalWidth > 0")
    assert not [url for url in asked if f"{second.pk}/pages/" in url]
    claim = Claim.objects.get(case=second)
    fences = page.locator("main [name=fence]").evaluate_all("all => all.map(one => one.value)")
    assert set(fences) == {str(claim.pk)}
    expect(page.locator("#announcer")).to_contain_text(f"Next case: {second.reference}.")
    expect(page.locator(".messages")).to_contain_text(first.reference)
    page.keyboard.press("n")
    expect(page.locator("#field-net_income")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#to-settle")).to_have_text("2 to settle")
    approve(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {third.reference}")


def test_a_value_that_is_being_saved_goes_before_the_verdict(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    (case,) = waiting(served, 1)
    served.person("hasty", Role.REVIEWER)
    sign_in(page, "hasty")
    start(page, case)
    saving: list[Route] = []
    order: list[str] = []
    page.route("**/fields/amount/", lambda route: saving.append(route))
    page.on("response", lambda answer: order.append(f"answer {answer.url}"))
    page.on("request", lambda request: order.append(f"request {request.url}"))
    page.locator("#value-amount").fill("7,777")
    with page.expect_request("**/fields/amount/"):
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    approve(page)
    saving[0].continue_()
    page.wait_for_url(lambda url: str(case.pk) not in url)
    address = f"{served.house.url}/cases/{case.pk}"
    saved, sent = f"answer {address}/fields/amount/", f"request {address}/verdict/"
    assert order.index(saved) < order.index(sent)
    assert Correction.objects.filter(review__case=case, field="amount").exists()


def test_a_value_that_is_refused_holds_the_verdict_up(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    (case,) = waiting(served, 1)
    served.person("wrong", Role.REVIEWER)
    sign_in(page, "wrong")
    start(page, case)
    saving: list[Route] = []
    page.route("**/fields/amount/", lambda route: saving.append(route))
    page.locator("#value-amount").fill("a lot")
    with page.expect_request("**/fields/amount/"):
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    approve(page)
    saving[0].continue_()
    expect(page.locator("#value-amount")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("Loan amount: That is no amount")
    assert not Review.objects.filter(case=case).exists()
    page.unroute("**/fields/amount/")
    page.locator("#value-amount").fill("7,777")
    page.keyboard.press("Tab")
    expect(page.locator("#field-amount")).to_contain_text("corrected by you")
    page.locator("[data-submit-next]").click()
    page.get_by_role("button", name="Yes, this is my verdict").click()
    page.wait_for_url(lambda url: str(case.pk) not in url)
    assert Correction.objects.filter(review__case=case, field="amount").exists()
