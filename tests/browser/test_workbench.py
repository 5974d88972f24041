"""The reviewer's work in a real browser: by keyboard alone, and without scripts."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from accounts.roles import Role
from audit import vault
from cases.models import Case, Decision
from reviews.claims import return_expired
from reviews.drafts import load_draft
from reviews.models import Correction, Review
from tests.browser.conftest import Served
from tests.casefiles import TESTER, expire, held, settled
from tests.conftest import PASSWORD
from tests.loans import Loan, loan_in_review
from tests.processes import eventually

SignIn = Callable[[Page, str], None]


def decided(case: Case) -> Decision:
    """The case's decision, settled from here as soon as its verdict has come."""
    decision = eventually(lambda: settled(case), "the verdict")
    assert decision is not None
    return decision


def drafted(case: Case, reviewer: User) -> set[str]:
    return set(load_draft(vault.of(case.pk), reviewer=reviewer).get("fields", {}))


def test_two_cases_by_keyboard_alone(page: Page, served: Served, sign_in: SignIn) -> None:
    soon, later = Loan(due_in=timedelta(minutes=10)), Loan(due_in=timedelta(minutes=20))
    first, second = (loan_in_review(served.client, each) for each in (soon, later))
    reviewer = served.person("keys", Role.REVIEWER)
    sign_in(page, "keys")
    expect(page.get_by_role("button", name="Start reviewing")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{first.pk}/")
    announcer = page.locator("#announcer")
    expect(page.locator("#to-settle")).to_have_text("3 to settle")

    page.keyboard.press("n")
    expect(page.locator("#field-net_income")).to_be_focused()
    expect(page.locator('[data-mark="net_income"]')).to_have_class(re.compile("mark-chosen"))
    page.keyboard.press("e")
    expect(page.locator("[data-zoom-level]")).not_to_have_text("100 %")
    page.keyboard.press("Space")
    expect(announcer).to_contain_text("Net income: Settled by you. 2 to settle.")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator("#value-amount")).to_be_focused()
    page.keyboard.type("a lot")
    page.keyboard.press("Enter")
    expect(page.locator("#field-amount")).to_contain_text("That is no amount")
    page.locator("#value-amount").press("Control+a")
    page.keyboard.type("8.540,00")
    page.keyboard.press("Enter")
    expect(page.locator("#field-amount s")).to_have_text("8,450.00")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    expect(page.locator("#to-settle")).to_have_text("2 to settle")
    page.keyboard.press("n")
    page.keyboard.press("i")
    expect(page.locator("#to-settle")).to_have_text("1 to settle")
    assert drafted(first, reviewer) == {"net_income", "employer"}

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("1 field is not settled: Loan amount.")
    page.keyboard.press("y")
    page.wait_for_url(f"**/cases/{second.pk}/")
    assert decided(first).outcome == "approve"
    kinds = Correction.objects.filter(review__case=first).values_list("field", "kind")
    assert set(kinds) == {("net_income", "confirmed"), ("employer", "illegible")}
    opened = Review.objects.get(case=first).shown["opened"]
    assert opened["pages"] == [1, 2]
    assert opened["seconds"].keys() == {"1", "2"}
    assert all(0 <= spent < 60 for spent in opened["seconds"].values())

    page.keyboard.press("d")
    page.keyboard.press("t")
    page.keyboard.type("Obligations outweigh what the payslip shows.")
    page.keyboard.press("Control+Enter")  # a reason is missing: said before anything is asked
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one reason.")
    page.keyboard.press("2")
    page.keyboard.down("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Obligations are excessive")
    expect(dialog.get_by_role("button", name="Go back")).to_be_focused()
    page.keyboard.down("Enter")  # still held down: answers nothing
    page.keyboard.up("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("y")
    assert decided(second).outcome == "decline"


def test_a_case_without_scripts(browser: Browser, served: Served, sign_in: SignIn) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=5)))
    served.person("plain", Role.REVIEWER)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "plain")
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{case.pk}/")
    page.locator("#value-net_income").fill("2341.18")
    page.get_by_role("button", name="Confirm Net income").click()
    expect(page.locator("#field-net_income s")).to_have_text("2,431.18")
    page.get_by_role("radio", name="Decline").check()
    page.get_by_label("The papers contradict the application").check()
    page.get_by_label("Explanation").fill("The payslip says otherwise.")
    page.get_by_role("button", name="Submit and stop").click()
    expect(page.get_by_role("alert")).to_contain_text("so the papers agree. That contradicts")
    expect(page.locator("#field-net_income")).to_contain_text("so the papers agree")
    page.get_by_label("The papers contradict the application").uncheck()
    page.get_by_label("Income is insufficient").check()
    page.get_by_label("Explanation").fill("")
    page.get_by_role("button", name="Submit and stop").click()
    expect(page.get_by_role("alert")).to_contain_text("Explain the verdict in a sentence.")
    page.get_by_label("Explanation").fill("The payslip's figure does not carry the instalments.")
    page.get_by_role("button", name="Submit and stop").click()
    page.get_by_role("button", name="Yes, this is my verdict").click()
    page.wait_for_url(f"{served.house.url}/")
    assert decided(case).reason_codes == ["income_insufficient"]
    context.close()


