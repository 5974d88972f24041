"""A signature by keys alone, and a case read in an emergency, in a real browser."""

from collections.abc import Callable

from django.db import transaction
from playwright.sync_api import Page, expect

from accounts.roles import Role, grant
from reviews.models import Review, Signature
from tests.browser.conftest import Served
from tests.browser.desk import at
from tests.browser.test_accessibility import Inspection, inspection
from tests.casefiles import held
from tests.conftest import PASSWORD, TESTER
from tests.messages import message_case, message_pipeline

__all__ = ["inspection"]  # a fixture

SignIn = Callable[[Page, str], None]
WORDS = "Nothing in it asks for anybody."


def test_a_verdict_is_signed_by_keys_and_a_wrong_password_loses_nothing(
    page: Page, served: Served, sign_in: SignIn, inspection: Inspection
) -> None:
    case = message_case(served.client, pipeline=message_pipeline())
    signer = served.person("signer", Role.REVIEWER)
    sign_in(page, "signer")
    held(case, signer)
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    at(page, case)
    for key in ("f", "1", "t"):
        page.keyboard.press(key)
    page.keyboard.type(WORDS)
    page.keyboard.press("Control+Enter")
    password = page.get_by_label("Password")
    expect(password).to_be_focused()
    inspection.look("a verdict to be signed")
    page.keyboard.type("wrong horse battery")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_contain_text("That is not your password")
    expect(password).to_be_focused()
    expect(password).to_have_value("")
    expect(page.locator("#explanation")).to_have_value(WORDS)
    assert not Review.objects.filter(case=case).exists()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.house.url}/")
    signature = Signature.objects.get(review__case=case)
    assert signature.printed_name == signer.shown_name


def test_a_case_read_in_an_emergency_says_so_aloud(
    page: Page, served: Served, sign_in: SignIn, inspection: Inspection
) -> None:
    pipeline = message_pipeline()
    case = message_case(served.client, pipeline=pipeline)
    with transaction.atomic():
        grant("break_glass", on=pipeline, to=served.person("hurried"), by=TESTER)
    sign_in(page, "hurried")
    page.get_by_role("link", name="Emergency").first.click()
    page.get_by_label("Reference in full, or id").fill(case.reference)
    page.get_by_label("Why you need").fill("She rings and can't breathe.")
    inspection.look("emergency access")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    banner = page.locator(".glass-banner")
    expect(banner).to_contain_text("60 minutes left")
    head = page.get_by_role("heading", level=1)
    expect(head).to_be_in_viewport()
    assert banner.bounding_box()["y"] < head.bounding_box()["y"]  # type: ignore[index]  # both show
    inspection.look("a case in an emergency")
