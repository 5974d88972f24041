"""Rules 5 and 7: a person's own keys on any keyboard, the palette, Tab through what is to settle."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from accounts.roles import Role
from accounts.settings import change_settings
from cases.models import Case
from tests.browser.conftest import Served
from tests.browser.test_accessibility import Inspection
from tests.casefiles import held
from tests.loans import Loan, loan_in_review
from tests.processes import eventually

SignIn = Callable[[Page, str], None]
PRESS = """(sign) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...sign}))"""
"""A press as a browser reports it: a keyboard's layout is what Playwright can't choose."""


@pytest.fixture
def ada(served: Served) -> Iterator[User]:
    """A reviewer of the test's own."""
    number = User.objects.count()
    yield served.person(f"ada{number}", Role.REVIEWER)


@pytest.fixture
def bench(page: Page, served: Served, sign_in: SignIn, ada: User) -> Case:
    """A case on Ada's bench: income differs, the amount is unsure, the employer too."""
    case = loan_in_review(served.client, Loan(due_in=timedelta(hours=5)))
    sign_in(page, ada.username)
    held(case, ada)
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    expect(page.locator("#to-settle")).to_have_text("3 to settle")
    return case


def value(page: Page, name: str) -> Locator:
    return page.locator(f"#value-{name}")


# ---------------------------------------------------------------- keys


def test_keys_are_the_persons_own_and_shown_as_such(page: Page, bench: Case, ada: User) -> None:
    change_settings(ada, by=ada.actor, keys={"next_field": "f", "loan.decline": "o"})
    page.reload()
    page.keyboard.press("j")
    expect(page.locator(".field.chosen")).to_have_count(0)
    page.keyboard.press("f")
    expect(page.locator("#field-net_income")).to_be_focused()
    expect(page.locator(".verdict", has_text="Decline").locator("kbd")).to_have_text("O")
    page.keyboard.press("d")
    expect(page.get_by_role("radio", name="Decline")).not_to_be_checked()
    page.keyboard.press("o")
    expect(page.get_by_role("radio", name="Decline")).to_be_checked()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys.locator("[data-entry=next_field]")).to_have_text(re.compile(r"F\s*Next field"))
    expect(keys.locator("[data-own-key]").nth(1)).to_have_text("ODecline; asks twice")


def test_a_verdict_is_taken_back_by_its_key_by_escape_and_by_a_button(
    page: Page, bench: Case
) -> None:
    decline, explanation = page.get_by_role("radio", name="Decline"), page.locator("#explanation")
    page.keyboard.press("d")
    expect(explanation).to_be_visible()
    page.keyboard.press("d")
    expect(decline).not_to_be_checked()
    expect(explanation).to_be_hidden()
    expect(page.locator("#announcer")).to_have_text("No verdict is chosen.")
    page.keyboard.press("d")
    page.keyboard.press("Escape")
    expect(decline).not_to_be_checked()
    page.keyboard.press("d")
    with page.expect_response(re.compile("/draft/$")):
        page.get_by_role("button", name="Choose none").click()
    page.reload()
    expect(decline).not_to_be_checked()


def test_keys_are_found_on_any_keyboard(page: Page, bench: Case) -> None:
    page.keyboard.press("d")
    reason = page.get_by_label("Obligations are excessive")
    for sign, does in (
        ({"key": "é", "code": "Digit2"}, True),  # the 2 of a French keyboard
        ({"key": "2", "code": "Digit2", "shiftKey": True}, True),
        ({"key": "2", "code": "Numpad2"}, True),
        ({"key": "²", "code": "Digit2", "modifierAltGraph": True}, False),
        ({"key": "2", "code": "Digit2", "altKey": True}, False),
        ({"key": "2", "code": "Digit2", "isComposing": True}, False),
        ({"key": '"', "code": "Digit2", "shiftKey": True}, False),
    ):
        page.evaluate(PRESS, sign)
        assert reason.is_checked() == does, sign
        reason.uncheck()
    for letter in ("J", "о"):  # Caps Lock; a keyboard without Latin letters
        page.reload()
        page.evaluate(PRESS, {"key": letter, "code": "KeyJ"})
        expect(page.locator("#field-net_income")).to_be_focused()


