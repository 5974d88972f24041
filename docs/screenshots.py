"""Takes the pictures of the documentation: every page and state, light, dark and at three widths.

    python docs/screenshots.py            starts a demo of its own, which leaves nothing behind
    python docs/screenshots.py ADDRESS    of a demo that runs; best a fresh one, since verdicts are given

Needs what `make test` installs. Each picture is `docs/images/STATE-LOOK.webp`; others there are deleted.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from studio import CHROMIUM, FLAGS, IMAGES, ROOT, Studio

CASES = 30
OURS = ("COUNTERSIGN_", "DATABASE_", "REDIS_")
BLIND = "Hidden until you have given your answer"


# ---------------------------------------------------------------- what is taken


def take_all(studio: Studio) -> None:
    """Every page and state; what can be done once comes last."""
    pages(studio)
    lab(studio)
    trail(studio)
    ada = studio.enter("ada")
    studio.take(ada, "home")
    take_case(studio, ada, lambda: told(ada) and not blinded(ada))
    ada.wait_for_load_state("networkidle")
    studio.take(ada, "workbench")
    workbench(studio, ada)
    record(studio)
    blind(studio)
    message(studio)
    claim(studio)
    board(studio)
    undo(studio, ada)
    late(studio, ada)
    alarm(studio)


def pages(studio: Studio) -> None:
    """Pages that no case is needed for."""
    studio.visit(studio.visitor(), "/account/login/", "sign-in")
    freya = studio.enter("freya")
    studio.visit(freya, "/cases/", "cases")
    studio.visit(freya, "/settings/", "settings")
    studio.visit(freya, "/nothing/", "not-found")


def trail(studio: Studio) -> None:
    """What auditors, supervisors and privacy officers see of the trail, and a decision as it was."""
    emil = studio.enter("emil")
    emil.goto(f"{studio.address}/trail/")
    emil.locator("textarea").fill(emil.locator("main pre").first.inner_text() + "\n")
    emil.get_by_role("button", name="Check").click()
    emil.wait_for_load_state("networkidle")
    studio.take(emil, "trail")
    studio.visit(emil, "/trail/exports/", "exports")
    studio.visit(emil, "/trail/access/", "trail-access")
    emil.goto(f"{studio.address}/cases/?status=announced")
    emil.locator("main tbody a[href^='/cases/']").first.click()
    emil.get_by_role("link", name="As it was decided").click()
    emil.wait_for_load_state("networkidle")
    studio.take(emil, "trail-replay")
    studio.visit(studio.enter("chidi"), "/trail/notices/", "trail-notices")
    studio.visit(studio.enter("lucia"), "/trail/keeping/", "trail-keeping")


def lab(studio: Studio) -> None:
    """The lab of the loans, whose past is the demo's, and a proposal that waits for a signature."""
    karim = studio.enter("karim")
    studio.visit(karim, "/lab/", "lab")
    for tab in ("replay", "curve", "calibration", "samples", "agreement", "known", "capacity"):
        studio.visit(karim, f"/lab/loan/{tab}/", f"lab-{tab}")
    studio.visit(karim, "/lab/loan/", "lab-overview")
    waiting = karim.get_by_role("link", name="Approve from 0.70").first
    studio.visit(karim, str(waiting.get_attribute("href")), "lab-signing")
    karim.goto(f"{studio.address}/lab/loan/samples/")
    found = karim.locator("main a[href*='/errors/']").first
    studio.visit(karim, str(found.get_attribute("href")), "lab-error")
    karim.goto(f"{studio.address}/lab/loan/")
    karim.get_by_role("button", name="New draft").first.click()
    karim.wait_for_load_state("networkidle")
    studio.take(karim, "lab-editor")


def workbench(studio: Studio, ada: Page) -> None:
    """The workbench in its states, each shut again."""
    ada.locator("[data-mark]").nth(2).click()
    studio.take(ada, "workbench-evidence")
    anew(ada)
    for key, state, seen in (
        ("g", "guidance", ".guidance"),
        ("Control+k", "palette", "dialog[open]"),
        ("?", "keys", "dialog[open]"),
    ):
        ada.keyboard.press(key)
        ada.locator(seen).wait_for()
        studio.take(ada, f"workbench-{state}")
        anew(ada)
    for key, state in (("h", "hold"), ("q", "ask"), ("c", "comments")):
        ada.keyboard.press(key)
        studio.take(ada, f"workbench-{state}", ada.locator(":focus"))
        anew(ada)
    studio.take(ada, "workbench-score", ada.locator(".score-table").first)


