"""Every page and state, light and dark: no violation that axe finds, nothing blocked, no sideways scroll."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.db import transaction
from django.template.loader import render_to_string
from playwright.sync_api import ConsoleMessage, Page, expect

from accounts.models import User
from accounts.roles import Role
from cases.models import Case, Pipeline
from reviews.asking import Question, request_information
from reviews.commenting import comment_on
from reviews.models import Hold
from tests.accounts.test_signing_in import second_factor
from tests.browser.conftest import Served
from tests.browser.desk import Desk, allow, desk_for, enter
from tests.casefiles import DECLINE, held, submit, waiting_case
from tests.conftest import PASSWORD
from tests.loans import Loan
from tests.reviews.holds import now

RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
COLOURS: dict[str, Any] = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
"""What the dark can change: a theme sets colours, and nothing else of a page."""
AXE = "rules => axe.run(rules).then(found => ({violations: found.violations}))"


@dataclass
class Inspection:
    """What was found on the pages looked at so far."""

    page: Page
    flaws: list[str] = field(default_factory=list)

    def look(self, seen: str) -> None:
        """Looks at the page as it is now, in both themes and on a narrow screen."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        schemes: tuple[tuple[Literal["light", "dark"], dict[str, Any]], ...] = (
            ("light", RULES),
            ("dark", COLOURS),
        )
        for scheme, rules in schemes:
            self.page.emulate_media(color_scheme=scheme)
            found = AxeResults(self.page.evaluate(AXE, rules))
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


@pytest.fixture
def desk(page: Page, served: Served) -> Desk:
    return desk_for(page, served)


def without_papers(desk: Desk, **options: Any) -> Case:
    """A case of which no page could be made."""
    loans = Pipeline.objects.select_related("current").get(slug="loan")
    return waiting_case(loans, desk.served.client, queue=desk.queue.slug, **options)


# ---------------------------------------------------------------- before signing in, and errors


def test_signing_in(page: Page, inspection: Inspection, served: Served) -> None:
    with transaction.atomic():
        person = served.person("factor")
    second_factor(person)
    page.goto(f"{served.house.url}/account/login/")
    inspection.look("sign in")
    page.get_by_label("Username").fill("factor")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    page.locator(".errorlist").first.wait_for()
    inspection.look("sign in refused")
    page.get_by_label("Username").fill("factor")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/2fa/authenticate/")
    inspection.look("second factor asked for")


def test_the_accounts_pages(desk: Desk, page: Page, inspection: Inspection) -> None:
    second_factor(desk.person)
    for path in ("2fa/", "password/change/", "reauthenticate/"):
        page.goto(f"{desk.url}account/{path}")
        inspection.look(path)


def test_errors_and_explanations(desk: Desk, page: Page, inspection: Inspection) -> None:
    for path in ("nothing/", "board/", "problems/unknown", "problems/forbidden"):
        page.goto(f"{desk.url}{path}")
        inspection.look(path)
    for name in ("400", "403_csrf", "429", "500", "503"):
        page.goto(f"{desk.url}health/live")
        page.set_content(render_to_string(f"{name}.html"))
        expect(page.locator(".state")).to_have_css("display", "grid")
        inspection.look(name)


# ---------------------------------------------------------------- home, cases, supervisor


def test_home(desk: Desk, page: Page, inspection: Inspection) -> None:
    page.goto(desk.url)
    inspection.look("nothing waits")
    colleague = desk.colleague("review")
    taken = desk.loan()
    held(taken, colleague)
    aside = without_papers(desk)
    hold(aside, desk.person)
    comment_on(aside, f"See this, @{desk.person.username}", author=colleague, by=colleague.actor)
    submit(held(without_papers(desk), desk.person), DECLINE)
    page.goto(desk.url)
    inspection.look("work is held, a notice, a case set aside, the day's work")
    desk.loan()
    page.reload()
    inspection.look("queues")
    held(without_papers(desk), desk.person)
    page.reload()
    page.locator("summary", has_text="Your menu").click()
    inspection.look("a case in hand, and the menu")


def hold(case: Case, reviewer: User) -> Hold:
    """A question to the upstream of a case."""
    asked = request_information(
        Question("Who pays her?", ("payslip",), ("employer",)),
        fence=held(case, reviewer).pk, follow_up_at=now() + timedelta(days=2),
        reviewer=reviewer, by=reviewer.actor,
    )  # fmt: skip
    assert asked is not None
    return asked


def test_cases(desk: Desk, page: Page, inspection: Inspection) -> None:
    desk.loan(Loan(due_in=timedelta(hours=-1)))
    submit(held(without_papers(desk), desk.person), DECLINE)
    for query in ("", f"?queue={desk.queue.slug}&sort=deadline", "?reference=nothing"):
        page.goto(f"{desk.url}cases/{query}")
        inspection.look(f"cases {query}")


def test_the_supervisors_pages(desk: Desk, page: Page, inspection: Inspection) -> None:
    allow(desk.person, desk.queue, "supervise")
    page.goto(f"{desk.url}board/")
    inspection.look("empty board")
    reviewer = desk.colleague("review")
    case = without_papers(desk, due_in=timedelta(hours=-1))
    submit(held(without_papers(desk), reviewer), DECLINE)
    held(case, reviewer)
    for path in ("board/", f"board/cases/{case.pk}/", f"board/queues/{desk.queue.slug}/"):
        page.goto(f"{desk.url}{path}")
        inspection.look(path)


def test_settings_exports_palette_and_keys(
    desk: Desk, page: Page, inspection: Inspection, served: Served
) -> None:
    page.goto(f"{desk.url}settings/")
    inspection.look("settings")
    page.get_by_label("Rotate the page").press("j")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is saved yet")
    inspection.look("settings refused")
    page.keyboard.press("Control+k")
    inspection.look("palette")
    page.keyboard.type("zzzz qqqq")
    inspection.look("palette without a find")
    page.context.clear_cookies()
    enter(page, served, desk.colleague(role=Role.AUDITOR))
    page.goto(desk.url)
    inspection.look("home without queues")
    page.goto(f"{desk.url}trail/exports/")
    inspection.look("exports")
