"""A desk for browser tests: somebody signed in, with a queue that is theirs alone."""

import itertools
from dataclasses import dataclass

from django.db import transaction
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role, grant
from cases.models import Case, Pipeline
from reviews.models import Queue, QueueEntry
from tests.browser.conftest import Served
from tests.casefiles import held
from tests.conftest import TESTER
from tests.loans import Loan, loan_in_review

NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Desk:
    """A person at a page, and the one queue that they review."""

    served: Served
    page: Page
    person: User
    queue: Queue

    @property
    def url(self) -> str:
        """Where the house answers, with the slash of home."""
        return f"{self.served.house.url}/"

    def loan(self, loan: Loan | None = None) -> Case:
        """A loan that waits in the person's queue."""
        case = loan_in_review(self.served.client, loan or Loan())
        QueueEntry.objects.filter(case=case).update(queue=self.queue)
        return case

    def open(self, case: Case) -> None:
        """Opens a case that is in the person's hands from now on."""
        held(case, self.person)
        self.page.goto(f"{self.url}cases/{case.pk}/")
        at(self.page, case)

    def colleague(self, *rights: str, role: Role | None = None) -> User:
        """Somebody else with rights on the queue."""
        made = self.served.person(f"colleague{next(NUMBERS)}", *([role] if role else []))
        allow(made, self.queue, *rights)
        return made


def desk_for(page: Page, served: Served) -> Desk:
    """A desk of somebody who has not been here before."""
    number = next(NUMBERS)
    loans = Pipeline.objects.get(slug="loan")
    person = served.person(f"sitter{number}")
    with transaction.atomic():
        queue = Queue.objects.create(slug=f"desk-{number}", name=f"Desk {number}", pipeline=loans)
        allow(person, queue, "review")
    enter(page, served, person)
    return Desk(served, page, person, queue)


@transaction.atomic
def allow(person: User, queue: Queue, *rights: str) -> None:
    """Grants rights on a queue."""
    for right in rights:
        grant(right, on=queue, to=person, by=TESTER)


def enter(page: Page, served: Served, person: User) -> None:
    """Signs somebody in without the form, which has tests of its own."""
    client = Client()
    client.force_login(person)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": served.house.url}])


def judge(page: Page, verdict: str, reason: int = 1, words: str = "") -> None:
    """A verdict by keys alone: its letter, a reason, words where it takes some, and yes."""
    page.keyboard.press(verdict)
    page.keyboard.press(str(reason))
    if words:
        page.keyboard.press("t")
        page.keyboard.type(words)
        page.keyboard.press("Control+Enter")
    else:
        page.keyboard.press("Enter")
    page.keyboard.press("y")


def at(page: Page, case: Case) -> None:
    """Waits until a case is on the bench and listens, whichever way it came there."""
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {case.reference}")
    expect(page.locator("[data-lease-words]")).to_contain_text("left")