def record(studio: Studio) -> None:
    """A decided case, with an entry of its history open, and as who is masked from it sees it."""
    chidi = studio.enter("chidi")
    for address in addresses(studio, chidi, "/cases/?status=announced"):
        chidi.goto(address)
        if chidi.get_by_text("Decided by review").count():
            break
    studio.take(chidi, "record")
    entries = chidi.locator(".timeline-open summary")
    entry = entries.nth(entries.count() - 3)
    entry.click()
    chidi.wait_for_load_state("networkidle")
    studio.take(chidi, "record-history", entry)
    emil = studio.enter("emil")
    emil.goto(chidi.url)
    studio.take(emil, "record-masked")


def blind(studio: Studio) -> None:
    """A case that is judged before the model's view is seen, and the comparison after that."""
    bruno = studio.enter("bruno")
    take_case(studio, bruno, lambda: blinded(bruno))
    bruno.get_by_role("button", name="Give my answer").wait_for()
    studio.take(bruno, "blind")
    decline(bruno, "The account could not carry the first instalments as it stands in March.")
    bruno.get_by_role("button", name="Give my answer").click()
    yes(bruno)
    bruno.locator(".comparison").wait_for()
    studio.take(bruno, "blind-comparison")


def message(studio: Studio) -> None:
    """A patient's message with its flags, its reply and appointment, and what was measured."""
    greta = studio.enter("greta")
    take_case(studio, greta, lambda: greta.locator(".flags a").count() > 0)
    greta.wait_for_load_state("networkidle")
    studio.take(greta, "message")
    greta.get_by_role("radio", name="Same day").check()
    reply = greta.locator("[data-reply=same_day]")
    reply.locator("[name='slot:same_day']").first.check()
    reply.locator("[data-template]").select_option("seen_today")
    studio.take(greta, "message-reply", reply)
    open_case(studio, greta, ".measures-table")
    studio.take(greta, "message-measured", greta.locator(".measures"))


def claim(studio: Studio) -> None:
    """An expense claim whose sums differ, a receipt's line items, and a receipt claimed before."""
    ines = studio.enter("ines")
    take_case(studio, ines, lambda: ines.locator(".sum-differs").count() > 0)
    ines.wait_for_load_state("networkidle")
    studio.take(ines, "claim")
    receipt = ines.locator(".paper-group").filter(has=ines.locator(".grid")).first
    if receipt.get_attribute("open") is None:
        receipt.locator("summary").first.click()
    studio.take(ines, "claim-items", receipt.locator(".grid"))
    open_case(studio, ines, ".seen")
    studio.take(ines, "claim-before", ines.locator(".seen"))


def alarm(studio: Studio) -> None:
    """The alarm of messages that press; it begins ten minutes before they are due."""
    greta = studio.enter("greta")
    greta.locator(".alarm-line").first.wait_for(timeout=600_000)
    studio.take(greta, "alarm")


def board(studio: Studio) -> None:
    """The supervisor's board: what waits, and below it what people did."""
    chidi = studio.enter("chidi")
    studio.visit(chidi, "/board/", "board")
    studio.take(chidi, "board-work", chidi.locator(".board-done"))


def undo(studio: Studio, ada: Page) -> None:
    """The next case, with the last verdict to be undone."""
    anew(ada)
    before = ada.url
    decline(ada, "Net pay does not carry this instalment beside the credits that run already.")
    ada.get_by_role("button", name="Submit and next").click()
    yes(ada)
    ada.wait_for_url(lambda url: url != before)
    ada.locator("[data-undo]").wait_for()
    studio.take(ada, "undo")


