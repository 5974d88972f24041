"""Every page, light and dark: no violation that axe finds, nothing the policy blocks, no sideways scroll."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

from accounts.roles import Role
from reviews.claims import return_expired
from reviews.models import Claim
from tests.browser.conftest import Served
from tests.casefiles import DECLINE, TESTER, expire, held, submit
from tests.loans import Loan, loan_in_review

SignIn = Callable[[Page, str], None]
RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}


@dataclass
class Inspection:
    """What was found on the pages looked at so far."""

    page: Page
    flaws: list[str] = field(default_factory=list)

    def look(self, seen: str) -> None:
        """Looks at the page as it is now, in both themes and on a narrow screen."""
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            found = Axe().run(self.page, options=RULES)
            if found.violations_count:
                self.flaws.append(f"{seen}, {scheme}:\n{found.generate_report()}")
        self.page.set_viewport_size({"width": 320, "height": 640})
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            self.flaws.append(f"{seen} scrolls sideways: {width} px wide")
        self.page.set_viewport_size({"width": 1440, "height": 900})

    def hear(self, message: ConsoleMessage) -> None:
        """Notes what the content security policy blocks."""
        if "Content Security Policy" in message.text:
            self.flaws.append(message.text)


@pytest.fixture
def inspection(page: Page) -> Iterator[Inspection]:
    """An inspection of a page; it fails at the end with all that was found."""
    made = Inspection(page)
    page.on("console", made.hear)
    yield made
    assert not made.flaws, "\n\n".join(made.flaws)


def test_the_reviewers_pages(
    page: Page, inspection: Inspection, served: Served, sign_in: SignIn
) -> None:
    url = served.house.url
    case = loan_in_review(served.client, Loan(priority="urgent"))
    reviewer = served.person("anna", Role.REVIEWER)
    page.goto(f"{url}/account/login/")
    inspection.look("sign in")
    sign_in(page, "anna")
    inspection.look("home")
    page.goto(f"{url}/cases/")
    inspection.look("cases")
    page.goto(f"{url}/cases/?reference=nothing")
    inspection.look("no cases")
    page.goto(f"{url}/cases/{case.pk}/")
    inspection.look("record of an open case")
    page.route("**/heartbeat/", lambda beat: beat.fulfill(json={"seconds_left": 600}))
    page.get_by_role("button", name="Take this case").click()
    page.get_by_role("radio", name="Decline").check()
    inspection.look("workbench")
    page.keyboard.press("?")
    inspection.look("keys")
    page.keyboard.press("Escape")
    page.locator("summary", has_text="Your menu").click()
    inspection.look("menu")
    with page.expect_response("**/draft/"):
        page.get_by_role("radio", name="Approve").check()
    expire(Claim.objects.get(case=case))
    page.get_by_role("button", name="Submit and stop").click()
    inspection.look("the second question")
    page.get_by_role("button", name="Yes, this is my verdict").click()
    page.get_by_role("heading", name="This came too late").wait_for()
    inspection.look("late")
    return_expired(by=TESTER)
    submit(held(case, reviewer), DECLINE)
    page.goto(f"{url}/cases/{case.pk}/")
    inspection.look("record")
    page.goto(f"{url}/nothing/")
    inspection.look("not found")
    page.goto(f"{url}/exports/")
    inspection.look("forbidden")


def test_the_auditors_and_the_accounts_pages(
    page: Page, inspection: Inspection, served: Served, sign_in: SignIn
) -> None:
    url = served.house.url
    served.person("emil", Role.AUDITOR)
    sign_in(page, "emil")
    inspection.look("home without queues")
    page.goto(f"{url}/exports/")
    inspection.look("exports")
    page.goto(f"{url}/account/2fa/")
    inspection.look("second factor")
    page.goto(f"{url}/account/password/change/")
    inspection.look("password")
