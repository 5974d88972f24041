"""Replies and emergencies in a real browser: two keys raise a message, and no appointment is lost twice."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.roles import Role
from audit import vault
from reviews.models import Reply, Review, Slot
from reviews.replying import text_of
from reviews.slotfiles import SlotRow
from reviews.slots import load_slots
from tests.browser.conftest import Served
from tests.browser.desk import at
from tests.browser.test_accessibility import Inspection, inspection
from tests.casefiles import give, held
from tests.conftest import TESTER
from tests.messages import Message, message_case, message_pipeline
from tests.reviews.test_slots import promising

__all__ = ["inspection"]  # a fixture

SignIn = Callable[[Page, str], None]
MINUTE = timedelta(minutes=1)


def test_two_keys_raise_a_message_and_bring_the_next(
    page: Page, served: Served, sign_in: SignIn
) -> None:
    said = Message(probabilities={"emergency": 0.01, "same_day": 0.1, "routine": 0.89})
    pipeline = message_pipeline()
    first, second = (
        message_case(served.client, said, pipeline=pipeline, due_in=minutes * MINUTE)
        for minutes in (300, 400)
    )
    served.person("raiser", Role.REVIEWER)
    sign_in(page, "raiser")
    page.get_by_role("button", name="Start reviewing").click()
    at(page, first)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    at(page, second)
    review = Review.objects.get(case=first)
    assert (review.outcome, review.reason_codes) == ("emergency", ["emergency_suspected"])
    page.keyboard.press("z")
    page.wait_for_url(f"**/cases/{first.pk}/")
    expect(page.locator("[name=verdict][value=emergency]")).to_be_checked()
    page.get_by_role("button", name="Give back").click()
    page.wait_for_url(f"{served.house.url}/")


def test_an_appointment_that_somebody_took_costs_nothing_but_another_choice(
    page: Page, served: Served, sign_in: SignIn, inspection: Inspection
) -> None:
    pipeline = message_pipeline()
    now = timezone.now()
    starts = [now + hours * 60 * MINUTE for hours in (1, 2, 26)]
    load_slots(
        pipeline,
        [SlotRow(n, f"b{n}", "GP", "The Mill", at, at + MINUTE) for n, at in enumerate(starts)],
        by=TESTER,
    )
    case = message_case(served.client, pipeline=pipeline)
    person = served.person("proposer", Role.REVIEWER)
    sign_in(page, "proposer")
    held(case, person)
    page.goto(f"{served.house.url}/cases/{case.pk}/")
    at(page, case)
    for key in ("d", "4", "t"):
        page.keyboard.press(key)
    page.keyboard.type("It can wait until later today.")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    page.keyboard.press("ArrowDown")  # from no appointment to the first
    text = page.get_by_role("textbox", name="Text of the reply")
    expect(text).to_have_value(re.compile(r"Dear Rosalind Achterberg,[^{]+The Mill\.[^{]+"))
    unnamed = page.locator("[data-reply=same_day] [data-unnamed]")
    written = text.input_value()
    text.fill("We would like to see you.")
    expect(unnamed).to_be_visible()
    text.fill(written)
    expect(unnamed).to_be_hidden()
    text.press("End")
    text.press_sequentially("Do not drive.")
    warning = page.locator("[data-reply=same_day] [data-orders]")
    expect(warning).to_contain_text("Do not drive")
    inspection.look("a reply with an appointment")
    other = served.person("faster", Role.REVIEWER)
    slot = Slot.objects.get(source_id="b0")
    give(held(message_case(served.client, pipeline=pipeline), other), promising(slot))
    page.locator("[data-submit-next]").press("Enter")
    expect(page.locator("[data-outcome]")).to_contain_text("not free any more")
    expect(page.get_by_label("Explanation")).to_have_value("It can wait until later today.")
    expect(text).to_have_value(re.compile(r"appointment: \{appointment\}\.[^{]+Do not drive\."))
    inspection.look("an appointment that was taken")
    page.locator("[data-reply=same_day] [data-told]").first.check()
    page.locator("[data-submit-next]").press("Enter")
    page.wait_for_url(f"{served.house.url}/")
    reply = Reply.objects.select_related("review", "slot").get(case=case)
    assert reply.slot == Slot.objects.get(source_id="b1")
    said = text_of(reply, vault.of(case.pk))
    assert "{" not in said
    assert "Do not drive." in said
