"""What goes wrong while a case is open ends in a clear state, with nothing lost."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, Route, expect

from accounts.models import User
from accounts.roles import Role
from audit import vault
from cases import models
from cases.models import Case
from cases.withdrawing import withdraw
from reviews.drafts import load_draft
from reviews.models import Claim, Review
from tests.browser.conftest import Served
from tests.conftest import PASSWORD, TESTER
from tests.loans import Loan, loan_in_review
from tests.processes import eventually

SignIn = Callable[[Page, str], None]
WORDS = "The payslip shows less than what was declared."


def soon(served: Served) -> Case:
    return loan_in_review(served.client, Loan(due_in=timedelta(seconds=15)))


def start(page: Page, case: Case) -> None:
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{case.pk}/")


def decline(page: Page) -> None:
    page.get_by_role("radio", name="Decline").check()
    page.get_by_label("Income is insufficient").check()
    page.get_by_label("Explanation").fill(WORDS)


def explained(case: Case, reviewer: User) -> str:
    words: str = load_draft(vault.of(case.pk), reviewer=reviewer).get("explanation", "")
    return words


def test_two_tabs_on_one_case(page: Page, served: Served, sign_in: SignIn) -> None:
    case = soon(served)
    reviewer = served.person("tabs", Role.REVIEWER)
    sign_in(page, "tabs")
    start(page, case)
    other = page.context.new_page()
    other.goto(page.url)
    assert Claim.objects.filter(case=case).count() == 1
    decline(other)
    decline(page)
    page.get_by_role("button", name="Submit and stop").click()
    page.get_by_role("button", name="Yes, this is my verdict").click()
    page.wait_for_url(f"{served.house.url}/")
    other.get_by_label("Explanation").fill("Another thought.")
    dialog = other.get_by_role("dialog")
    expect(dialog).to_contain_text("Your review of this case had already been taken.")
    dialog.get_by_role("link", name="Go to my queues").click()
    other.wait_for_url(f"{served.house.url}/")
    assert Review.objects.get(case=case).reviewer == reviewer


def test_a_double_click_on_submit(page: Page, served: Served, sign_in: SignIn) -> None:
    case, after = soon(served), loan_in_review(served.client, Loan(due_in=timedelta(seconds=30)))
    served.person("double", Role.REVIEWER)
    sign_in(page, "double")
    start(page, case)
    decline(page)
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if "/verdict/" in asked.url else None)
    page.get_by_role("button", name="Submit and next").click()
    page.get_by_role("button", name="Yes, this is my verdict").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {after.reference}")
    assert len(sent) == 1
    assert Review.objects.filter(case=case).count() == 1
    assert not Review.objects.filter(case=after).exists()


def test_the_back_button_after_a_submit(page: Page, served: Served, sign_in: SignIn) -> None:
    case, after = soon(served), loan_in_review(served.client, Loan(due_in=timedelta(seconds=30)))
    served.person("back", Role.REVIEWER)
    sign_in(page, "back")
    start(page, case)
    decline(page)
    page.get_by_role("button", name="Submit and next").click()
    page.get_by_role("button", name="Yes, this is my verdict").click()
    page.wait_for_url(f"**/cases/{after.pk}/")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {case.reference}")
    expect(page.get_by_role("button", name="Submit and next")).to_have_count(0)
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {after.reference}")
    expect(page.get_by_role("button", name="Submit and next")).to_be_visible()
    assert Claim.objects.filter(case=after).count() == 1


def test_a_session_that_expires_in_mid_write(page: Page, served: Served, sign_in: SignIn) -> None:
    case = soon(served)
    reviewer = served.person("expired", Role.REVIEWER)
    sign_in(page, "expired")
    start(page, case)
    page.get_by_label("Employer").first.fill("Tuinbouw B.V.")
    page.context.clear_cookies(name="sessionid")
    decline(page)
    expect(page.locator("#trouble")).to_contain_text("You were signed out.")
    page.locator("#trouble").get_by_role("link", name="Sign in").click()
    page.get_by_label("Username").fill("expired")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case.pk}/")
    expect(page.get_by_label("Explanation")).to_have_value(WORDS)
    expect(page.get_by_role("radio", name="Decline")).to_be_checked()
    expect(page.locator("#field-employer")).to_contain_text("corrected by you")
    eventually(lambda: explained(case, reviewer) == WORDS, "the draft in the house")


def test_a_connection_that_is_lost_at_the_verdict_and_comes_back(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    case, after = soon(served), loan_in_review(served.client, Loan(due_in=timedelta(seconds=30)))
    served.person("wire", Role.REVIEWER)
    sign_in(page, "wire")
    start(page, case)
    decline(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Submit and next").click()
    page.get_by_role("button", name="Yes, this is my verdict").click()
    expect(page.locator("#trouble")).to_contain_text("No connection.")
    expect(page.get_by_label("Explanation")).to_have_value(WORDS)
    page.context.set_offline(False)
    expect(page.locator("#trouble")).to_be_hidden()
    page.get_by_role("button", name="Submit and next").click()
    page.get_by_role("button", name="Yes, this is my verdict").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {after.reference}")
    assert Review.objects.filter(case=case).count() == 1


def test_an_answer_that_is_lost_on_its_way_back_counts_once(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    case, after = soon(served), loan_in_review(served.client, Loan(due_in=timedelta(seconds=30)))
    served.person("answer", Role.REVIEWER)
    sign_in(page, "answer")
    start(page, case)
    decline(page)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/verdict/", lose, times=1)
    for _ in range(2):
        page.get_by_role("button", name="Submit and next").click()
        page.get_by_role("button", name="Yes, this is my verdict").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {after.reference}")
    assert Review.objects.filter(case=case).count() == 1


def test_an_error_of_ours_at_the_verdict(page: Page, served: Served, sign_in: SignIn) -> None:
    case = soon(served)
    served.person("broken", Role.REVIEWER)
    sign_in(page, "broken")
    start(page, case)
    decline(page)
    page.route("**/verdict/", lambda route: route.fulfill(status=500, body="broken"), times=1)
    for _ in range(2):
        page.get_by_role("button", name="Submit and stop").click()
        page.get_by_role("button", name="Yes, this is my verdict").click()
        if "/cases/" in page.url and not Review.objects.filter(case=case).exists():
            expect(page.locator("#trouble")).to_contain_text("That was not saved.")
    page.wait_for_url(f"{served.house.url}/")
    assert Review.objects.filter(case=case).count() == 1


def test_a_case_withdrawn_while_open(page: Page, served: Served, sign_in: SignIn) -> None:
    case = soon(served)
    reviewer = served.person("gone", Role.REVIEWER)
    sign_in(page, "gone")
    start(page, case)
    decline(page)
    case.refresh_from_db()
    withdraw(case, versions=None, by=TESTER)
    page.get_by_role("button", name="Submit and next").click()
    page.get_by_role("button", name="Yes, this is my verdict").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This came too late")
    expect(page.get_by_text("withdrawn")).not_to_have_count(0)
    expect(page.get_by_text(WORDS)).to_be_visible()
    assert not Review.objects.filter(case=case).exists()
    assert explained(case, reviewer) == WORDS


def test_a_page_whose_image_is_missing(page: Page, served: Served, sign_in: SignIn) -> None:
    case = soon(served)
    served.person("torn", Role.REVIEWER)
    torn = models.Page.objects.filter(document__case=case).order_by("document__position").first()
    assert torn is not None
    page.route(f"**/pages/{torn.pk}/**", lambda image: image.fulfill(status=404))
    sign_in(page, "torn")
    start(page, case)
    sheet = page.locator("#page-1")
    expect(sheet.get_by_text("This page could not be rendered")).to_be_visible()
    expect(sheet.get_by_role("link", name="Save the original")).to_be_visible()
    expect(page.locator("#page-2 img")).to_be_visible()
    page.get_by_role("radio", name="Approve").check()
    expect(page.get_by_role("button", name="Submit and next")).to_be_enabled()
