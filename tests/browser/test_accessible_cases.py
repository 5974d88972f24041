"""The workbench, records and what came late, in each state: no violation that axe finds, light and dark."""

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from accounts.roles import Role
from cases.catalogue import apply_pipeline
from cases.definition import read_toml
from cases.models import Pipeline
from reviews.claims import return_expired
from reviews.commenting import comment_on
from reviews.entering import keep_verdict
from reviews.models import Claim, Queue
from reviews.setting_up import set_up_review
from tests.browser.conftest import Served
from tests.browser.desk import Desk, allow, at, desk_for, enter
from tests.browser.test_accessibility import Inspection, hold, inspection, without_papers
from tests.casefiles import expire, held, waiting_case
from tests.conftest import LOAN, TESTER
from tests.loans import Loan, Read

__all__ = ["inspection"]  # a fixture


@pytest.fixture
def desk(page: Page, served: Served) -> Desk:
    return desk_for(page, served)


# ---------------------------------------------------------------- the workbench


def test_the_workbench(desk: Desk, page: Page, inspection: Inspection) -> None:
    colleague = desk.colleague("review")
    case = desk.loan(Loan(read={"amount": Read("19450.00", 0.95, "differs")}))
    desk.open(case)
    inspection.look("workbench")
    page.keyboard.press("n")
    page.keyboard.press("e")
    page.locator("#value-amount").fill("a lot")
    page.locator("#value-amount").press("Enter")
    expect(page.locator("#field-amount")).to_contain_text("no amount")
    inspection.look("evidence, and a value refused")
    page.locator("#value-amount").fill("2000")
    page.locator("#value-amount").press("Enter")
    expect(page.locator("#field-amount s")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.locator(".then-both").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.keyboard.press("1")
    page.keyboard.press("/")
    page.keyboard.type("wilhelmina")
    expect(page.locator("[data-found-count]")).to_contain_text("of")
    inspection.look("then and now, guidance, a search")
    page.keyboard.press("Escape")
    page.locator("#field-amount").focus()
    page.keyboard.press("b")
    inspection.look("a region")
    page.keyboard.press("Escape")
    for name in ("hold", "ask", "escalate"):
        page.locator("summary").filter(has=page.locator(f"[data-hint={name}]")).click()
    page.get_by_label("Write a comment").fill(f"@{colleague.username}")
    page.get_by_role("listbox", name="Colleagues").wait_for()
    inspection.look("on hold, asking, escalating, a comment")
    page.get_by_label("Explanation").fill("It does not carry the instalments.")
    page.get_by_label("Explanation").press("Control+Enter")
    page.get_by_role("dialog").wait_for()
    inspection.look("the second question")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    inspection.look("keys")
    page.keyboard.press("Escape")
    page.locator("[name='reason:decline']").evaluate_all(
        "all => all.forEach(box => box.checked = 0)"
    )
    page.locator("[data-outcome]").evaluate(
        "form => { form.elements.confirmed.value = 'yes'; form.submit() }"
    )
    expect(page.get_by_role("alert").first).to_contain_text("reason")
    inspection.look("problems")
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('claim-lost', {detail: {value: 'Gone.'}}))"
    )
    page.get_by_role("dialog").wait_for()
    inspection.look("the case is no longer theirs")


def test_the_workbench_without_papers_blind_and_after_a_verdict(
    desk: Desk, page: Page, inspection: Inspection
) -> None:
    case = without_papers(desk, blind=True, predicted="approve")
    after = desk.loan()
    page.route("**/pages/**", lambda image: image.fulfill(status=404))
    desk.open(case)
    inspection.look("blind, without papers")
    page.keyboard.press("d")
    page.keyboard.press("1")
    page.get_by_label("Explanation").fill("It does not carry the instalments.")
    page.get_by_label("Explanation").press("Control+Enter")
    page.keyboard.press("y")
    page.get_by_role("heading", name="You and the model differ").wait_for()
    page.get_by_text("Change my verdict").click()
    inspection.look("the comparison")
    page.get_by_role("button", name="Keep my verdict").click()
    at(page, after)
    page.locator("[data-undo]").wait_for()
    inspection.look("an offer to undo, pages that did not come")


