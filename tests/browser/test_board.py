"""The supervisor's board in a real browser: work given, taken over and passed on, each told to both."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from accounts.roles import Role
from reviews.models import QueueEntry
from tests.browser.conftest import Served
from tests.browser.test_accessibility import Inspection
from tests.casefiles import held
from tests.loans import Loan, loan_in_review

SignIn = Callable[[Page, str], None]


def another(browser: Browser, sign_in: SignIn, username: str) -> Page:
    """A page of somebody else, signed in."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(15_000)
    sign_in(page, username)
    return page


def reserved_for(case_id: UUID) -> User | None:
    return QueueEntry.objects.select_related("reserved_for").get(pk=case_id).reserved_for


def test_rule_8_a_supervisors_takeover_is_told_to_both(
    browser: Browser, page: Page, served: Served, sign_in: SignIn
) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=10)))
    reviewer = served.person("taken", Role.REVIEWER)
    served.person("taker", Role.SENIOR_REVIEWER)
    held(case, reviewer)
    theirs = another(browser, sign_in, "taken")
    theirs.goto(f"{served.house.url}/cases/{case.pk}/")
    sign_in(page, "taker")
    page.goto(f"{served.house.url}/board/")
    page.locator(f"#hand-free-{case.pk}").click()
    expect(page.get_by_role("status").first).to_contain_text("waits again")
    theirs.keyboard.press("n")
    theirs.keyboard.press("Space")
    dialog = theirs.get_by_role("dialog")
    expect(dialog).to_contain_text("Taker Okonkwo-Lindqvist took the case over.")
    expect(dialog).to_contain_text("kept with it as a draft")
    theirs.context.close()


def test_a_case_is_given_by_keyboard_and_started_first(
    browser: Browser, page: Page, served: Served, sign_in: SignIn
) -> None:
    loan_in_review(served.client, Loan(due_in=timedelta(minutes=2)))
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=25)))
    reviewer = served.person("given", Role.REVIEWER)
    served.person("giver", Role.SENIOR_REVIEWER)
    sign_in(page, "giver")
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    page.get_by_role("link", name="Give to").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/board/cases/{case.pk}/")
    page.get_by_role("radio", name="Given Okonkwo-Lindqvist").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/board/")
    assert reserved_for(case.pk) == reviewer
    theirs = another(browser, sign_in, "given")
    theirs.get_by_role("button", name="Start reviewing").click()
    theirs.wait_for_url(f"**/cases/{case.pk}/")
    theirs.context.close()


def test_the_board_keeps_itself_up_to_date_and_the_focus_where_it_is(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=-600)))
    served.person("overseer", Role.SENIOR_REVIEWER)
    page.clock.install()
    sign_in(page, "overseer")
    page.goto(f"{served.house.url}/board/")
    give = page.locator(f"#breach-give-{case.pk}")
    give.focus()
    later = loan_in_review(served.client, Loan(due_in=timedelta(minutes=-601)))
    expect(page.locator(f"#breach-give-{later.pk}")).to_have_count(0)
    page.clock.fast_forward(21_000)
    expect(page.locator(f"#breach-give-{later.pk}")).to_be_visible()
    expect(give).to_be_focused()


def test_rule_7_s_escalates_with_a_word_why(page: Page, served: Served, sign_in: SignIn) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=10)))
    held(case, served.person("passer", Role.REVIEWER))
    served.person("elder", Role.SENIOR_REVIEWER)
    sign_in(page, "passer")
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    expect(page.locator("[data-lease-words]")).to_contain_text("left")
    page.keyboard.press("s")
    expect(page.get_by_label("Why you escalate")).to_be_focused()
    page.keyboard.type("The payslip's stamp is odd.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.house.url}/")
    assert QueueEntry.objects.get(pk=case.pk).escalated


def test_rule_10_what_is_about_to_breach_stands_above_any_order(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=-900)))
    served.person("lister", Role.REVIEWER)
    sign_in(page, "lister")
    for query in ("", "?sort=deadline", "?status=decided", "?reference=nothing"):
        page.goto(f"{served.house.url}/cases/{query}")
        pinned = page.get_by_role("region", name="About to breach")
        expect(pinned.get_by_role("link", name=case.reference)).to_be_visible()
        expect(pinned).to_contain_text("15 h late")
    assert pinned.locator(".due-bad").count() > 0


def test_the_supervisors_pages_are_for_everybody(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    case = loan_in_review(served.client, Loan(due_in=timedelta(minutes=10)))
    held(case, served.person("busy", Role.REVIEWER))
    served.person("viewer", Role.SENIOR_REVIEWER)
    sign_in(page, "viewer")
    seen = Inspection(page)
    page.on("console", seen.hear)
    for path in ("board/", f"board/cases/{case.pk}/", "board/queues/loan-review/", "cases/"):
        page.goto(f"{served.house.url}/{path}")
        seen.look(path)
    assert not seen.flaws, "\n\n".join(seen.flaws)
