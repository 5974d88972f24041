"""Messages and claims by keyboard: marks and their sources, folded receipts, photos."""

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import Role
from tests.browser.conftest import Served
from tests.browser.desk import at, enter
from tests.browser.test_accessibility import Inspection, inspection
from tests.casefiles import held
from tests.claims_made import RECEIPTS, Expenses, Receipt, expense_case
from tests.loans import Read
from tests.messages import Message, message_case

__all__ = ["inspection"]  # a fixture


@pytest.fixture(autouse=True)
def no_errors(page: Page) -> list[str]:
    """Errors of the page's scripts; there are none."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def test_a_flag_leads_from_its_words_to_its_source_and_back(
    served: Served, page: Page, inspection: Inspection, no_errors: list[str]
) -> None:
    me = served.person("clinician1", Role.REVIEWER)
    enter(page, served, me)
    case = message_case(served.client, Message(photos=1), policy={"ceilings": {"emergency": 0.02}})
    held(case, me)
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    at(page, case)
    page.get_by_role("link", name="Flag 1: Chest pain").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#flag-1")).to_be_focused()
    expect(page.locator("#flag-1")).to_contain_text("Source: NICE CG95")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#said-flag-1-1")).to_be_focused()
    line = "word => getComputedStyle(word).textDecorationLine"
    word = page.locator(".message-text .word", has_text="chest")
    assert word.evaluate(line) == "underline"
    page.keyboard.press("*")
    expect(page.get_by_role("button", name="Words that moved")).to_have_attribute(
        "aria-pressed", "false"
    )
    assert word.evaluate(line) == "none"
    page.keyboard.press("*")
    page.get_by_text("What moved it for").click()
    inspection.look("a message with a photo")
    assert no_errors == []


def test_a_receipts_fields_lead_to_its_page_though_nothing_was_found_there(
    served: Served, page: Page, inspection: Inspection, no_errors: list[str]
) -> None:
    me = served.person("approver1", Role.REVIEWER)
    enter(page, served, me)
    before = expense_case(served.client, Expenses((RECEIPTS[0],)))
    receipts = (Receipt(repeats=before), *RECEIPTS[1:], Receipt(read={"total": Read(None)}))
    case = expense_case(served.client, Expenses(receipts))
    held(case, me)
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    at(page, case)
    page.keyboard.press("Tab")
    expect(page.locator("#value-total-2")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#value-total-4")).to_be_focused()
    expect(page.locator("[data-thumb=page-4]")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    for _press in range(6):
        page.keyboard.press("j")
    expect(page.locator("#field-merchant-1")).to_be_focused()  # its receipt was folded
    expect(page.locator("#field-merchant-1")).to_be_visible()
    expect(page.locator("[data-thumb=page-1]")).to_have_attribute("aria-current", "true")
    inspection.look("a claim")
    assert no_errors == []


def test_line_items_are_corrected_by_keys_and_taken_back(
    served: Served, page: Page, inspection: Inspection, no_errors: list[str]
) -> None:
    me = served.person("approver2", Role.REVIEWER)
    enter(page, served, me)
    case = expense_case(served.client)
    held(case, me)
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    at(page, case)
    page.locator("#paper-receipt-1").get_by_text("Receipt 1").click()
    items, why = page.locator("#field-items-1"), page.locator("#why-items-1")
    cells = items.locator("[data-cell]")
    cells.nth(0).focus()
    page.keyboard.press("Control+Delete")
    expect(cells.nth(0)).to_have_value("Acqua minerale")
    page.keyboard.press("Escape")
    expect(cells.nth(0)).to_have_value("Tagliatelle al ragù")
    expect(why).to_be_empty()  # nothing was saved by either
    cells.nth(2).fill("much")
    page.keyboard.press("Control+Enter")
    expect(why).to_contain_text("Row 1, Amount: that can't be it")
    expect(cells.nth(2)).to_be_focused()
    expect(cells.nth(2)).to_have_value("much")
    inspection.look("a table with a wrong cell")
    cells.nth(2).fill("30.00")
    cells.nth(9).fill("Caffè")
    cells.nth(14).focus()  # of the row that came after it
    page.keyboard.press("Tab")
    expect(page.locator("#value-merchant-3")).to_be_focused()
    expect(why).to_contain_text("Amount, row 1: 31.00 → 30.00")
    expect(why).to_contain_text("Row 4 added: Caffè")
    items.focus()
    page.keyboard.press("u")
    expect(why).to_be_empty()
    expect(cells).to_have_count(12)
    assert no_errors == []
