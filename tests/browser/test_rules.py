"""The rules of a reviewer's screen, each as its reviewer meets it: from push, do not pick, to deadlines."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from audit import vault
from audit.models import Event
from cases.models import Decision
from reviews.claims import return_expired
from reviews.drafts import load_draft
from reviews.models import Claim, Review
from tests.browser.conftest import Served
from tests.browser.desk import Desk, at, desk_for, judge
from tests.browser.test_viewer import drag, mark, place, press_mark
from tests.casefiles import expire, held
from tests.conftest import TESTER
from tests.loans import Loan, Read
from tests.processes import eventually


@pytest.fixture
def desk(page: Page, served: Served) -> Desk:
    return desk_for(page, served)


def due(hours: float) -> Loan:
    return Loan(due_in=timedelta(hours=hours))


def test_rule_1_push_do_not_pick(desk: Desk, page: Page) -> None:
    """Start serves the most urgent case, deciding loads the next at once; stopping is a choice."""
    later, first = desk.loan(due(3)), desk.loan(due(1))
    page.goto(desk.url)
    expect(page.get_by_text(later.reference)).to_have_count(0)
    page.keyboard.press("Enter")
    at(page, first)
    judge(page, "a")
    at(page, later)
    page.keyboard.press("a")
    page.get_by_role("button", name="Submit and stop").click()
    page.keyboard.press("y")
    page.wait_for_url(desk.url)
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("waits for you")
    assert Review.objects.filter(reviewer=desk.person).count() == 2


def test_rule_2_no_wait_between_cases(desk: Desk, page: Page) -> None:
    """The next case is there before it is asked for, images too; its lease begins when it is shown."""
    first, second = desk.loan(due(1)), desk.loan(due(2))
    desk.open(first)
    page.locator("[data-fetched]").wait_for()
    assert not Claim.objects.filter(case=second).exists()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/pages/**", lambda image: image.abort())
    with page.expect_response("**/verdict/") as answer:
        judge(page, "a")
    assert answer.value.headers["content-type"] == "application/json"  # the page was there before
    at(page, second)
    image = page.locator("#page-1 img")
    assert image.evaluate("image => image.complete && image.naturalWidth > 0")
    assert not [url for url in asked if url.endswith(f"/cases/{second.pk}/")]
    assert Claim.objects.get(case=second).reviewer == desk.person


def test_rule_3_one_sentence_first(desk: Desk, page: Page) -> None:
    """Why the case came stands above the fields, in one sentence; scores are shown to who asks."""
    desk.open(desk.loan())
    lead = page.locator(".why-lead")
    expect(lead).to_have_text(re.compile(r"^Sent to you because .*net income.*\.$"))
    expect(lead).to_have_text(re.compile(r"0\.86.*0\.90"))
    expect(lead.locator("b").first).to_be_visible()
    assert place(lead)["y"] < place(page.locator("[data-fields]"))["y"]
    scores = page.locator("[data-score] >> visible=true")
    expect(scores).to_have_count(0)
    page.keyboard.press("n")
    page.keyboard.press("e")
    expect(scores).to_have_count(1)


def test_rule_4_show_me_where(desk: Desk, page: Page) -> None:
    """A field and its box lead to each other, a box drawn is read, and no source is said, not guessed."""
    desk.open(desk.loan(Loan(read={"closing_balance": Read("1204.50", 0.4)})))
    page.locator("#value-closing_balance").focus()
    box = page.locator('.marks [data-mark="closing_balance"]')
    expect(box).to_have_class(re.compile("mark-chosen.*mark-pulse"))
    expect(box.locator("rect")).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("[data-zoom-level]")).not_to_have_text("100 %")
    page.keyboard.press("w")
    page.locator("#field-amount").focus()
    press_mark(page, "date_of_birth")
    page.locator("#field-amount").focus()
    page.get_by_role("button", name="Read a field from a region").click()
    target = place(mark(page, "duration_months"))
    right, bottom = target["x"] + target["width"], target["y"] + target["height"]
    drag(page, (target["x"] - 8, target["y"]), (right + 14, bottom))
    expect(page.locator("#value-amount")).to_have_value("24.00")
    expect(page.locator("#field-amount s")).to_have_text("8,450.00")
    page.locator("#field-interest_rate").focus()
    page.keyboard.press("e")
    expect(page.locator("[data-viewer-hint]")).to_have_text("No source found for this field.")


def test_rule_5_errors_first(desk: Desk, page: Page) -> None:
    """What broke a rule stands first, then the doubtful; Tab leads there, and the count goes down."""
    desk.open(desk.loan())
    rows = page.locator("[data-field]")
    states = rows.evaluate_all("rows => rows.map(row => row.dataset.state)")
    rank = {"bad": 0, "warn": 1}
    assert states[:3] == ["bad", "warn", "warn"]
    assert [rank.get(state, 2) for state in states] == sorted(rank.get(each, 2) for each in states)
    count = page.locator("#to-settle")
    expect(count).to_have_text("3 to settle")
    page.locator("#value-net_income").fill("2341.18")
    page.keyboard.press("Tab")
    expect(count).to_have_text("2 to settle")
    expect(page.locator("#field-net_income")).to_have_attribute("data-state", "settled")
    expect(page.locator("#value-amount")).to_be_focused()
    page.keyboard.press("Enter")
    expect(count).to_have_text("1 to settle")
    page.keyboard.press("Tab")
    expect(page.locator("#value-employer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(count).to_have_text("All settled")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.press("Enter")  # nothing is left to ask about
    page.wait_for_url(desk.url)


def test_rule_6_disagreeing_costs_what_agreeing_costs(desk: Desk, page: Page) -> None:
    """A letter and a digit each way, with the reasons that can be true of it; words where they count."""
    case = desk.loan()
    desk.open(case)
    predicted = case.predictions.get().outcome
    shown = page.locator(".reasons >> visible=true")
    for key, other in (("a", "Income is insufficient"), ("d", "a guarantor outweighs")):
        page.keyboard.press(key)
        page.keyboard.press("1")
        expect(shown.locator("input:checked")).to_have_count(1)
        expect(shown).not_to_contain_text(other)
        outcome = page.locator("[name=verdict]:checked")
        asks = {"a": predicted != "approve", "d": True}[key]
        assert outcome.evaluate("each => each.dataset.explain !== undefined") == asks
    page.keyboard.press("d")  # the same key takes a choice back
    expect(page.locator("[name=verdict]:checked")).to_have_count(0)
    judge(page, "d", 2, "The papers show other instalments.")
    review = eventually(Review.objects.filter(case=case).first, "the verdict")
    assert review is not None
    assert set(review.reason_codes) == {"income_insufficient", "obligations_excessive"}
    kept = vault.of(case.pk).open(f"explanation:{review.claim_id}", review.sealed_explanation)
    assert kept.decode() == "The papers show other instalments."
    told = Event.objects.get(case_id=case.pk, type="review.submitted")
    assert told.commitments["explanation"]


def test_rule_7_keys_all_of_them(desk: Desk, page: Page) -> None:
    """Every usual key does what the overlay says, Z takes the verdict back before it leaves the house."""
    case = desk.loan()
    desk.open(case)
    row = page.locator("#field-net_income")
    for key, sees in (
        ("j", row),
        ("j", page.locator("#field-amount")),
        ("k", row),
        ("x", page.locator("#value-net_income")),
        ("Escape", row),
        ("/", page.locator("#search-words")),
        ("Escape", row),
        ("Control+k", page.get_by_role("combobox", name="Act, place or reference")),
        ("Escape", row),
        ("h", page.get_by_label("Why it has to wait")),
        ("Escape", None),
        ("s", page.get_by_label("Why you escalate")),
        ("Escape", None),
        ("?", page.get_by_role("dialog", name="Keys").locator(":focus")),
        ("Escape", None),
        ("n", page.locator("[data-field]:focus")),
    ):
        page.keyboard.press(key)
        if sees:
            expect(sees).to_be_focused()
    settle = page.locator("#to-settle")
    row.focus()
    for key, left in ((" ", "2 to settle"), ("u", "3 to settle"), ("i", "2 to settle")):
        page.keyboard.press(key)
        expect(settle).to_have_text(left)
    page.keyboard.press("e")
    expect(row).to_have_class(re.compile("evident"))
    page.keyboard.press("d")
    page.keyboard.press("1")
    page.locator("#explanation").fill("It does not carry it.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_contain_text("goes against the person")
    page.keyboard.press("y")
    page.wait_for_url(desk.url)
    assert not Decision.objects.filter(case=case).exists()
    page.keyboard.press("z")
    at(page, case)
    assert Review.objects.get(case=case).undone_at is not None


def test_rule_8_the_lease_is_visible_and_kind(desk: Desk, page: Page) -> None:
    """Time left is shown, its end is said before, and what was entered comes back with the case."""
    page.clock.install()
    case = desk.loan()
    page.goto(desk.url)
    page.keyboard.press("Enter")
    at(page, case)
    expect(page.locator("[data-lease-words]")).to_have_text(re.compile(r"^(10:00|9:5\d) left$"))
    value = page.locator("#value-net_income")
    value.fill("2341.18")
    value.press("Enter")
    expect(page.locator("#field-net_income")).to_contain_text("corrected by you")
    page.route("**/heartbeat/", lambda beat: beat.fulfill(json={"seconds_left": 600}))
    page.clock.fast_forward(60_000)  # the last sign of life is told to the house
    expect(page.locator("[data-lease-words]")).to_have_text(re.compile(r"^(10:00|9:5\d) left$"))
    page.clock.fast_forward(481_000)
    expect(page.locator("[data-lease]")).to_have_class(re.compile("lease-short"))
    expect(page.locator("#announcer")).to_contain_text("in 2 minutes unless you go on")
    page.clock.fast_forward(120_000)
    dialog = page.get_by_role("dialog", name="This case is no longer in your hands")
    expect(dialog).to_contain_text("kept with it as a draft")
    expire(Claim.objects.get(case=case))
    return_expired(by=TESTER)
    dialog.get_by_role("link").click()
    page.get_by_role("button", name="Start reviewing").click()
    at(page, case)
    expect(page.locator("#field-net_income s")).to_have_text("2,431.18")
    assert Claim.objects.filter(case=case).count() == 2


def test_rule_8_a_crashed_tab_takes_nothing_with_it(desk: Desk, page: Page) -> None:
    """The case is still theirs in a new tab, field by field and the verdict half written."""
    case = desk.loan()
    desk.open(case)
    page.locator("#field-employer").focus()
    page.keyboard.press("i")
    expect(page.locator("#to-settle")).to_have_text("2 to settle")
    page.get_by_role("radio", name="Decline").check()
    page.get_by_label("Explanation").fill("Half a thought")
    opened = vault.of(case.pk)
    eventually(lambda: load_draft(opened, reviewer=desk.person).get("explanation"), "the draft")
    new = page.context.new_page()
    page.close(run_before_unload=False)
    new.goto(desk.url)
    new.get_by_role("link", name=f"Go on with {case.reference}").click()
    at(new, case)
    expect(new.get_by_label("Explanation")).to_have_value("Half a thought")
    expect(new.locator("#to-settle")).to_have_text("2 to settle")
    assert Claim.objects.filter(case=case).count() == 1


def test_rule_8_a_write_past_the_lease_gets_a_merge_screen(desk: Desk, page: Page) -> None:
    """What came late stands beside what was entered since, and the reviewer says which stays."""
    case = desk.loan()
    desk.open(case)
    page.route("**/draft/", lambda draft: draft.abort())
    page.get_by_role("radio", name="Decline").check()
    page.get_by_label("Income is insufficient").check()
    page.get_by_label("Explanation").fill("Written first, came late.")
    expire(Claim.objects.get(case=case))
    return_expired(by=TESTER)
    other = page.context.new_page()
    held(case, desk.person)
    other.goto(page.url)
    other.get_by_role("radio", name="Approve").check()
    other.get_by_label("Explanation").fill("Written since.")
    opened = vault.of(case.pk)
    eventually(lambda: load_draft(opened, reviewer=desk.person).get("explanation"), "the draft")
    page.get_by_role("button", name="Submit and stop").click()
    page.keyboard.press("y")
    expect(page.get_by_role("heading", level=1)).to_have_text("This came too late")
    assert not Review.objects.filter(case=case).exists()
    part = page.get_by_role("group", name="Explanation")
    expect(part).to_contain_text("Written since.")
    part.get_by_label("Came late").check()
    page.get_by_role("button", name="Merge").click()
    at(page, case)
    expect(page.get_by_label("Explanation")).to_have_value("Written first, came late.")


def test_rule_9_never_queue_empty_when_work_is_only_held(desk: Desk, page: Page) -> None:
    """Home says who has it and when it may come free; "all done" is said of nothing at all alone."""
    page.goto(desk.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("All done")
    held(desk.loan(), desk.colleague("review"))
    page.reload()
    start = page.get_by_role("region", name="Nothing waits right now")
    expect(start).to_contain_text(re.compile(r"1 in progress, next frees in (10|9) min or sooner"))
    expect(page.locator("body")).not_to_contain_text("All done")


def test_rule_10_deadlines_as_people_say_them(desk: Desk, page: Page) -> None:
    """Hours and days in words, amber and red in time, and what is about to breach above any order."""
    said = {
        desk.loan(due(30.5)).reference: ("1 d 6 h left", ""),
        desk.loan(due(3.2)).reference: ("3 h 11 min left", ""),
        desk.loan(due(1.5)).reference: ("1 h 29 min left", "due-warn"),
        desk.loan(due(0.4)).reference: ("23 min left", "due-bad"),
        desk.loan(due(-50.1)).reference: ("2 d 2 h late", "due-bad"),
    }
    page.goto(f"{desk.url}cases/?queue={desk.queue.slug}")
    for reference, (words, colour) in said.items():
        row = page.get_by_role("row").filter(has_text=reference)
        expect(row).to_contain_text(words)
        expect(row.locator("[class^=due-]")).to_have_count(1 if colour else 0)
        if colour:
            expect(row.locator(f".{colour}")).to_have_text(words)
    *_, last = said
    for query in ("", "?status=decided", "?sort=deadline", "?reference=nothing"):
        page.goto(f"{desk.url}cases/{query}")
        expect(page.get_by_role("region", name="About to breach")).to_contain_text(last)
