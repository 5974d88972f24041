"""Takes the pictures of the documentation from a running demo: `python docs/screenshots.py [ADDRESS]`."""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
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
LOOKS = ((1440, 900, False, ""), (1440, 900, True, "-dark"), (390, 844, False, "-phone"))


def main(address: str) -> None:
    """Takes each page at each look."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for width, height, dark, suffix in LOOKS:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
            )
            page = context.new_page()
            sign_in(page, address, "ada")
            take(page, f"home{suffix}")
            page.get_by_role("button", name="Start").or_(
                page.get_by_role("link", name="Go on")
            ).first.click()
            page.wait_for_load_state("networkidle")
            take(page, f"workbench{suffix}")
            context.close()
        browser.close()


def sign_in(page: Page, address: str, username: str) -> None:
    """Signs somebody of the demo in."""
    page.goto(f"{address}/account/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", "countersign-demo")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def take(page: Page, name: str) -> None:
    """Takes a picture of what is in view."""
    page.wait_for_timeout(500)  # what moves has come to rest
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