def test_what_a_verdict_lacks_is_said_beside_its_own_reasons(
    browser: Browser, served: Served, sign_in: SignIn
) -> None:
    """Told by the server, the lack stands before the verdicts, and once moved the reasons by one."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=1)))
    reviewer = served.person("lacking", Role.REVIEWER)
    sign_in(page, reviewer.username)
    held(case, reviewer)
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    page.get_by_role("radio", name="Decline").check()
    page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_role("alert").first).to_contain_text("Choose at least one reason")
    expect(page.get_by_role("group", name="Reasons to decline")).to_be_visible()
    expect(page.get_by_text("Reasons to approve")).to_be_hidden()
    context.close()


def test_a_lost_claim_is_told_and_nothing_is_lost(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=1)))
    reviewer = served.person("late", Role.REVIEWER)
    sign_in(page, "late")
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{case.pk}/")
    page.get_by_role("radio", name="Approve").check()
    page.route("**/heartbeat/", lambda beat: beat.fulfill(json={"seconds_left": 600}))
    page.get_by_label("Explanation").fill("Half a thought")
    page.keyboard.press("Tab")
    eventually(
        lambda: load_draft(vault.of(case.pk), reviewer=reviewer).get("explanation"), "the draft"
    )
    expire(case.claims.get())
    page.keyboard.press("Escape")
    page.locator("#field-net_income").get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("dialog")).to_contain_text("Your claim has expired.")
    page.get_by_role("link", name="Go to my queues").click()
    page.wait_for_url(f"{served.house.url}/")
    return_expired(by=TESTER)
    page.reload()
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{case.pk}/")
    expect(page.get_by_label("Explanation")).to_have_value("Half a thought")


def test_what_could_not_be_saved_is_said(page: Page, served: Served, sign_in: SignIn) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=1)))
    served.person("cut", Role.REVIEWER)
    sign_in(page, "cut")
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{case.pk}/")
    confirm = page.locator("#field-net_income").get_by_role("button", name="Confirm")
    page.context.set_offline(True)
    confirm.click()
    expect(page.get_by_role("alert")).to_contain_text("No connection")
    expect(page.locator("#to-settle")).to_have_text("3 to settle")
    page.locator("#value-amount").fill("5000")
    page.keyboard.press("Tab")
    page.context.set_offline(False)  # both are sent again, unasked
    expect(page.locator("#to-settle")).to_have_text("1 to settle")
    expect(page.locator("#field-amount s")).to_have_text("8,450.00")
    expect(page.locator("#trouble")).to_be_hidden()


def test_a_session_that_ends_takes_nothing_with_it(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=1)))
    served.person("ended", Role.REVIEWER)
    sign_in(page, "ended")
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{case.pk}/")
    page.context.clear_cookies(name="sessionid")
    page.locator("#value-employer").fill("Tuinbouw B.V.")
    page.get_by_role("radio", name="Decline").check()
    page.get_by_label("Income is insufficient").check()
    page.get_by_label("Explanation").fill("It does not carry the instalments.")
    page.get_by_role("radio", name="No", exact=True).check()
    expect(page.locator("#trouble")).to_contain_text("You were signed out.")
    page.get_by_role("button", name="Submit and stop").click()
    page.get_by_role("button", name="Yes, this is my verdict").click()
    page.get_by_label("Username").fill("ended")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case.pk}/")
    expect(page.get_by_label("Explanation")).to_have_value("It does not carry the instalments.")
    expect(page.get_by_role("radio", name="Decline")).to_be_checked()
    expect(page.get_by_label("Income is insufficient")).to_be_checked()
    expect(page.get_by_role("radio", name="No", exact=True)).to_be_checked()
    expect(page.locator("#field-employer")).to_contain_text("corrected by you")
    page.get_by_role("button", name="Submit and stop").click()
    page.get_by_role("button", name="Yes, this is my verdict").click()
    page.wait_for_url(f"{served.house.url}/")
    assert decided(case).outcome == "decline"
    assert "kept:" not in page.evaluate("Object.keys(sessionStorage).join()")


def test_a_page_that_does_not_come_is_said_and_asked_for_again(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=1)))
    served.person("blind", Role.REVIEWER)
    page.route("**/pages/**", lambda image: image.abort())
    sign_in(page, "blind")
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    sheet = page.locator("#page-1")
    expect(sheet).to_contain_text("This page could not be rendered")
    expect(sheet.locator("[data-mark]").first).to_be_hidden()
    page.unroute("**/pages/**")
    sheet.get_by_role("button", name="Try again").click()
    expect(sheet.get_by_role("img")).to_be_visible()
    expect(sheet.get_by_text("This page could not be rendered")).to_be_hidden()


@pytest.mark.parametrize("size", [(1024, 768), (390, 844)])
def test_nothing_covers_what_is_entered(
    page: Page, served: Served, sign_in: SignIn, size: tuple[int, int]
) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=1)))
    reviewer = served.person(f"narrow{size[0]}", Role.REVIEWER)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    sign_in(page, reviewer.username)
    held(case, reviewer)
    page.goto(f"{served.house.url}/cases/{case.pk}/#field-iban")
    assert page.evaluate("document.querySelector('main').scrollTop") == 0
    if size[0] > 900:
        assert page.evaluate("scrollY") == 0
    expect(page.locator(".verdict-note").first).to_be_visible()
    page.get_by_role("radio", name="Decline").check()
    for box in (page.get_by_label("Explanation"), page.get_by_role("radio", name="Decline")):
        box.scroll_into_view_if_needed()
        assert box.evaluate(
            """box => {
                const {left, bottom} = box.getBoundingClientRect();
                return box.contains(document.elementFromPoint(left + 4, bottom - 4));
            }"""
        )
