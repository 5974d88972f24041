"""Pages in a language that brackets every message: what stands on them without brackets is no message."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client, override_settings

from accounts.models import User
from accounts.roles import Role
from cases.models import Case, Pipeline
from reviews.models import Stage
from tests.bracketed import LANGUAGE, WORD, unmarked, write_catalogue
from tests.casefiles import DECLINE, LOAN_DATA, held, reviewed_case, waiting_case
from tests.conftest import Upstream

PERSON = {"first_name": "Mirele", "last_name": "Okonkwo"}
DATA = " ".join(str(value) for value in LOAN_DATA["applicant"].values()) + " Zimmerei Quandt EUR"
NAMES = "Countersign Mirele Okonkwo upstream person tests german credit scorecard DE"
EVERYWHERE = "UTC SHA CSV JSON Lines Esc Feb Mar Nov Dec"
KNOWN = {*WORD.findall(f"{DATA} {NAMES} {EVERYWHERE} {DECLINE.explanation}")}
"""Words that are data, or names in any language."""


@dataclass(frozen=True)
class House:
    """Cases in every state, and somebody of each role."""

    waiting: Case
    independent: Case
    held: Case
    reviewed: Case
    people: dict[Role, User]


@pytest.fixture
def house(
    loan: Pipeline, make_person: Callable[..., User], make_upstream: Callable[..., Upstream]
) -> House:
    client = make_upstream().client
    people = {role: make_person(role, **PERSON) for role in Role}
    holding = waiting_case(loan, client, predicted="approve", confidence=0.6)
    held(holding, people[Role.REVIEWER])
    return House(
        waiting=waiting_case(loan, client, predicted="decline", confidence=0.71),
        independent=waiting_case(loan, client, queue="loan-second", stage=Stage.SECOND, round=2),
        held=holding,
        reviewed=reviewed_case(loan, client, people[Role.SENIOR_REVIEWER], verdict=DECLINE),
        people=people,
    )


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue in brackets."""
    directory = tmp_path_factory.mktemp("locale")
    write_catalogue(directory)
    return directory


@pytest.fixture
def in_brackets(catalogue: Path) -> Iterator[None]:
    """The bracketed language is spoken."""
    languages = [*django_settings.LANGUAGES, (LANGUAGE, "Brackets")]
    with override_settings(LANGUAGES=languages, LOCALE_PATHS=[str(catalogue)]):
        yield


PAGES: dict[str, tuple[Role | None, str]] = {
    "sign in": (None, "/account/login/"),
    "nothing there": (Role.REVIEWER, "/nowhere/"),
    "forbidden": (Role.REVIEWER, "/exports/"),
    "home": (Role.REVIEWER, "/"),
    "home of seniors": (Role.SENIOR_REVIEWER, "/"),
    "home of auditors": (Role.AUDITOR, "/"),
    "settings": (Role.REVIEWER, "/settings/"),
    "palette": (Role.REVIEWER, "/palette/"),
    "second factor": (Role.REVIEWER, "/account/2fa/"),
    "password": (Role.REVIEWER, "/account/password/change/"),
    "cases": (Role.REVIEWER, "/cases/"),
    "no cases": (Role.REVIEWER, "/cases/?reference=none-such"),
    "exports": (Role.AUDITOR, "/exports/"),
    "record of a waiting case": (Role.REVIEWER, "/cases/{0.waiting.pk}/"),
    "record of an independent case": (Role.SENIOR_REVIEWER, "/cases/{0.independent.pk}/"),
    "record of a decided case": (Role.AUDITOR, "/cases/{0.reviewed.pk}/"),
    "workbench": (Role.REVIEWER, "/cases/{0.held.pk}/"),
}
"""Who looks at which page. What is not READY yet may still speak English."""
READY = {
    *("sign in", "nothing there", "forbidden", "exports", "second factor", "password"),
    *("settings", "palette", "home", "home of seniors", "home of auditors", "cases", "no cases"),
}
HALF = pytest.mark.xfail(reason="The workbench is being built")


def named(found: Any) -> Iterator[str]:
    """The names in an answer for scripts."""
    if isinstance(found, dict):
        yield from (found[key] for key in ("label", "name") if key in found)
    for each in found.values() if isinstance(found, dict) else found:
        if isinstance(each, dict | list):
            yield from named(each)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in READY else [HALF]) for name in PAGES]
)
def test_every_word_of_a_page_can_be_translated(
    client: Client, house: House, in_brackets: None, name: str
) -> None:
    role, path = PAGES[name]
    if role is not None:
        client.force_login(house.people[role])
    answer = client.get(path.format(house), headers={"Accept-Language": LANGUAGE})
    page = "\n".join(named(answer.json())) if name == "palette" else answer.content.decode()
    assert "⟦" in page
    left = "\n".join(unmarked(page, KNOWN))
    assert not left, left
