"""The viewer in a real browser: sizes, zoom and turning, search, regions, blur, and what is missing."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Response, expect

from accounts.models import User
from accounts.roles import Role
from audit import vault
from cases.models import Case
from reviews.drafts import load_draft
from tests.browser.conftest import Served
from tests.browser.test_accessibility import RULES
from tests.casefiles import held
from tests.loans import Loan, Read, loan_in_review
from tests.pagefuls import with_long_paper
from tests.processes import eventually

SignIn = Callable[[Page, str], None]
NAMES = (f"looker{number}" for number in range(100))


@pytest.fixture
def reviewer(served: Served) -> User:
    """Somebody who has not been here before."""
    return served.person(next(NAMES), Role.REVIEWER)


@pytest.fixture
def opened(page: Page, served: Served, sign_in: SignIn, reviewer: User) -> Callable[[Case], Case]:
    """Opens a case on the page, held by the reviewer."""

    def enter(case: Case) -> Case:
        sign_in(page, reviewer.username)
        held(case, reviewer)
        page.goto(f"{served.house.url}/cases/{case.pk}/")
        expect(page.locator("#page-1 img")).to_be_visible()
        return case

    return enter


@pytest.fixture
def loan(served: Served) -> Case:
    return loan_in_review(served.client, Loan(due_in=timedelta(hours=3)))


def mark(page: Page, name: str) -> Locator:
    """A field's box."""
    return page.locator(f'.marks [data-mark="{name}"] rect')


def press_mark(page: Page, name: str) -> None:
    """Presses a field's box until the field has the focus: a page that is still being fitted moves
    under the pointer.
    """
    field = page.locator(f"#field-{name}")

    def pressed() -> bool:
        mark(page, name).click(force=True)
        return bool(field.evaluate("field => field === document.activeElement"))

    eventually(pressed, f"the field of the box {name}")


def place(locator: Locator) -> dict[str, float]:
    """Where an element is on the screen."""
    box = locator.bounding_box()
    assert box is not None
    return {side: box[side] for side in ("x", "y", "width", "height")}


def drafted(case: Case, reviewer: User) -> dict[str, dict[str, object]]:
    fields: dict[str, dict[str, object]] = load_draft(vault.of(case.pk), reviewer=reviewer).get(
        "fields", {}
    )
    return fields


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


# ------------------------------------------------------------------ pages in sizes


def test_pages_come_in_the_size_that_is_looked_at(
    page: Page, opened: Callable[[Case], Case], loan: Case
) -> None:
    with_long_paper(loan, 12)
    asked: list[str] = []

    def note(answer: Response) -> None:
        if "/pages/" in answer.url:
            asked.append(answer.url.rstrip("/").rsplit("/", 1)[1])

    page.on("response", note)
    opened(loan)
    page.wait_for_load_state("networkidle")
    assert set(asked) == {"thumb", "screen"}
    assert asked.count("screen") < 15  # those far below wait until they are near
    page.get_by_label("Page", exact=True).select_option("page-9")
    image = page.locator("#page-9 img")
    expect(image).to_have_attribute("src", re.compile("/screen/$"))
    for _ in range(6):
        page.get_by_role("button", name="Zoom in").click()
    expect(image).to_have_attribute("data-screen", re.compile("/screen/$"))
    expect(image).to_have_attribute("src", re.compile("[0-9a-f]/$"))
    assert image.evaluate("image => image.naturalWidth") == 1698
    page.get_by_label("Page", exact=True).select_option("page-1")
    expect(image).to_have_attribute("src", re.compile("/screen/$"))  # light again, far from view


def test_zooming_keeps_what_is_under_the_mouse(
    page: Page, opened: Callable[[Case], Case], loan: Case
) -> None:
    with_long_paper(loan, 4)
    opened(loan)
    page.get_by_label("Page", exact=True).select_option("page-6")
    frame = place(page.locator("#page-6 [data-frame]"))
    x, y = frame["x"] + frame["width"] * 0.5, frame["y"] + 200
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(page.locator("[data-zoom-level]")).not_to_have_text("100 %")
    after = place(page.locator("#page-6 [data-frame]"))
    share = (y - frame["y"]) / frame["height"]
    assert after["y"] + share * after["height"] == pytest.approx(y, abs=4)


