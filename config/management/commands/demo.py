"""`manage.py demo`: the demo's people and cases, posted to the running server and read for real."""

import math
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases.models import Case, Pipeline, Status
from config.demo import clinic, expenses, figures, loans, messages, seeding
from config.demo.accounts import PASSWORD, PEOPLE
from config.demo.aftermath import follow_up
from config.demo.answering import answer_messages
from config.demo.approving import approve_claims
from config.demo.cases import DemoCase, post
from config.demo.history import add_history
from config.demo.loans import LoanCase
from config.demo.shift import Shift, blind_waits, worked
from config.demo.signing import sign_calibrated_policy

WORKING = (Status.RECEIVED, Status.READ, Status.SCORED, Status.QUARANTINED)
WIDTH = 30
PATIENCE_SECONDS = 300
MOST_TAKEN = 12  # of the cases by the demo's people
OTHERS = 0.3  # messages and expense claims, each for one loan
POSTING = {
    loans.PIPELINE: "Posting loans",
    messages.PIPELINE: "Posting messages",
    expenses.PIPELINE: "Posting claims",
}
DRAWN, MOST_DRAWN = 6, 8  # further cases posted, and how often, until one is drawn to be blind


class Command(BaseCommand):
    """Fills the demo, lets its people work in it, and shows how far the workers are."""

    help = (
        "Makes the demo's people, posts its cases to the running server, waits until they are read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many cases, where the server is, and whether to measure at the end."""
        parser.add_argument("--cases", type=int, default=60)
        parser.add_argument("--history", type=int, default=20_000)
        parser.add_argument("--address", default=f"http://127.0.0.1:{os.environ.get('PORT', 8000)}")
        parser.add_argument("--figures", action="store_true", help="measure what the demo shows")

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it; what is there already is left alone."""
        if not settings.DEMO:
            raise CommandError("The demo's people and cases exist in demo mode alone.")
        truth = settings.LOCAL_DIR / "demo-truth.jsonl"
        seeding.make_people()
        clinic.offer()
        self.add_history(options["history"])
        count, address = options["cases"], options["address"]
        others, now = math.ceil(count * OTHERS), messages.this_hour()
        posted = self.post_missing(messages.messages(others, now), address)
        claims = {each.reference: each for each in expenses.expense_claims(others, now.date())}
        posted += self.post_missing(claims.values(), address)
        posted += self.post_loans(count, address, truth)
        if count and not worked():
            self.wait_until_read(Shift(left=0), messages.PIPELINE)
            answer_messages()
            shift = self.work(count, address, truth)
            approve_claims(claims)
            follow_up()
            shift.close()
        elif posted:
            self.wait_until_read(Shift(left=0))
        if options["figures"]:
            self.stdout.write("\n".join(figures.report(figures.measure(truth, 0.8))))
        self.stdout.write(self.sign_ins())

    def add_history(self, count: int) -> None:
        """Adds the settled cases of the last months, and the policy that was signed on their evidence."""
        if count and add_history(count, told=lambda done: self.bar("Making a past", done, count)):
            sign_calibrated_policy()

    def post_loans(self, count: int, address: str, truth: Path) -> int:
        """Posts what is not there of the first `count` loans, and of those that show something."""
        there = seeding.posted_references(loans.PIPELINE)
        missing = len(loans.references(count) - there) if count else 0
        if not missing:
            return 0
        cases = chain(loans.showpieces(there), loans.loan_cases(count, there))
        return self.post_all(self.remembered(cases, truth), missing, address)

    def remembered(self, cases: Iterable[LoanCase], truth: Path) -> Iterator[DemoCase]:
        """The cases as they are posted; what is true of them is kept beside the database."""
        for case in cases:
            if case.reference not in loans.SHOWPIECES:
                loans.remember_truth(case, truth)
            yield case.posted

    def post_missing(self, cases: Iterable[DemoCase], address: str) -> int:
        """Posts those cases of a pipeline that are not there yet; returns how many these were."""
        every = list(cases)
        there = seeding.posted_references(every[0].pipeline) if every else set()
        missing = [case for case in every if case.reference not in there]
        return self.post_all(missing, len(missing), address)

    def post_all(self, cases: Iterable[DemoCase], count: int, address: str) -> int:
        """Posts `count` cases of a pipeline, each as soon as it is drawn; returns how many."""
        key = ""
        for number, case in enumerate(cases, 1):
            key = key or seeding.portal_key(case.pipeline)
            post(case, address=address, key=key)
            self.bar(POSTING[case.pipeline], number, count)
        return count

    def work(self, count: int, address: str, truth: Path) -> Shift:
        """Lets the people work while the papers are read; one case at least is left to judge blind."""
        shift = Shift(left=min(MOST_TAKEN, count // 4))
        self.wait_until_read(shift)
        for more in range(1, MOST_DRAWN):
            if blind_waits():
                break
            self.post_loans(count + more * DRAWN, address, truth)
            self.wait_until_read(shift)
        return shift

    def wait_until_read(self, shift: Shift, *pipelines: str) -> None:
        """Shows how many cases the workers have read, until they are through or make no headway.

        Those of some pipelines, or of all.
        """
        portals = [seeding.PORTALS[each] for each in pipelines or seeding.PORTALS]
        cases = Case.objects.filter(client__name__in=portals)
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
        names = dict(Pipeline.objects.values_list("slug", "name"))
        people = [
            f"  {person.username:8} {person.role.value:16}"
            + ", ".join(names[slug] for slug in person.works_on)
            for person in PEOPLE
        ]
        return "\n".join(["", f"Sign in with the password {PASSWORD} as", *people])
