"""One running house for all browser tests, and the browser that Debian packages."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser, Error, Page, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from accounts.keys import make_client
from accounts.models import ApiClient, User
from accounts.roles import Role
from reviews.models import QueueEntry
from tests.conftest import PASSWORD, TESTER, copied_database
from tests.processes import House, running_house

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@dataclass(frozen=True)
class Served:
    """The running house, with what the tests add to it from outside."""

    house: House
    client: ApiClient

    def person(self, username: str, *roles: Role) -> User:
        """Somebody who can sign in with PASSWORD."""
        first, last = username.title(), "Okonkwo-Lindqvist"
        user = User.objects.create_user(
            username, password=PASSWORD, first_name=first, last_name=last
        )
        user.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))
        return user


@pytest.fixture(scope="package")
def served(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The house on a database of its own; its sealed files are found from here too."""
    directory = tmp_path_factory.mktemp("house")
    files = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(directory / "media")},
    }
    with copied_database(django_db_blocker) as database:
        client = make_client("Polder Broker Network", pipelines=["loan"], by=TESTER)
        with override_settings(STORAGES={**settings.STORAGES, "default": files}):
            for house in running_house(database, directory):
                house.start_web(COUNTERSIGN_UNDO_SECONDS="10")
                yield Served(house, client)


@pytest.fixture(scope="package")
def browser(served: Served) -> Iterator[Browser]:
    """Debian's Chromium, silent towards the network.

    While Playwright runs, Django sees an event loop and keeps other connections than before: those
    are made after the house has its database, and closed here.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=FLAGS.split()
        )
        yield browser
        connections.close_all()
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page as wide as a reviewer's screen, without any cookie."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-GB"
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    yield page
    with contextlib.suppress(Error):  # a page that crashed has nothing on its way
        page.unroute_all(behavior="wait")
    context.close()


@pytest.fixture
def sealed_files() -> None:
    """The served house has its own directory, in place of one for each test."""


@pytest.fixture
def sign_in(served: Served) -> Callable[[Page, str], None]:
    """Signs somebody in by the form; no case waits that an earlier test has left."""
    QueueEntry.objects.filter(claim=None).delete()

    def enter(page: Page, username: str) -> None:
        page.goto(f"{served.house.url}/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{served.house.url}/")

    return enter