def test_zoom_fit_and_turning_agree(page: Page, opened: Callable[[Case], Case], loan: Case) -> None:
    opened(loan)
    frame = page.locator("#page-1 [data-frame]")
    upright = place(frame)
    page.keyboard.press("p")
    expect(page.locator("[data-zoom-level]")).not_to_have_text("100 %")
    assert place(frame)["height"] < page.locator("[data-pages]").evaluate(
        "pages => pages.clientHeight"
    )
    for turn, sideways in ((90, True), (180, False), (270, True), (0, False)):
        page.keyboard.press("w")
        page.keyboard.press("r")
        expect(page.locator("#page-1")).to_have_attribute("data-turn", str(turn))
        turned, paper, box = (
            place(frame),
            place(page.locator("#page-1 [data-paper]")),
            place(mark(page, "amount")),
        )
        assert turned["width"] == pytest.approx(upright["width"], abs=1)
        shape = upright["height"] / upright["width"]
        assert turned["height"] / turned["width"] == pytest.approx(
            1 / shape if sideways else shape, rel=0.01
        )
        assert paper == pytest.approx(turned, abs=1)  # the paper lies exactly in its frame
        assert (box["height"] > box["width"]) is sideways
        assert turned["x"] < box["x"] and box["x"] + box["width"] < turned["x"] + turned["width"]


def test_choosing_a_field_shows_its_box_on_a_turned_page(
    page: Page, opened: Callable[[Case], Case], loan: Case
) -> None:
    opened(loan)
    page.keyboard.press("r")
    page.locator("#field-amount").focus()
    page.keyboard.press("e")
    expect(page.locator('.marks [data-mark="amount"]')).to_have_class(
        re.compile("mark-chosen.*mark-pulse")
    )
    view, box = place(page.locator("[data-pages]")), place(mark(page, "amount"))
    assert view["y"] < box["y"] + box["height"] / 2 < view["y"] + view["height"]
    assert min(box["width"], box["height"]) >= 33
    press_mark(page, "date_of_birth")


def test_a_field_without_a_source_says_so(
    page: Page, opened: Callable[[Case], Case], loan: Case
) -> None:
    opened(loan)
    page.locator("#field-interest_rate").focus()
    page.keyboard.press("e")
    expect(page.locator("[data-viewer-hint]")).to_have_text("No source found for this field.")
    expect(page.locator("#announcer")).to_contain_text("No source found for this field.")


# ------------------------------------------------------------------ search


