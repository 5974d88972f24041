"""Pages in a language that brackets every message: what stands on them without brackets is no message."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client, override_settings
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import vault
from cases.models import Case, Document, Page, Pipeline
from reviews.claims import return_expired
from reviews.models import Claim, Stage
from reviews.reasons import because
from reviews.slotfiles import SlotRow
from reviews.slots import load_slots
from tests.bracketed import LANGUAGE, WORD, unmarked, write_catalogue
from tests.casefiles import (
    DECLINE,
    LOAN_DATA,
    TESTER,
    expire,
    held,
    reviewed_case,
    waiting_case,
)
from tests.claims_made import RECEIPTS, Expenses, expense_case
from tests.conftest import Upstream
from tests.messages import EARLIER, LABELS, NEWS2, PATIENT, TEXT, message_case, message_pipeline

PERSON = {"first_name": "Mirele", "last_name": "Okonkwo"}
DATA = " ".join(str(value) for value in LOAN_DATA["applicant"].values()) + " Zimmerei Quandt EUR"
NAMES = "Countersign Mirele Okonkwo upstream person tests german credit expense scorecard DE"
DAYS = "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Sept Oct Nov Dec"
EVERYWHERE = f"ECE AUROC UTC SHA CSV JSON Lines Parquet PDF ZIP Esc {DAYS} EUR GBP"
CLAIMED = " ".join(f"{each.merchant} {each.lines}" for each in RECEIPTS)
KINDS = f"MSG EXP {TEXT} monday {PATIENT} {EARLIER} {LABELS} {NEWS2['source']} {CLAIMED}"
MADE_UP = """urgency for tests GP Customer visit in Bologna and London Ilse Marchetti min mmHg
appointment Oxygen saturation Hypertension Type diabetes Amlodipine mg Metformin"""
KNOWN = {*WORD.findall(f"{DATA} {NAMES} {EVERYWHERE} {KINDS} {MADE_UP} {DECLINE.explanation}")}
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
    with_blurred_paper(holding)
    return House(
        waiting=waiting_case(loan, client, predicted="decline", confidence=0.71),
        independent=waiting_case(loan, client, queue="loan-second", stage=Stage.SECOND, round=2),
        held=holding,
        reviewed=reviewed_case(loan, client, people[Role.SENIOR_REVIEWER], verdict=DECLINE),
        people=people,
    )


def with_blurred_paper(case: Case) -> None:
    """Adds a paper of two pages, of which one is there and hard to read."""
    document = Document(case=case, position=90, kind="payslip", size=1, page_count=2, digest="")
    name = f"document_name:{document.pk}"
    document.sealed_name = vault.of(case.pk).seal(name, b"EUR")
    document.save()
    page = {"width": 9, "height": 9, "media_type": "image/jpeg", "blob": "none"}
    quality = {"remarks": ["out of focus", "low contrast"]}
    Page.objects.create(document=document, number=1, quality=quality, **page)


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
    "forbidden": (Role.REVIEWER, "/board/"),
    "home": (Role.REVIEWER, "/"),
    "home of seniors": (Role.SENIOR_REVIEWER, "/"),
    "home of auditors": (Role.AUDITOR, "/"),
    "settings": (Role.REVIEWER, "/settings/"),
    "palette": (Role.REVIEWER, "/palette/"),
    "second factor": (Role.REVIEWER, "/account/2fa/"),
    "password": (Role.REVIEWER, "/account/password/change/"),
    "cases": (Role.REVIEWER, "/cases/"),
    "no cases": (Role.REVIEWER, "/cases/?reference=none-such"),
    "exports": (Role.AUDITOR, "/trail/exports/"),
    "record of a waiting case": (Role.REVIEWER, "/cases/{0.waiting.pk}/"),
    "record of an independent case": (Role.SENIOR_REVIEWER, "/cases/{0.independent.pk}/"),
    "record of a decided case": (Role.AUDITOR, "/cases/{0.reviewed.pk}/"),
    "workbench": (Role.REVIEWER, "/cases/{0.held.pk}/"),
    "guidance": (Role.REVIEWER, "/cases/{0.held.pk}/guidance/"),
    "what was known then": (Role.AUDITOR, "/cases/{0.reviewed.pk}/history/1/"),
    "board": (Role.SENIOR_REVIEWER, "/board/"),
    "giving a case": (Role.SENIOR_REVIEWER, "/board/cases/{0.waiting.pk}/"),
    "sharing a queue": (Role.SENIOR_REVIEWER, "/board/queues/loan-review/"),
    "lab": (Role.PIPELINE_ADMIN, "/lab/"),
    "policy": (Role.PIPELINE_ADMIN, "/lab/loan/"),
    "replay": (Role.PIPELINE_ADMIN, "/lab/loan/replay/"),
    "curve": (Role.PIPELINE_ADMIN, "/lab/loan/curve/"),
    "calibration": (Role.PIPELINE_ADMIN, "/lab/loan/calibration/"),
    "samples": (Role.PIPELINE_ADMIN, "/lab/loan/samples/"),
    "agreement": (Role.PIPELINE_ADMIN, "/lab/loan/agreement/"),
    "known answers": (Role.PIPELINE_ADMIN, "/lab/loan/known/"),
    "capacity": (Role.PIPELINE_ADMIN, "/lab/loan/capacity/"),
    "stops": (Role.PIPELINE_ADMIN, "/lab/stops/"),
    "trail": (Role.AUDITOR, "/trail/"),
    "access": (Role.AUDITOR, "/trail/access/"),
    "notices": (Role.AUDITOR, "/trail/notices/"),
    "keeping": (Role.PRIVACY_OFFICER, "/trail/keeping/?count=loan"),
    "somebody asks to be erased": (Role.PRIVACY_OFFICER, "/trail/keeping/request/"),
    "as it was decided": (Role.AUDITOR, "/trail/cases/{0.reviewed.pk}/"),
    "emergencies": (Role.AUDITOR, "/glass/"),
}
"""Who looks at which page."""


def named(found: Any) -> Iterator[str]:
    """The names in an answer for scripts."""
    if isinstance(found, dict):
        yield from (found[key] for key in ("label", "name") if key in found)
    for each in found.values() if isinstance(found, dict) else found:
        if isinstance(each, dict | list):
            yield from named(each)


@pytest.mark.parametrize("name", PAGES)
def test_every_word_of_a_page_can_be_translated(
    client: Client, house: House, in_brackets: None, name: str
) -> None:
    role, path = PAGES[name]
    if role is not None:
        client.force_login(house.people[role])
    answer = client.get(path.format(house), headers={"Accept-Language": LANGUAGE})
    page = "\n".join(named(answer.json())) if name == "palette" else answer.content.decode()
    said_in_brackets(page)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("verdict/", {"verdict": "decline", "reason:decline": "income_insufficient"}),
        ("verdict/", {"verdict": "decline", "explanation": "Zimmerei"}),
        ("fields/amount/", {"act": "correct", "value": "Zimmerei"}),
        ("fields/amount/", {"act": "correct", "value": "999999999"}),
        ("fields/amount/", {"act": "illegible"}),
        ("hold/", {}),
        ("ask/", {}),
        ("escalate/", {}),
        ("comments/", {}),
        ("give-back/", {}),
        ("verdict/", {"fence": "0", "verdict": "decline", "explanation": "Zimmerei"}),
    ],
)
def test_what_is_answered_can_be_translated(
    client: Client, house: House, in_brackets: None, path: str, sent: dict[str, str]
) -> None:
    client.force_login(house.people[Role.REVIEWER])
    fence = str(Claim.objects.get(case=house.held, ended_at=None).pk)
    asked = {"Accept-Language": LANGUAGE}
    at = f"/cases/{house.held.pk}/{path}"
    answer = client.post(at, {"fence": fence} | sent, headers=asked, follow=True)
    said_in_brackets(answer.content.decode())


DAY = (localdate() + timedelta(days=3)).isoformat()


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (
            "verdict/",
            {"verdict": "decline", "reason:decline": "income_insufficient", "explanation": "EUR"},
        ),
        ("verdict/", {"verdict": "approve", "commits": "", "next": "stop", "confirmed": "yes"}),
        ("fields/amount/", {"act": "settle", "value": "4,870.00"}),
        ("fields/amount/region/", {"page": "none"}),
        ("rescore/", {}),
        ("unmask/", {}),
        ("hold/", {"words": "Zimmerei", "until": DAY}),
        ("hold/", {"words": "Zimmerei", "until": "2020-01-01"}),
        ("ask/", {"words": "Zimmerei", "until": DAY, "read_fields": "amount"}),
        ("escalate/", {"note": "Zimmerei"}),
        ("comments/", {"text": "Zimmerei @upstream"}),
        ("hold/", {"fence": "0", "words": "Zimmerei", "until": DAY}),
    ],
)
def test_what_a_reviewer_does_is_answered_in_messages(
    client: Client, house: House, in_brackets: None, path: str, sent: dict[str, str]
) -> None:
    client.force_login(house.people[Role.REVIEWER])
    claim = Claim.objects.get(case=house.held, ended_at=None)
    form = {"fence": str(claim.pk), "version": str(house.held.version)}
    at = f"/cases/{house.held.pk}/"
    answered(client, f"{at}{path}", form | sent)
    answered(client, at)
    answered(client, "/")


def test_a_second_judge_is_asked_in_messages(
    client: Client, house: House, in_brackets: None
) -> None:
    senior = house.people[Role.SENIOR_REVIEWER]
    client.force_login(senior)
    claim = held(house.independent, senior)
    at = f"/cases/{house.independent.pk}/"
    answered(client, at)
    sent = {"fence": claim.pk, "version": house.independent.version, "explanation": "Zimmerei"}
    page = answered(client, f"{at}verdict/", sent | {"verdict": "decline"})
    reason = {"verdict": "decline", "reason:decline": "income_insufficient"}
    page = answered(client, f"{at}verdict/", sent | reason)
    assert 'name="confirmed" value="yes"' in page


def test_two_drafts_are_laid_beside_each_other_in_messages(
    client: Client, house: House, in_brackets: None
) -> None:
    reviewer = house.people[Role.REVIEWER]
    client.force_login(reviewer)
    first = Claim.objects.get(case=house.held, ended_at=None)
    expire(first)
    return_expired(by=TESTER)
    second = held(house.held, reviewer)
    at = f"/cases/{house.held.pk}/"
    client.post(f"{at}draft/", {"fence": second.pk, "verdict": "approve", "explanation": "EUR"})
    older = {
        "fence": first.pk,
        "version": house.held.version,
        "verdict": "decline",
        "reason:decline": "income_insufficient",
        "explanation": "Zimmerei",
    }
    page = answered(client, f"{at}verdict/", older)
    assert "take:explanation" in page
    answered(client, at)
    answered(client, f"{at}merge/", {"take:outcome": "sent"})


def test_the_board_answers_in_messages(client: Client, house: House, in_brackets: None) -> None:
    client.force_login(house.people[Role.SENIOR_REVIEWER])
    reviewer = house.people[Role.REVIEWER]
    at = f"/board/cases/{house.waiting.pk}/"
    answered(client, f"{at}give/", {})
    answered(client, f"{at}give/", {"person": house.people[Role.AUDITOR].pk})
    answered(client, f"{at}give/", {"person": reviewer.pk})
    answered(client, at)
    answered(client, f"{at}lift/", {})
    answered(client, "/board/queues/loan-review/share/", {"count": "0"})
    answered(client, "/board/queues/loan-review/share/", {"count": "3", "person": reviewer.pk})
    answered(client, f"/board/cases/{house.held.pk}/")
    claim = Claim.objects.get(case=house.held, ended_at=None)
    answered(client, f"/cases/{house.held.pk}/take-over/", {"seen": claim.pk})
    answered(client, f"/cases/{house.held.pk}/take-over/", {"seen": claim.pk})


def message_in_review(client: ApiClient, **how: Any) -> Case:
    """A message with an appointment to propose, and every reason of a route that speaks of messages."""
    pipeline = message_pipeline()
    start = timezone.now() + timedelta(hours=1)
    row = SlotRow(1, "s1", "GP", "Mirele", start, start + timedelta(minutes=10))
    load_slots(pipeline, [row], by=TESTER)
    said = [
        because("flag", label="Signs of sepsis"),
        because("above_ceiling", outcome="Emergency", probability=0.31, ceiling=0.02),
        because("no_consent"),
        because("bound_not_met", figure="Missed-urgent rate", upper=0.031, at_most=0.02),
    ]
    return message_case(client, pipeline=pipeline, reasons=[asdict(each) for each in said], **how)


def test_a_message_is_shown_and_answered_in_messages(
    client: Client,
    db: None,
    in_brackets: None,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Upstream],
) -> None:
    clinician = make_person(Role.REVIEWER, **PERSON)
    client.force_login(clinician)
    upstream = make_upstream("patient-message").client
    urgent = {"queue": "messages-urgent", "due_in": timedelta(minutes=5)}
    case, _other = message_in_review(upstream), message_in_review(upstream, **urgent)
    answered(client, "/")
    answered(client, f"/cases/{case.pk}/")
    fence = held(case, clinician).pk
    at = f"/cases/{case.pk}/"
    for path in ("", "guidance/", "history/1/"):
        answered(client, f"{at}{path}")
    sent = {"fence": fence, "version": str(case.version), "verdict": "same_day", "next": "stop"}
    reply = {"reason:same_day": "known_condition", "explanation": "EUR", "reply:same_day": "own"}
    said = {"reply_text:same_day": "{appointment}", "contact:same_day": "phone"}
    for more in ({"contact:same_day": "none"}, {}, {"reply_text:same_day": "Zimmerei"}):
        answered(client, f"{at}verdict/", {**sent, **reply, **said, **more})
    answered(client, at)


def test_a_claim_is_shown_and_refused_in_messages(
    client: Client,
    db: None,
    in_brackets: None,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Upstream],
) -> None:
    approver = make_person(Role.REVIEWER, **PERSON)
    client.force_login(approver)
    upstream = make_upstream("expense-claim").client
    earlier = expense_case(upstream)
    said = because("field_not_found", label="Total (Receipt 2)")
    case = expense_case(
        upstream,
        Expenses((replace(RECEIPTS[1], repeats=earlier, how="image"), *RECEIPTS[1:])),
        reasons=[asdict(said) | {"field": "total-2"}],
    )
    at = f"/cases/{case.pk}/"
    answered(client, at)
    fence = held(case, approver).pk
    for path in ("", "guidance/", "history/1/"):
        answered(client, f"{at}{path}")
    table = {"fence": fence, "act": "correct", "cell-0-quantity": "Zimmerei"}
    answered(client, f"{at}fields/items-1/", table)
    answered(client, f"{at}fields/total-1/", {"fence": fence, "act": "illegible"})
    answered(client, at)


def answered(client: Client, path: str, sent: dict[str, Any] | None = None) -> str:
    """What a page answers, all of it in messages; what is sent is sent, and followed."""
    asked = {"Accept-Language": LANGUAGE}
    if sent is None:
        page = client.get(path, headers=asked)
    else:
        page = client.post(path, sent, headers=asked, follow=True)
    said_in_brackets(page.content.decode())
    return page.content.decode()


def said_in_brackets(page: str) -> None:
    """Fails with all that stands on a page and is neither a message nor data."""
    assert "⟦" in page
    left = "\n".join(unmarked(page, KNOWN))
    assert not left, left
