"""A policy drafted in a real browser by keyboard, tried on cases, signed by another, and put back."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from accounts.roles import Role
from cases.models import Pipeline
from reviews.models import PolicyVersion
from tests.browser.conftest import Served
from tests.browser.test_accessibility import Inspection, inspection
from tests.browser.test_board import another
from tests.casefiles import waiting_case

__all__ = ["inspection"]
SignIn = Callable[[Page, str], None]


def test_a_rule_is_written_checked_and_tried_and_somebody_else_signs_it(
    browser: Browser, page: Page, served: Served, sign_in: SignIn, inspection: Inspection
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    waiting_case(loan, served.client).queue_entry.delete()
    before = PolicyVersion.objects.get(pipeline=loan, active=True)
    served.person("drafter", Role.PIPELINE_ADMIN)
    served.person("signer", Role.PIPELINE_ADMIN)
    sign_in(page, "drafter")
    page.goto(f"{served.house.url}/lab/loan/")
    page.get_by_role("button", name="New draft").first.click()
    page.wait_for_url("**/lab/loan/proposals/*/")
    page.get_by_role("button", name="Add a rule").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("large")
    page.keyboard.press("Tab")
    page.keyboard.type("A large loan")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    rule = page.locator("[data-rule]", has=page.locator(":focus"))
    page.keyboard.type("data.loan.am")
    expect(page.locator("#suggestions [role=option]").first).to_contain_text("data.loan.amount")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type(" >")
    expect(rule.locator(".has-mistake")).to_contain_text("This is not complete.")
    inspection.look("the editor with a mistake")
    page.keyboard.type(" 100.0")
    expect(page.locator("[data-differences]")).to_contain_text("data.loan.amount > 100.0")
    expect(rule.locator(".has-mistake")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rule.locator("[data-tried]")).to_contain_text(re.compile(r"it holds for [1-9]"))
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("status").first).to_contain_text("Saved as revision 2.")
    page.get_by_role("button", name="Ask for a signature").click()
    expect(page.locator(".proposal-head")).to_contain_text("Waits for a signature")
    address = page.url
    theirs = another(browser, sign_in, "signer")
    theirs.goto(f"{served.house.url}/lab/")
    theirs.get_by_role("link", name=f"Draft from version {before.number}").click()
    theirs.wait_for_url(address)
    expect(theirs.locator(".changes")).to_contain_text("New rule large")
    theirs.get_by_role("button", name="Sign", exact=True).click()
    expect(theirs.locator(".proposal-head")).to_contain_text("Put in force")
    theirs.goto(f"{served.house.url}/lab/loan/")
    theirs.get_by_role("link", name=f"Put back version {before.number}").click()
    dialog = theirs.get_by_role("dialog")
    dialog.get_by_label("Why it is put back").fill("One was enough")
    dialog.get_by_role("button", name="Put version").click()
    expect(theirs.locator(".version-active")).to_contain_text("One was enough")
    assert PolicyVersion.objects.get(pipeline=loan, active=True).content == before.content
    theirs.context.close()
