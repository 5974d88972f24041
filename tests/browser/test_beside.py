"""What stands beside a case, in a real browser: guidance, the model asked again, and history."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from cases.models import Case
from tests.browser.conftest import Served
from tests.casefiles import held
from tests.loans import Loan, Read, loan_in_review

SignIn = Callable[[Page, str], None]


@pytest.fixture
def case(served: Served, page: Page, sign_in: SignIn, request: pytest.FixtureRequest) -> Case:
    """A loan in hand, its page open."""
    username = re.sub(r"\W+", "", request.node.name)[-25:]
    reviewer = served.person(username, Role.REVIEWER)
    made = loan_in_review(served.client, Loan(read={"amount": Read("19450.00", 0.95, "differs")}))
    held(made, reviewer)
    sign_in(page, username)
    page.goto(f"{served.house.url}/cases/{made.pk}/")
    return made


def test_rule_17_guidance_is_one_key_away_and_keeps_the_place(page: Page, case: Case) -> None:
    guidance = page.get_by_role("complementary", name="Guidance")
    page.keyboard.press("n")
    expect(page.locator("[data-field]:focus")).to_have_count(1)
    field = page.evaluate("document.activeElement.id")
    page.keyboard.press("g")
    expect(guidance).to_be_focused()
    page.keyboard.press("d")
    page.keyboard.press("1")
    expect(guidance.get_by_role("heading", name="Decline: the reasons")).to_be_visible()
    expect(guidance.get_by_role("heading", name="Approve: the reasons")).to_be_hidden()
    expect(guidance).to_contain_text("Work with the payslip's figure")
    expect(page.locator("#announcer")).to_contain_text("Income is insufficient")
    page.keyboard.press("Escape")
    expect(guidance).to_be_hidden()
    page.keyboard.press("g")
    expect(guidance).to_be_focused()
    page.keyboard.press("g")
    expect(guidance).to_be_hidden()
    assert field
    expect(page.locator(f"#{field}")).to_have_class(re.compile("chosen"))


def test_rule_13_the_model_is_asked_again_and_a_factor_leads_to_its_field(
    page: Page, case: Case
) -> None:
    amount = page.locator("#field-amount [name=value]")
    amount.fill("2,000.00")
    amount.press("Enter")
    expect(page.locator("#field-amount")).to_contain_text("corrected by you")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    again = page.locator("#then")
    expect(again).to_contain_text("The first prediction stays")
    expect(again.get_by_role("row", name=re.compile("^Amount"))).to_be_visible()
    expect(again).to_be_in_viewport()
    page.locator(".score-table").get_by_role("link", name="Amount", exact=True).click()
    expect(page.locator("#field-amount")).to_be_focused()


def test_rule_16_an_entry_of_the_history_opens_in_its_place(page: Page, case: Case) -> None:
    history = page.get_by_role("region", name="History")
    history.locator("summary", has_text="Scored").press("Enter")
    expect(history).to_contain_text("german-credit-scorecard 1")
    new = history.locator(".known-new")
    expect(new.filter(has_text="Prediction")).to_have_count(1)
    assert page.url.endswith(f"/cases/{case.pk}/")
