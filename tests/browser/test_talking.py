"""Talking and waiting in a real browser: rules 14 and 15 of the workbench."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.timezone import localdate
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from accounts.roles import Role
from audit import vault
from cases import blobs
from cases.models import Case
from reviews.asking import answer
from reviews.commenting import comment_on, comments_on, purpose_of
from reviews.drafts import load_draft
from reviews.models import Claim, Hold, Notice
from tests.browser.conftest import Served
from tests.browser.test_accessibility import Inspection, inspection
from tests.casefiles import held
from tests.loans import Loan, loan_in_review
from tests.processes import eventually

__all__ = ["inspection"]  # a fixture

SignIn = Callable[[Page, str], None]


def opened_by(page: Page, served: Served, sign_in: SignIn, name: str) -> tuple[User, Case]:
    """Somebody signed in, with a case in their hands and its page open."""
    reviewer = served.person(name, Role.REVIEWER)
    case = loan_in_review(served.client, Loan())
    held(case, reviewer)
    sign_in(page, name)
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    return reviewer, case


def texts(case: Case) -> list[str]:
    """What was commented on a case."""
    opened = vault.of(case.pk)
    return [opened.open(purpose_of(each), each.sealed_text).decode() for each in comments_on(case)]


def test_a_colleague_is_mentioned_by_keyboard_alone_and_a_comment_is_quoted(
    page: Page, served: Served, sign_in: SignIn, inspection: Inspection
) -> None:
    served.person("winifred", Role.REVIEWER)
    reviewer, case = opened_by(page, served, sign_in, "tilda")
    page.keyboard.press("c")
    box = page.get_by_label("Write a comment")
    expect(box).to_be_focused()
    page.keyboard.type("Is this her employer, @wini")
    option = page.get_by_role("option", name="Winifred Okonkwo-Lindqvist @winifred")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(page.locator("#announcer")).to_have_text("1 colleague. Arrow keys choose, Enter takes.")
    expect(box).to_have_attribute("aria-activedescendant", "mention-0")
    inspection.look("a comment with colleagues to choose from")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Is this her employer, @winifred ")
    page.keyboard.type("do you know?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#comments [role=status]")).to_contain_text("Told: Winifred")
    expect(box).to_be_focused()
    assert texts(case) == ["Is this her employer, @winifred do you know?"]
    assert Notice.objects.get(case=case).person.username == "winifred"
    assert Claim.objects.get(case=case).ended == "", "the verdict was not sent"
    page.keyboard.type("No @nobo")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Quote").click()
    words = "Tilda Okonkwo-Lindqvist: “Is this her employer, @winifred do you know?”"
    page.get_by_role("radio", name="Approve").check()
    expect(page.get_by_label("Explanation")).to_have_value(words)
    opened = vault.of(case.pk)
    eventually(
        lambda: load_draft(opened, reviewer=reviewer).get("explanation") == words, "the draft"
    )
    inspection.look("comments")


def test_a_mention_is_counted_and_listed_until_its_case_is_open(
    page: Page, served: Served, sign_in: SignIn, inspection: Inspection
) -> None:
    served.person("ottilie", Role.REVIEWER)
    author = served.person("berthold", Role.REVIEWER)
    case = loan_in_review(served.client, Loan())
    comment_on(case, "Yours, @ottilie?", author=author, by=author.actor)
    sign_in(page, "ottilie")
    expect(page.get_by_role("link", name="1 notice")).to_be_visible()
    expect(page.locator("#notices")).to_contain_text("Berthold Okonkwo-Lindqvist mentioned you")
    inspection.look("home with a notice")
    page.locator("#notices").get_by_role("link", name=case.reference).click()
    expect(page.locator("#comments")).to_contain_text("Yours, @ottilie?")
    expect(page.get_by_role("link", name="1 notice")).to_have_count(0)


def test_a_case_is_put_on_hold_by_keyboard_and_taken_up_again(
    page: Page, served: Served, sign_in: SignIn, inspection: Inspection
) -> None:
    reviewer, case = opened_by(page, served, sign_in, "hedda")
    page.keyboard.press("h")
    words = page.get_by_label("Why it has to wait")
    expect(words).to_be_focused()
    page.keyboard.type("The employer calls back.")
    page.get_by_role("button", name="3 days").locator("visible=true").click()
    inspection.look("the form to put on hold")
    words.press("Control+Enter")
    page.wait_for_url(f"{served.house.url}/")
    until = localdate() + timedelta(days=3)
    expect(page.locator(".messages")).to_contain_text(f"On hold until {until.day} ")
    expect(page.get_by_role("region", name="What I set aside")).to_contain_text(case.reference)
    assert localdate(Hold.objects.get(case=case).follow_up_at) == until
    inspection.look("home with a case set aside")
    page.get_by_role("link", name=case.reference).click()
    expect(page.locator(".case-due")).to_contain_text("Paused since")
    expect(page.locator("#holds")).to_contain_text("The employer calls back.")
    inspection.look("a case on hold")
    page.get_by_role("button", name="Take up again").click()
    expect(page.get_by_role("radio", name="Approve")).to_be_visible()
    expect(page.locator(".case-due")).to_contain_text("left")
    assert Claim.objects.filter(case=case, reviewer=reviewer, ended_at=None).exists()


def test_the_upstream_is_asked_and_its_answer_stands_beside_the_case(
    page: Page, served: Served, sign_in: SignIn, inspection: Inspection
) -> None:
    _, case = opened_by(page, served, sign_in, "asta")
    page.keyboard.press("q")
    question = page.get_by_label("Your question")
    expect(question).to_be_focused()
    page.keyboard.type("Who pays her?")
    about = page.get_by_role("group", name="Papers that it concerns")
    about.get_by_label("Payslip").check()
    inspection.look("the form to ask")
    page.get_by_role("button", name="Ask the upstream").locator("visible=true").click()
    expect(page.locator(".messages")).to_contain_text("The upstream is asked.")
    page.get_by_role("link", name=case.reference).click()
    expect(page.locator(".case-due")).to_contain_text("waits for the upstream")
    expect(page.locator("#holds")).to_contain_text("Concerns: Payslip")
    hold = Hold.objects.select_related("case").get(case=case)
    with blobs.atomic():
        answer(hold, "The payroll bureau.", (), by=served.client.actor)
    page.goto(f"{served.house.url}/")
    expect(page.locator("#notices")).to_contain_text("The upstream has answered")
    page.locator("#notices").get_by_role("link", name=case.reference).click()
    page.get_by_role("button", name="Take this case").click()
    expect(page.locator("#holds")).to_contain_text("The payroll bureau.")
    inspection.look("a case with an answer")


def test_all_of_it_without_scripts(browser: Browser, served: Served, sign_in: SignIn) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    served.person("ragnar", Role.REVIEWER)
    _, case = opened_by(page, served, sign_in, "solveig")
    page.get_by_label("Write a comment").fill("See this, @ragnar and @nobody")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.wait_for_url("**/#comments")
    expect(page.locator(".messages")).to_contain_text("Nobody here works under the name @nobody.")
    expect(page.locator("#comments")).to_contain_text("See this, @ragnar")
    page.locator("summary", has_text="Put on hold").click()
    page.get_by_label("Why it has to wait").fill("The employer calls back.")
    page.get_by_label("Follow up on").locator("visible=true").fill("2020-01-01")
    page.locator("form[action$='/hold/']").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Put on hold").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("Something is missing.")
    expect(page.get_by_label("Why it has to wait")).to_have_value("The employer calls back.")
    tomorrow = localdate() + timedelta(days=1)
    page.get_by_label("Follow up on").fill(tomorrow.isoformat())
    page.get_by_role("button", name="Put on hold").click()
    page.wait_for_url(f"{served.house.url}/")
    assert Hold.objects.filter(case=case).exists()
    context.close()
