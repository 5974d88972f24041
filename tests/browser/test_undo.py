"""Rule 7 and rule 11 in a real browser: Z takes the last verdict back, and a blind answer is compared."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from accounts.roles import Role
from reviews.models import Commitment, Review
from tests.browser.conftest import Served
from tests.casefiles import waiting_case
from tests.loans import Loan, loan_in_review
from tests.processes import eventually

SignIn = Callable[[Page, str], None]


def test_z_undoes_the_verdict_from_the_next_case(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    first, second = (
        loan_in_review(served.client, Loan(due_in=timedelta(minutes=minutes))) for minutes in (1, 2)
    )
    reviewer = served.person("undoer", Role.REVIEWER)
    sign_in(page, "undoer")
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{first.pk}/")
    page.keyboard.press("a")
    page.keyboard.press("t")
    page.keyboard.type("The papers show it.")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.keyboard.press("y")
    page.wait_for_url(f"**/cases/{second.pk}/")
    bar = page.locator("[data-undo]")
    expect(bar).to_contain_text(f"{first.reference}: approve.")
    expect(page.locator("#announcer")).to_contain_text("You can undo this")
    page.keyboard.press("z")
    page.wait_for_url(f"**/cases/{first.pk}/")
    expect(page.locator("[name=verdict][value=approve]")).to_be_checked()
    expect(page.locator("[name=verdict][value=approve]")).to_be_focused()
    expect(page.get_by_label("Explanation")).to_have_value("The papers show it.")
    expect(page.get_by_text("Undone: the case is yours again")).to_be_visible()
    assert Review.objects.get(case=first, reviewer=reviewer).undone_at is not None
    page.get_by_role("button", name="Give back").click()
    page.wait_for_url(f"{served.house.url}/")


def test_a_blind_answer_is_compared_and_kept_by_one_key(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    loan = loan_in_review(served.client).pipeline
    case = waiting_case(
        loan, served.client, blind=True, due_in=timedelta(seconds=30), predicted="approve"
    )
    reviewer = served.person("unseeing", Role.REVIEWER)
    sign_in(page, "unseeing")
    page.get_by_role("button", name="Start reviewing").click()
    page.wait_for_url(f"**/cases/{case.pk}/")
    expect(page.get_by_text("Hidden until you have given your answer")).to_be_visible()
    page.keyboard.press("d")
    page.keyboard.press("1")
    page.keyboard.press("t")
    page.keyboard.type("The income does not carry it.")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("y")
    expect(page.get_by_role("heading", name="You and the model differ")).to_be_visible()
    expect(page.get_by_role("region", name="You and the model differ")).to_be_focused()
    assert Commitment.objects.get(case=case, reviewer=reviewer).outcome == "decline"
    page.get_by_role("radio", name="No", exact=True).check()
    page.locator("h1").click()
    page.keyboard.press(
        "Enter"
    )  # from elsewhere it leads to the comparison: nothing is kept unread
    expect(page.get_by_role("region", name="You and the model differ")).to_be_focused()
    page.keyboard.press("Enter")
    eventually(Review.objects.filter(case=case, reviewer=reviewer).exists, "the verdict")
    review = Review.objects.get(case=case, reviewer=reviewer)
    assert (review.outcome, review.committed_outcome) == ("decline", "decline")
    assert review.needed_person is False