def test_forty_fields(desk: Desk, page: Page, inspection: Inspection) -> None:
    content = read_toml(LOAN.read_text())
    days = [
        {
            "name": f"day_{n}",
            "label": f"Day {n}",
            "type": "date",
            "document": "payslip",
            "labels": [f"Day {n}"],
        }
        for n in range(28)
    ]
    queues = [{"slug": "forty", "name": "Forty"}]
    policy = {"queue": "forty", "field_queue": "forty", "minimum_field_confidence": 0.8}
    content |= {"slug": "forty", "queues": queues, "policy": policy}
    content["reasons"] = [
        {name: part for name, part in reason.items() if name != "rules"}
        for reason in content["reasons"]
    ]  # the policy's rules are not here
    content["fields"] += days
    with transaction.atomic():
        version = apply_pipeline(content, by=TESTER)
        set_up_review(version, by=TESTER)
        queue = Queue.objects.get(slug="forty")
        allow(desk.person, queue, "review")
    pipeline = Pipeline.objects.select_related("current").get(slug="forty")
    doubtful = {each["name"]: {"confidence": 0.4} for each in days}
    desk.open(waiting_case(pipeline, desk.served.client, queue="forty", fields=doubtful))
    expect(page.locator("[data-field]")).to_have_count(40)
    inspection.look("forty fields")


def decline(page: Page) -> None:
    page.get_by_role("radio", name="Decline").check()
    page.get_by_label("Income is insufficient").check()
    page.get_by_label("Explanation").fill("It does not carry the instalments.")


# ---------------------------------------------------------------- the record, and what came late


def test_records(desk: Desk, page: Page, inspection: Inspection, served: Served) -> None:
    case = desk.loan()
    desk.open(case)
    page.locator("#value-amount").fill("2000")
    page.locator("#value-amount").press("Enter")
    expect(page.locator("#field-amount s")).to_be_visible()
    comment_on(case, "A word.", author=desk.person, by=desk.person.actor)
    waits = desk.loan()
    decline(page)
    page.get_by_role("button", name="Submit and stop").click()
    page.keyboard.press("y")
    page.wait_for_url(desk.url)
    inspection.look("home with an offer to undo")
    hold(waits, desk.person)
    for record in (case, waits):
        page.goto(f"{desk.url}cases/{record.pk}/")
        for entry in page.locator("details.timeline-open > summary").all()[-2:]:
            entry.click()
        expect(page.get_by_text("Known then").last).to_be_visible()
        inspection.look("record, its history open")
    for path in ("history/1/", "guidance/"):
        page.goto(f"{desk.url}cases/{case.pk}/{path}")
        inspection.look(path)
    page.context.clear_cookies()
    enter(page, served, desk.colleague(role=Role.AUDITOR))
    page.goto(f"{desk.url}cases/{case.pk}/")
    inspection.look("masked record")


def test_what_came_late(desk: Desk, page: Page, inspection: Inspection) -> None:
    page.route("**/draft/", lambda draft: draft.abort())
    for newer in (None, "Written since."):
        case = desk.loan()
        desk.open(case)
        decline(page)
        expire(Claim.objects.get(case=case))
        return_expired(by=TESTER)
        if newer:
            words = {"outcome": "approve", "reasons": [], "explanation": newer}
            claim = held(case, desk.person)
            keep_verdict(case.pk, words, fence=claim.pk, reviewer=desk.person)
        page.get_by_role("button", name="Submit and stop").click()
        page.keyboard.press("y")
        page.get_by_role("heading", name="This came too late").wait_for()
        inspection.look(f"late, {newer}")
    page.goto(f"{desk.url}cases/{case.pk}/")
    page.get_by_role("heading", name="Two of your own drafts differ").wait_for()
    inspection.look("drafts to merge")


def test_pages_of_those_without_scripts(desk: Desk, page: Page, inspection: Inspection) -> None:
    case = desk.loan()
    desk.open(case)
    send = "form => { form.noValidate = true; form.submit(); }"  # past our scripts, as without them
    for act, seen in (
        ("hold", "Something is missing"),
        ("ask", "Something is missing"),
        ("escalate", "Escalate"),
    ):
        page.locator(f"form[action$='/{act}/']").evaluate(send)
        page.wait_for_url(f"**/{act}/")
        expect(page.locator("main")).to_contain_text(seen)
        inspection.look(f"{act}, refused")
        page.goto(f"{desk.url}cases/{case.pk}/")
    decline(page)
    page.locator("[data-outcome]").evaluate(send)
    page.get_by_role("heading", name="Decline?").wait_for()
    inspection.look("the second question on a page of its own")