def test_switched_off_keys_leave_every_act_in_reach(page: Page, bench: Case, ada: User) -> None:
    page.keyboard.press("?")
    page.get_by_label("Keys of one sign work").uncheck()
    eventually(lambda: not User.objects.get(pk=ada.pk).single_keys, "the switch")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator(".field.chosen")).to_have_count(0)
    value(page, "net_income").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Confirm Net income")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("next to settle")
    page.keyboard.press("Enter")
    expect(page.locator(".field:focus")).to_have_attribute("data-state", re.compile("bad|warn"))


# ---------------------------------------------------------------- the palette


def test_the_palette_finds_acts_and_gives_the_focus_back(page: Page, bench: Case) -> None:
    page.keyboard.press("n")
    value(page, "net_income").focus()
    page.keyboard.press("Control+k")  # in the middle of a text
    line = page.get_by_role("combobox", name="Act, place or reference")
    expect(line).to_be_focused()
    page.keyboard.press("Escape")
    expect(value(page, "net_income")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("rotpag")  # letters in their order are enough
    found = page.get_by_role("listbox", name="What was found").get_by_role("option")
    first = found.first
    expect(first).to_contain_text("Rotate the page")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(line).to_have_attribute("aria-activedescendant", first.get_attribute("id") or "")
    page.keyboard.press("ArrowUp")
    expect(found.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(line).to_be_hidden()
    expect(page.locator('[data-sheet][data-turn="90"]')).to_have_count(1)
    page.keyboard.press("Control+k")
    page.keyboard.press("Control+k")
    expect(line).to_be_hidden()


def test_the_palette_leads_to_a_case_and_to_a_place(
    page: Page, served: Served, bench: Case
) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type(bench.reference)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/?reference={bench.reference}")
    page.get_by_role("button", name="Find").click()
    page.keyboard.type("settings")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/")
    page.keyboard.press("Control+k")
    page.keyboard.type("theme dark")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


# ---------------------------------------------------------------- fields


def test_tab_leads_through_what_must_be_settled_and_out(page: Page, bench: Case) -> None:
    page.keyboard.press("Tab")  # from the top of the page
    expect(value(page, "net_income")).to_be_focused()
    page.keyboard.press("Tab")
    expect(value(page, "amount")).to_be_focused()
    page.keyboard.press("Enter")  # as it stands
    expect(page.locator("#to-settle")).to_have_text("2 to settle")
    page.keyboard.press("Shift+Tab")
    expect(value(page, "net_income")).to_be_focused()
    page.keyboard.press("Tab")  # past the amount, which is settled
    expect(value(page, "employer")).to_be_focused()
    page.keyboard.press("Tab")
    expect(value(page, "applicant_name")).to_be_focused()
    values = page.locator("[data-fields] [name=value]").count()
    for _ in range(values):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[data-fields]')") is None


def test_enter_saves_a_value_in_its_place(page: Page, bench: Case) -> None:
    """A change told as the answer replaced the row was sent a second time, as a page of its own."""
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.evaluate("window.sameDocument = true")
    value(page, "employer").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Optik Brandt")
    page.keyboard.press("Enter")
    expect(page.locator("#field-employer")).to_contain_text("corrected by you")
    expect(page.locator("#field-employer")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("Tab")
    typed = "document.activeElement.value.slice(0, document.activeElement.selectionEnd)"
    assert page.evaluate(typed) == value(page, "applicant_name").input_value()  # all is selected
    assert page.evaluate("window.sameDocument")
    assert len([address for address in sent if address.endswith("/fields/employer/")]) == 1


def test_arrows_reach_the_buttons_of_a_row(page: Page, bench: Case) -> None:
    value(page, "net_income").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#field-net_income")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Net income is illegible")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#field-amount")).to_be_focused()
    page.keyboard.press("Enter")
    expect(value(page, "amount")).to_be_focused()


def test_a_score_is_told_to_who_asks(page: Page, bench: Case) -> None:
    score = page.locator("#field-amount [data-score]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#field-amount")).to_be_focused()
    expect(score).to_be_hidden()
    page.keyboard.press("e")
    expect(score).to_be_visible()
    expect(page.locator("#announcer")).to_contain_text("is asked.")


def test_a_corrected_field_shows_both_values_and_when(page: Page, bench: Case) -> None:
    page.keyboard.press("n")
    page.keyboard.press("x")
    page.keyboard.type("2341.18")
    page.keyboard.press("Enter")
    row = page.locator("#field-net_income")
    expect(row.locator("s")).to_have_text("2,431.18")
    expect(value(page, "net_income")).to_have_value("2,341.18")
    expect(row).to_contain_text(re.compile(r"corrected by you, \d?\d:\d\d"))
    expect(row).to_have_attribute("data-state", "settled")


def test_what_is_illegible_does_not_stand_as_a_value(page: Page, bench: Case) -> None:
    page.keyboard.press("n")
    page.keyboard.press("i")
    expect(page.locator("#field-net_income")).to_contain_text("Illegible, you say")
    expect(value(page, "net_income")).to_have_css("text-decoration-line", "line-through")
    page.keyboard.press("u")
    expect(value(page, "net_income")).to_have_css("text-decoration-line", "none")


# ---------------------------------------------------------------- settings


def test_a_key_is_set_by_pressing_it(
    page: Page, served: Served, sign_in: SignIn, ada: User
) -> None:
    sign_in(page, ada.username)
    page.goto(f"{served.house.url}/settings/")
    rotate = page.get_by_label("Rotate the page")
    rotate.focus()
    page.keyboard.press("j")
    expect(page.locator("#key-said-rotate")).to_have_text("J is already the key of “Next field”.")
    page.keyboard.press("F2")
    expect(page.locator("#key-said-rotate")).to_contain_text("screen readers need")
    page.evaluate(PRESS, {"key": "ö", "code": "Semicolon"})
    expect(rotate).to_have_value("Ö")
    expect(page.locator("#key-said-rotate")).to_be_empty()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Previous page")).to_be_focused()
    page.keyboard.press("Backspace")
    page.get_by_label("Compact").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your settings are saved.")).to_be_visible()
    ada.refresh_from_db()
    assert ada.keys == {"rotate": "ö", "previous_page": ""}
    page.get_by_role("button", name="Set all keys back").click()
    expect(page.get_by_label("Rotate the page")).to_have_value("R")


def test_compact_is_denser_and_leaves_nothing_out(page: Page, bench: Case) -> None:
    seen = """() => [...document.querySelectorAll('button, a, input, select, textarea')]
        .filter(each => each.checkVisibility()).length"""
    height = "() => document.querySelector('.fields').getBoundingClientRect().height"
    controls, tall = page.evaluate(seen), page.evaluate(height)
    page.locator("summary", has_text="Your menu").click()
    page.get_by_role("button", name="Compact").click()
    page.keyboard.press("Escape")
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
    assert page.evaluate(seen) == controls
    assert page.evaluate(height) < tall * 0.92
    small = """() => [...document.querySelectorAll('.field-act')]
        .filter(each => Math.min(each.offsetWidth, each.offsetHeight) < 24).length"""
    assert page.evaluate(small) == 0


def test_settings_palette_and_overlay_are_for_everybody(
    page: Page, served: Served, bench: Case
) -> None:
    inspection = Inspection(page)
    page.on("console", inspection.hear)
    page.keyboard.press("d")
    page.keyboard.press("?")
    inspection.look("keys")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    inspection.look("palette")
    page.keyboard.type("zzzz qqqq")
    inspection.look("palette with nothing but a reference")
    page.keyboard.press("Escape")
    page.goto(f"{served.house.url}/settings/")
    inspection.look("settings")
    page.get_by_label("Rotate the page").press("j")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is saved yet")
    inspection.look("settings that were refused")
    page.locator("summary", has_text="Your menu").click()
    inspection.look("menu")
    assert not inspection.flaws, "\n\n".join(inspection.flaws)


def test_the_explanations_key_leads_to_the_outcomes_where_none_is_chosen(
    page: Page, bench: Case
) -> None:
    page.keyboard.press("t")
    expect(page.locator("[name=verdict]").first).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.press("t")
    expect(page.locator("[name=explanation]")).to_be_focused()
