"""Ten cases by keyboard alone: no mouse, and no address typed after signing in."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from audit import vault
from cases.models import Case, Pipeline
from reviews.asking import question_of
from reviews.models import Claim, Comment, Commitment, Correction, Hold, Notice, QueueEntry, Review
from tests.browser.conftest import Served
from tests.browser.desk import Desk, at, desk_for
from tests.casefiles import settled, waiting_case
from tests.conftest import PASSWORD
from tests.loans import Loan


@pytest.fixture
def desk(page: Page, served: Served) -> Desk:
    """Somebody with a queue of their own, who has not signed in yet."""
    made = desk_for(page, served)
    page.context.clear_cookies()
    return made


@pytest.fixture
def cases(desk: Desk) -> list[Case]:
    """Ten cases, the first one the most urgent; the third without papers, the ninth blind."""
    return [made(desk, number) for number in range(1, 11)]


def made(desk: Desk, number: int) -> Case:
    due_in = timedelta(hours=number)
    if number not in (3, 9):
        return desk.loan(Loan(due_in=due_in))
    loans = Pipeline.objects.select_related("current").get(slug="loan")
    return waiting_case(
        loans, desk.served.client, queue=desk.queue.slug, due_in=due_in, blind=number == 9,
        predicted="decline" if number == 3 else "approve", confidence=0.66,
    )  # fmt: skip


def press(page: Page, *keys: str) -> None:
    """Presses one key after the other."""
    for key in keys:
        page.keyboard.press(key)


def say(page: Page, key: str, box: Locator, words: str) -> None:
    """Goes to a text by its key, and writes."""
    page.keyboard.press(key)
    expect(box).to_be_focused()
    page.keyboard.type(words)


def start(page: Page, desk: Desk, case: Case) -> None:
    """From home on to the next case, by the one button that has the focus."""
    page.wait_for_url(desk.url)
    expect(page.get_by_role("button", name="Start reviewing")).to_be_focused()
    page.keyboard.press("Enter")
    at(page, case)


def settle_as_it_stands(page: Page) -> None:
    """Confirms field after field until none is left."""
    count = page.locator("#to-settle")
    for left in ("2 to settle", "1 to settle", "All settled"):
        press(page, "n", " ")
        expect(count).to_have_text(left)


def said_of_fields(case: Case) -> set[tuple[str, str]]:
    corrections = Correction.objects.filter(review__case=case, review__undone_at=None)
    return set(corrections.values_list("field", "kind"))


def decided(case: Case) -> str:
    """The outcome of the case, once the seconds to undo it are over."""
    decision = settled(case)
    assert decision is not None, case.reference
    return decision.outcome


def test_ten_cases_by_keyboard_alone(page: Page, desk: Desk, cases: list[Case]) -> None:
    one, two, three, four, five, six, seven, eight, nine, ten = cases
    colleague = desk.colleague("review", "second_review", "supervise")
    count, explanation = page.locator("#to-settle"), page.get_by_label("Explanation")
    dialog = page.get_by_role("dialog")
    page.goto(desk.url)
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type(desk.person.username)
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")

    # 1: what is wrong is corrected, what is right confirmed, what is illegible said to be
    start(page, desk, one)
    press(page, "n", "x")
    page.keyboard.type("2.341,18")
    press(page, "Enter")
    expect(page.locator("#field-net_income s")).to_have_text("2,431.18")
    press(page, "Tab")
    expect(page.locator("#value-amount")).to_be_focused()
    press(page, "Enter")
    expect(count).to_have_text("1 to settle")
    press(page, "Escape", "n", "i")
    expect(count).to_have_text("All settled")
    press(page, "a", "Enter")
    at(page, two)

    # 2: evidence, a search, a region read again; the adverse verdict is asked about twice
    press(page, "n", "e")
    expect(page.locator('[data-mark="net_income"]')).to_have_class(re.compile("mark-pulse"))
    press(page, "/")
    page.keyboard.type("tuinbouw")
    expect(page.locator("[data-found-count]")).to_have_text("1 of 1")
    press(page, "Escape", "b")
    expect(page.locator(".region")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#field-net_income")).to_have_attribute("data-state", "settled")
    press(page, "d", "1", "2")
    say(page, "t", explanation, "Two loans run beside this one.")
    press(page, "Control+Enter")
    expect(dialog).to_contain_text("Obligations are excessive")
    press(page, "Escape")
    expect(dialog).to_have_count(0)
    expect(explanation).to_have_value("Two loans run beside this one.")
    press(page, "Control+Enter")
    expect(dialog).to_contain_text("2 fields are not settled")
    press(page, "y")
    at(page, three)

    # 3: against the model, with a reason and words
    press(page, "a", "1")
    say(page, "t", explanation, "The statement shows the means.")
    press(page, "Control+Enter")
    at(page, four)

    # 4: judged, taken back from the next case, judged anew
    settle_as_it_stands(page)
    press(page, "a", "Enter")
    at(page, five)
    press(page, "z")
    at(page, four)
    expect(page.get_by_role("radio", name="Approve")).to_be_checked()
    expect(count).to_have_text("All settled")
    press(page, "d", "6")
    say(page, "t", explanation, "The stamp is not the employer's.")
    press(page, "Control+Enter", "y")
    at(page, five)

    # 5: on hold
    say(page, "h", page.get_by_label("Why it has to wait"), "The employer calls back.")
    press(page, "Control+Enter")

    # 6: the upstream is asked, about one paper
    start(page, desk, six)
    say(page, "q", page.get_by_label("Your question"), "Who pays her?")
    press(page, "Tab", "Tab", " ")
    expect(page.get_by_label("Payslip", exact=True)).to_be_checked()
    press(page, "Control+Enter")

    # 7: a colleague is asked, the guidance read, then it is decided
    start(page, desk, seven)
    say(page, "c", page.get_by_label("Write a comment"), f"Do you know them, @{colleague.username}")
    expect(page.get_by_role("listbox", name="Colleagues")).to_be_visible()
    press(page, "Enter", "Control+Enter")
    expect(page.locator("#comments [role=status]")).to_contain_text("Told: Colleague")
    press(page, "Escape", "g")
    expect(page.get_by_role("complementary", name="Guidance")).to_be_focused()
    press(page, "g")
    settle_as_it_stands(page)
    press(page, "a", "3", "Enter")
    at(page, eight)

    # 8: passed on to those who give second reviews
    say(page, "s", page.get_by_label("Why you escalate"), "The stamp is odd.")
    press(page, "Control+Enter")

    # 9: without the model's view; then both are compared, and the answer stays
    start(page, desk, nine)
    expect(page.get_by_text("Hidden until you have given your answer")).to_be_visible()
    press(page, "d", "1")
    say(page, "t", explanation, "The income does not carry it.")
    press(page, "Control+Enter", "y")
    expect(page.get_by_role("region", name="You and the model differ")).to_be_focused()
    press(page, "Enter")
    at(page, ten)

    # 10: to another place by the palette, and back
    for place, url in (("cases", f"{desk.url}cases/"), ("home", desk.url)):
        press(page, "Control+k")
        page.keyboard.type(place)
        expect(page.locator("[role=option][aria-selected=true]")).to_have_text(
            re.compile(f"^{place}", re.IGNORECASE)
        )
        press(page, "Enter")
        page.wait_for_url(url)
    expect(page.get_by_role("link", name=f"Go on with {ten.reference}")).to_be_focused()
    press(page, "Enter")
    at(page, ten)
    settle_as_it_stands(page)
    press(page, "a", "Enter")
    page.wait_for_url(desk.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing waits right now")
    expect(page.locator(".start-sub").first).to_contain_text("2 on hold")

    judged = {one: "approve", two: "decline", three: "approve", four: "decline"}
    judged |= {seven: "approve", nine: "decline", ten: "approve"}
    assert {case: decided(case) for case in judged} == judged
    assert said_of_fields(one) == {
        ("net_income", "corrected"), ("amount", "confirmed"), ("employer", "illegible"),
    }  # fmt: skip
    assert ("net_income", "confirmed") in said_of_fields(two)
    assert Review.objects.get(case=two).shown["opened"]["pages"]
    override = Review.objects.get(case=three)
    assert override.override and override.reason_codes == ["papers_confirm"]
    assert [each.undone_at is None for each in four.reviews.order_by("id")] == [False, True]
    assert Hold.objects.get(case=five).kind == Hold.Kind.FOLLOW_UP
    asked = question_of(Hold.objects.get(case=six), vault.of(six.pk))
    assert (asked.text, asked.documents) == ("Who pays her?", ("payslip",))
    assert Comment.objects.get(case=seven).author == desk.person
    assert Notice.objects.filter(case=seven, person=colleague).exists()
    assert QueueEntry.objects.get(case=eight).escalated
    assert Commitment.objects.get(case=nine).outcome == "decline"
    assert not Claim.objects.filter(reviewer=desk.person, ended_at=None).exists()
