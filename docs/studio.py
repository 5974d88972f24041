"""A studio that takes the documentation's pictures: a browser, its looks, and a demo to visit."""

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOKS = {
    "1440": (1440, 900, "light"),
    "1440-dark": (1440, 900, "dark"),
    "1024": (1024, 768, "light"),
    "390": (390, 844, "light"),
}
QUALITY = 82


@dataclass
class Studio:
    """Takes pictures of a running demo."""

    browser: Browser
    address: str
    taken: set[str] = field(default_factory=set)

    def visitor(self) -> Page:
        """A page of a browser of its own."""
        context = self.browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="Europe/London"
        )
        context.set_default_timeout(15_000)
        return context.new_page()

    def enter(self, username: str) -> Page:
        """A page on which somebody of the demo has signed in."""
        page = self.visitor()
        page.goto(f"{self.address}/account/login/")
        page.fill("[name=login]", username)
        page.fill("[name=password]", "countersign-demo")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{self.address}/")
        return page

    def take(self, page: Page, state: str, of: Locator | None = None) -> None:
        """Takes what is in view at every look, with `of` in its middle."""
        for look, (width, height, scheme) in LOOKS.items():
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(250)
            if of is not None:
                of.evaluate("each => each.scrollIntoView({ block: 'center', behavior: 'instant' })")
            page.wait_for_timeout(250)  # what moves has come to rest
            shot = Image.open(io.BytesIO(page.screenshot()))
            shot.save(IMAGES / f"{state}-{look}.webp", quality=QUALITY, method=6)
            self.taken.add(f"{state}-{look}.webp")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1440, "height": 900})
        print(state, flush=True)

    def visit(self, page: Page, path: str, state: str) -> None:
        """Takes a page."""
        page.goto(f"{self.address}{path}")
        page.wait_for_load_state("networkidle")
        self.take(page, state)

    def sweep(self) -> None:
        """Deletes pictures that nobody takes any more."""
        for old in IMAGES.iterdir():
            if old.name not in self.taken:
                old.unlink()
