"""`manage.py demo`: the demo's people and cases, posted to the running server and read for real."""

import os
import sys
import time
from argparse import ArgumentParser
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cases.models import Case, Status
from config.demo import figures, seeding
from config.demo.accounts import PASSWORD, PEOPLE
from config.demo.shift import Shift, blind_waits, worked

WORKING = (Status.RECEIVED, Status.READ, Status.SCORED, Status.QUARANTINED)
WIDTH = 30
PATIENCE_SECONDS = 300
MOST_TAKEN = 12  # of the cases by the demo's people
DRAWN, MOST_DRAWN = 6, 8  # further cases posted, and how often, until one is drawn to be blind


class Command(BaseCommand):
    """Fills the demo, lets its people work in it, and shows how far the workers are."""

    help = (
        "Makes the demo's people, posts its cases to the running server, waits until they are read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many cases, where the server is, and whether to measure at the end."""
        parser.add_argument("--cases", type=int, default=60)
        parser.add_argument("--address", default=f"http://127.0.0.1:{os.environ.get('PORT', 8000)}")
        parser.add_argument("--figures", action="store_true", help="measure what the demo shows")

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it; what is there already is left alone."""
        if not settings.DEMO:
            raise CommandError("The demo's people and cases exist in demo mode alone.")
        truth = settings.LOCAL_DIR / "demo-truth.jsonl"
        seeding.make_people()
        there = seeding.posted_references()
        count = options["cases"]
        missing = count > len(there.difference(seeding.SHOWPIECES))
        if missing:
            self.post_missing(count, there, options["address"], truth)
        if count and not worked():
            self.work(count, options["address"], truth)
        elif missing:
            self.wait_until_read(Shift(left=0))
        if options["figures"]:
            self.stdout.write("\n".join(figures.report(figures.measure(truth, 0.8))))
        self.stdout.write(self.sign_ins())

    def post_missing(self, count: int, there: set[str], address: str, truth: Path) -> None:
        """Posts what is not there of the first `count` cases, and of those that show something."""
        with transaction.atomic():
            key = seeding.demo_key()
        missing = count + len(seeding.SHOWPIECES) - len(there)
        cases = chain(seeding.showpieces(), seeding.demo_cases(count))
        new = (case for case in cases if case.reference not in there)
        for number, case in enumerate(new, 1):
            seeding.post(case, address=address, key=key)
            if case.reference not in seeding.SHOWPIECES:
                seeding.remember_truth(case, truth)
            self.bar("Posting cases", number, missing)

    def work(self, count: int, address: str, truth: Path) -> None:
        """Lets the people work while the papers are read; one case at least is left to judge blind."""
        shift = Shift(left=min(MOST_TAKEN, count // 4))
        self.wait_until_read(shift)
        for more in range(1, MOST_DRAWN):
            if blind_waits():
                break
            self.post_missing(count + more * DRAWN, seeding.posted_references(), address, truth)
            self.wait_until_read(shift)
        shift.close()

    def wait_until_read(self, shift: Shift) -> None:
        """Shows how many cases the workers have read, until they are through or make no headway."""
        cases = Case.objects.filter(client__name=seeding.CLIENT)
        total = left = cases.count()
        moved = time.monotonic()
        while left and time.monotonic() - moved < PATIENCE_SECONDS:
            now = cases.filter(status__in=WORKING).count()
            if now != left:
                left, moved = now, time.monotonic()
                self.bar("Reading papers", total - left, total)
            shift.look()
            time.sleep(0.5)

    def bar(self, what: str, done: int, of: int) -> None:
        """A progress bar on a terminal; a line now and then elsewhere."""
        if not sys.stdout.isatty():
            if done == of or done % max(1, of // 10) == 0:
                self.stdout.write(f"{what}: {done} of {of}")
            return
        filled = WIDTH * done // of
        end = "\n" if done == of else ""
        self.stdout.write(
            f"\r{what:16}{'█' * filled}{'░' * (WIDTH - filled)} {done}/{of}", ending=end
        )
        self.stdout.flush()

    def sign_ins(self) -> str:
        """Who can sign in, and how."""
        people = [f"  {person.username:8} {person.role.value}" for person in PEOPLE]
        return "\n".join(["", f"Sign in with the password {PASSWORD} as", *people])