def late(studio: Studio, ada: Page) -> None:
    """A verdict that came after a supervisor had the case back, beside what was entered since."""
    case = re.findall("[0-9a-f-]{36}", ada.url)[0]
    ada.route("**/draft/", lambda draft: draft.abort())
    ada.route("**/heartbeat/", lambda beat: beat.abort())
    decline(ada, "Net pay does not carry this instalment beside the credits that run already.")
    chidi = studio.enter("chidi")
    chidi.goto(f"{studio.address}/board/")
    chidi.locator(f"#hand-free-{case}").click()
    chidi.wait_for_load_state("networkidle")
    again = studio.enter("ada")
    again.goto(ada.url)
    again.get_by_role("button", name="Take this case").click()
    again.get_by_role("button", name="Give back").wait_for()
    again.wait_for_load_state("networkidle")
    with again.expect_response("**/draft/"):
        again.get_by_role("radio", name="Approve").check()
    with again.expect_response("**/draft/"):
        again.get_by_label("Explanation").fill(
            "The statement shows rent and savings; this carries."
        )
    ada.get_by_role("button", name="Submit and stop").click()
    yes(ada)
    ada.get_by_role("heading", name="This came too late").wait_for()
    studio.take(ada, "late-merge")


def decline(page: Page, why: str) -> None:
    """Enters an adverse verdict."""
    page.get_by_role("radio", name="Decline").check()
    page.get_by_label("Income is insufficient").check()
    page.get_by_label("Explanation").fill(why)


def anew(page: Page) -> None:
    """Loads a page again, until it listens."""
    page.reload()
    page.wait_for_load_state("networkidle")


def yes(page: Page) -> None:
    """Says yes to the second question."""
    page.get_by_role("button", name="Yes, this is my verdict").click()


def told(page: Page) -> bool:
    """Whether the case came for a field that was not found."""
    return page.locator(".why").get_by_text("was not found").count() > 0


def blinded(page: Page) -> bool:
    """Whether the case is to be judged before the model's view is seen."""
    return page.get_by_text(BLIND).count() > 0


def take_case(studio: Studio, page: Page, suits: Callable[[], bool]) -> None:
    """Takes the first case in review whose record suits."""
    for address in addresses(studio, page, "/cases/?status=in_review"):
        page.goto(address)
        take = page.get_by_role("button", name="Take this case")
        if take.count() and suits():
            take.click()
            page.get_by_role("button", name="Give back").wait_for()
            return
    raise LookupError("no case in review is as the picture needs it")


def open_case(studio: Studio, page: Page, shows: str) -> None:
    """Opens the first case, decided or not, whose page shows something."""
    for address in addresses(studio, page, "/cases/"):
        page.goto(address)
        if page.locator(shows).count():
            page.wait_for_load_state("networkidle")
            return
    raise LookupError(f"no case shows {shows}")


def addresses(studio: Studio, page: Page, path: str) -> list[str]:
    """The addresses of the cases on a list."""
    page.goto(f"{studio.address}{path}")
    links = page.locator("main a[href^='/cases/']").evaluate_all("all => all.map(a => a.href)")
    return [link for link in dict.fromkeys(links) if re.search("/cases/[0-9a-f-]{36}/$", link)]


# ---------------------------------------------------------------- a demo of its own


@contextmanager
def demo() -> Iterator[str]:
    """The address of a fresh demo, which ends with its data."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bare = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        local = str(Path(directory) / "local")
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env=bare | {"COUNTERSIGN_LOCAL": local, "PORT": str(port), "CASES": str(CASES)},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                if "Countersign is at" in line:
                    break
            yield f"http://localhost:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            remove = [sys.executable, "-m", "config.embedded", "remove"]
            subprocess.call(  # noqa: S603  # our own module
                remove, cwd=ROOT, env=bare | {"COUNTERSIGN_LOCAL": local}
            )


def photograph(address: str) -> None:
    """Takes everything."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        studio = Studio(browser, address)
        take_all(studio)
        studio.sweep()
        browser.close()
    size = sum(each.stat().st_size for each in IMAGES.iterdir())
    print(f"{len(studio.taken)} pictures, {size / 2**20:.1f} MiB")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        photograph(sys.argv[1])
    else:
        with demo() as address:
            photograph(address)
