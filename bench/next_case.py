"""From the key that sends a verdict to the next case interactive, in Chromium, a million waiting.

Interactive: the next case stands in the page, its first page image is decoded, a key moves the
keyboard to a field, and that is painted. Beside it, in turns and in the same browser, the same case's
HTML, prepared and static, swapped in after one request for a small file to the same server.
"""

import contextlib
from collections.abc import Iterator, Sequence
from functools import partial

from django.conf import settings
from django.db import connections
from playwright.sync_api import BrowserContext, Page, ViewportSize, sync_playwright

from bench import fill
from bench.claims import forget_rings, session
from bench.database import database
from bench.measure import heading, line, pace
from bench.papered import give_papers
from bench.web import PRODUCT, server

WAITING = 1_000_000
SAMPLES = 60
WARM_UP = 3
TARGET = 200.0
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
SIZE: ViewportSize = {"width": 1440, "height": 900}

# Both sides end with the same steps, so that what is measured of them can be compared.
COMMON = """
window.painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
window.pressed = () => new Promise((done) =>
  addEventListener("keydown", (event) => done(event.timeStamp), { capture: true, once: true }));
window.seen = async () => {
  await document.querySelector("[data-sheet] img").decode();
  return performance.now();
};
"""
PRODUCT_SIDE = """
window.timed = (async () => {
  const main = document.getElementById("main");
  const start = window.pressed();
  const shown = new Promise((done) => new MutationObserver((_, watcher) => {
    watcher.disconnect();
    done();
  }).observe(main, { childList: true }));
  const from = await start;
  await shown;
  const swapped = performance.now();
  const decoded = await window.seen();
  const key = { key: "j", code: "KeyJ", bubbles: true };
  while (!document.activeElement.closest("[data-field]")) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", key));
    await new Promise((done) => setTimeout(done));
  }
  await window.painted();
  return [performance.now() - from, swapped - from, decoded - from];
})();
"""
FLOOR_SIDE = """
window.timed = (async () => {
  const main = document.getElementById("main");
  const next = main.cloneNode(true);
  await Promise.all([...next.querySelectorAll("[data-sheet] img")].slice(0, 2).map((image) => {
    image.loading = "eager";
    return image.decode();
  }));
  document.body.dataset.ready = "yes";
  const from = await window.pressed();
  await (await fetch("/static/js/announce.js", { cache: "no-store" })).text();
  main.replaceChildren(...next.childNodes);
  await window.seen();
  main.querySelector("[data-field]").focus();
  await window.painted();
  return [performance.now() - from];
})();
"""
IN_TIME = """
Promise.race([window.timed, new Promise((_, fail) => setTimeout(() => fail("nothing came"), 10_000))])
"""
WORDS = "The statement shows savings that the score does not know of."
AS_IT_IS = "// nothing is changed"
NEVER_IDLE = "window.requestIdleCallback = () => 0"
"""Keeps a page from fetching anything ahead."""


def run() -> None:
    """Goes from case to case by keys, first with the next one fetched ahead, then without."""
    heading("From key to the next case interactive, a million waiting, milliseconds, p95")
    with place() as (address, context):
        for title, script in (("fetched ahead", AS_IT_IS), ("nothing fetched ahead", NEVER_IDLE)):
            reviewer, floor = context.new_page(), context.new_page()
            reviewer.add_init_script(script)
            reviewer.goto(address)
            if "/cases/" not in address:
                reviewer.locator("main form[action$='/start/'] button").first.click()
                reviewer.wait_for_url("**/cases/**")
            still(floor, reviewer.url)
            sides = (partial(next_case, reviewer, wait=script == AS_IT_IS), partial(swapped, floor))
            taken = [[side() for side in sides] for _ in range(SAMPLES + WARM_UP)][WARM_UP:]
            show(title, [ours for ours, _ in taken], [total for _, (total,) in taken])
            address = reviewer.url  # the next side goes on with the case that this one holds
            reviewer.close()
            floor.close()
    forget_rings()


@contextlib.contextmanager
def place() -> Iterator[tuple[str, BrowserContext]]:
    """A million cases, the most urgent with papers, a server, and a reviewer's browser."""
    with database("next_case"):
        fill.fill(WAITING)
        give_papers((SAMPLES + WARM_UP) * 2 + 10)
        key = session("reviewer")
        connections.close_all()  # Playwright's event loop would be refused them
        with server(PRODUCT) as port, sync_playwright() as playwright:
            address = f"http://127.0.0.1:{port}"
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
            with contextlib.closing(browser):
                context = browser.new_context(viewport=SIZE)
                context.set_default_timeout(10_000)
                context.add_init_script(COMMON)
                context.add_cookies(
                    [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}]
                )
                yield address, context


def next_case(page: Page, *, wait: bool) -> Sequence[float]:
    """Judges the case by keys: milliseconds until the next is interactive, swapped in, decoded."""
    if wait:
        page.locator("[data-workbench][data-fetched]").wait_for()
    page.evaluate(f"() => {{ {PRODUCT_SIDE} }}")
    for key in ("a", "1"):
        page.keyboard.press(key)
    page.locator("#explanation").fill(WORDS)
    page.keyboard.press("Control+Enter")
    if page.locator("dialog[open]").count():
        page.evaluate(f"() => {{ {PRODUCT_SIDE} }}")  # from the key that answers the question
        page.keyboard.press("y")
    found: list[float] = page.evaluate(IN_TIME)
    return found


def still(page: Page, address: str) -> None:
    """The case's page without its scripts."""
    page.route("**/*.js", lambda route: route.abort())
    page.goto(address)
    page.unroute("**/*.js")


def swapped(page: Page) -> Sequence[float]:
    """Milliseconds for the floor's swap."""
    page.evaluate(f"() => {{ {FLOOR_SIDE} }}")
    page.locator("body[data-ready]").wait_for()
    page.keyboard.press("a")
    found: list[float] = page.evaluate(IN_TIME)
    page.evaluate("delete document.body.dataset.ready")
    return found


def show(title: str, ours: Sequence[Sequence[float]], floor: Sequence[float]) -> None:
    """The product's p95 beside the floor's, and where the time went."""
    paces = [pace([part / 1000 for part in parts], 1) for parts in zip(*ours, strict=True)]
    bare = pace([each / 1000 for each in floor], 1)
    line(title, paces[0].p95, bare.p95, target=f"≤ {TARGET:.0f} ms")
    print(
        f"    p50 {paces[0].p50:.0f} ms, floor {bare.p50:.0f}; swapped in after "
        f"{paces[1].p50:.0f} (p95 {paces[1].p95:.0f}), first page decoded after "
        f"{paces[2].p50:.0f} (p95 {paces[2].p95:.0f}); {len(ours)} cases"
    )