def test_words_are_searched_by_keyboard(
    page: Page, opened: Callable[[Case], Case], loan: Case
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(loan)
    first = page.locator("#page-1")
    before = first.bounding_box()
    page.keyboard.press("/")
    assert first.bounding_box() == before, "what is read stays where it is"
    expect(
        page.get_by_label("Search the papers", exact=True).and_(page.locator("input"))
    ).to_be_focused()
    page.keyboard.type("jünger")
    count, announcer = page.locator("[data-found-count]"), page.locator("#announcer")
    expect(count).to_have_text("1 of 3")
    expect(announcer).to_have_text("Match 1 of 3, on page 1")
    page.keyboard.press("Enter")
    expect(count).to_have_text("2 of 3")
    expect(page.locator("#page-2 .found-here")).to_be_visible()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(count).to_have_text("3 of 3")
    expect(page.locator("[data-page-choice]")).to_have_value("page-3")
    page.keyboard.press("Control+a")
    page.keyboard.type("1.204,50")  # printed as 1204.50
    expect(count).to_have_text("1 of 1")
    page.keyboard.press("Control+a")
    page.keyboard.type("nowhere at all")
    expect(count).to_have_text("Nothing found")
    assert not page.locator(".found").count()
    page.keyboard.press("Escape")
    expect(page.locator("[data-search]")).to_be_hidden()
    assert not any("nowhere" in url or "1204" in url for url in asked)
    page.keyboard.press("j")  # the page's own keys work again
    expect(page.locator("[data-field].chosen")).to_have_count(1)


# ------------------------------------------------------------------ a region, read again


def test_a_box_drawn_on_the_page_is_read_into_the_field(
    page: Page, opened: Callable[[Case], Case], served: Served, reviewer: User
) -> None:
    case = loan_in_review(served.client, Loan(read={"net_income": Read("2431.18", 0.5)}))
    opened(case)
    page.locator("#field-amount").focus()
    page.keyboard.press("e")
    box = place(mark(page, "duration_months"))  # drawn around what stands there: 24, and no amount
    page.get_by_role("button", name="Read a field from a region").click()
    drag(page, (box["x"] - 8, box["y"]), (box["x"] + box["width"] + 14, box["y"] + box["height"]))
    expect(page.locator("#field-amount s")).to_have_text("8,450.00")
    expect(page.locator("#value-amount")).to_have_value("24.00")
    expect(page.locator("[data-region-tool]")).to_have_attribute("aria-pressed", "false")
    word = drafted(case, reviewer)["amount"]
    document = case.documents.get(kind="application")
    assert word["value"] == "24.00"
    assert word["page"] == str(document.pages.get().pk)
    now = place(mark(page, "amount"))
    assert now["y"] == pytest.approx(box["y"], abs=30)  # the field's box is the one that was drawn
    page.reload()
    assert place(mark(page, "amount"))["width"] > 0
    page.locator("#field-amount").get_by_role("button", name="Take back Loan amount").click()
    expect(page.locator("#value-amount")).to_have_value("8,450.00")
    assert "amount" not in drafted(case, reviewer)


def test_a_region_by_keyboard_and_what_is_no_value(
    page: Page, opened: Callable[[Case], Case], loan: Case, reviewer: User
) -> None:
    opened(loan)
    page.keyboard.press("b")
    expect(page.locator("[data-viewer-hint]")).to_contain_text("Choose a field first")
    page.locator("#field-date_of_birth").focus()
    page.keyboard.press("b")
    region = page.locator(".region")
    expect(region).to_be_focused()
    before = place(region)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    moved = place(region)
    assert moved["y"] > before["y"] and moved["width"] > before["width"]
    page.keyboard.press("Escape")
    expect(region).to_have_count(0)
    expect(page.locator("#field-date_of_birth")).to_be_focused()
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_contain_text("Date of birth: Settled by you")
    assert drafted(loan, reviewer)["date_of_birth"]["kind"] == "confirmed"

    page.locator("#field-net_income").focus()
    name = place(mark(page, "employer"))
    page.keyboard.down("Shift")
    drag(
        page,
        (name["x"] - 8, name["y"]),
        (name["x"] + name["width"] + 8, name["y"] + name["height"]),
    )
    page.keyboard.up("Shift")
    row = page.locator("#field-net_income")
    expect(row).to_contain_text("no value of this field")
    value = page.locator("#value-net_income")
    expect(value).to_be_focused()
    expect(value).to_have_value(re.compile("Tuinbouw"))
    value.fill("2341.18")
    page.keyboard.press("Enter")
    expect(row.locator("s")).to_have_text("2,431.18")
    assert drafted(loan, reviewer)["net_income"]["page"]  # mended by hand, read where it was drawn


def test_a_region_that_can_not_be_read_loses_nothing(
    page: Page, opened: Callable[[Case], Case], loan: Case, reviewer: User
) -> None:
    opened(loan)
    value = page.locator("#value-amount")
    page.locator("#field-amount").focus()
    page.route("**/region/", lambda request: request.abort())
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(page.locator("[data-viewer-hint]")).to_have_text("The region was not read. Try again.")
    expect(value).to_have_value("8,450.00")
    page.unroute("**/region/")
    page.locator(".region").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#field-amount")).to_have_attribute("data-state", "settled")


# ------------------------------------------------------------------ blur, missing pages, small screens


def test_papers_are_blurred_until_they_are_looked_at(
    page: Page, served: Served, opened: Callable[[Case], Case], loan: Case, reviewer: User
) -> None:
    reviewer.blur_papers = True
    reviewer.save()
    opened(loan)
    image = page.locator("#page-1 [data-paper] img")
    page.mouse.move(5, 5)
    expect(image).to_have_css("filter", re.compile("blur"))
    page.locator("#page-1 [data-frame]").hover(position={"x": 200, "y": 200})
    expect(image).not_to_have_css("filter", re.compile("blur"))
    page.mouse.move(5, 5)
    page.locator("#field-amount").focus()  # a field on it is chosen: its paper is looked at
    expect(image).not_to_have_css("filter", re.compile("blur"))
    expect(page.locator("#page-3 [data-paper] img")).to_have_css("filter", re.compile("blur"))
    page.reload()
    page.locator("[data-pages]").focus()
    expect(image).not_to_have_css("filter", re.compile("blur"))
    page.locator("[data-page-choice]").focus()
    expect(image).to_have_css("filter", re.compile("blur"))
    page.get_by_role("button", name="Show the papers unblurred").click()
    expect(page.locator("#page-3 [data-paper] img")).not_to_have_css("filter", re.compile("blur"))


def test_the_original_of_a_page_that_is_missing_can_be_saved(
    page: Page,
    opened: Callable[[Case], Case],
    served: Served,
    sign_in: SignIn,
    loan: Case,
    reviewer: User,
) -> None:
    page.route("**/pages/**", lambda image: image.fulfill(status=404))
    sign_in(page, reviewer.username)
    held(loan, reviewer)
    page.goto(f"{served.house.url}/cases/{loan.pk}/")
    sheet = page.locator("#page-1")
    expect(sheet).to_contain_text("This page could not be rendered")
    with page.expect_download() as saved:
        sheet.get_by_role("link", name="Save the original").click()
    assert saved.value.suggested_filename == "application.png"


def test_the_viewer_on_a_narrow_screen_in_the_dark_has_no_flaws(
    browser: Browser, served: Served, sign_in: SignIn, loan: Case, reviewer: User
) -> None:
    with_long_paper(loan, 2)
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, reviewer.username)
    held(loan, reviewer)
    page.goto(f"{served.house.url}/cases/{loan.pk}/")
    page.get_by_role("button", name="Search the papers").click()
    page.get_by_label("Search the papers", exact=True).and_(page.locator("input")).fill("utrecht")
    expect(page.locator("[data-found-count]")).to_have_text(re.compile("of|Nothing"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(page, options=RULES)
    assert not found.violations_count, found.generate_report()
    context.close()
