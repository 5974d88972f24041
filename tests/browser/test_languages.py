"""The page and its scripts speak the reader's language."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.roles import Role
from tests.browser.conftest import Served
from tests.conftest import NUMBERS, PASSWORD


@pytest.fixture
def german(browser: Browser, served: Served) -> Iterator[Page]:
    """The page of somebody whose browser asks for German, signed in."""
    context = browser.new_context(locale="de-AT", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    page = context.new_page()
    person = served.person(f"liesl{next(NUMBERS)}", Role.REVIEWER)
    page.goto(f"{served.house.url}/")
    page.locator("[name=login]").fill(person.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_url(f"{served.house.url}/")
    yield page
    context.close()


def test_scripts_speak_german_on_a_german_page(german: Page) -> None:
    expect(german.locator("html")).to_have_attribute("lang", "de")
    german.context.set_offline(True)
    expect(german.get_by_role("alert")).to_contain_text("Keine Verbindung.")
    german.context.set_offline(False)
    expect(german.get_by_role("alert")).to_be_hidden()


def test_values_and_numbers_find_their_places(german: Page) -> None:
    said = german.evaluate(
        """() => [
          interpolate(gettext("%s left"), ["9:05"]),
          interpolate(ngettext("%(count)s field is not settled: %(names)s.",
            "%(count)s fields are not settled: %(names)s.", 2), { count: 2, names: "A, B" }, true),
          gettext("said nowhere"),
          ngettext("one said nowhere", "several said nowhere", 2),
        ]"""
    )
    assert said == [
        "noch 9:05",
        "2 Felder sind nicht geklärt: A, B.",
        "said nowhere",
        "several said nowhere",
    ]
