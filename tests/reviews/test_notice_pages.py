"""The pages of notices and contests: who sees them, the letter, and what is taken down."""

import html
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiClient, User
from accounts.rolenames import Role
from cases.models import Case, Pipeline, Status
from reviews.adverse.contests import contest_decision
from reviews.adverse.notices import mark_sent
from reviews.models import AdverseNotice, Contest
from reviews.presenting.trail.notices import left_until
from tests.casefiles import DECLINE, found, held, reviewed_case, submit
from tests.conftest import TESTER

WORDS = "You read April's payslip; I was promoted in May."


def text(answer: Any) -> str:
    """What an answer shows, as its reader reads it."""
    return html.unescape(answer.content.decode())


@pytest.fixture
def declined(loan: Pipeline, bank: ApiClient, reviewer: User) -> Case:
    """A case that `reviewer` has declined."""
    return found(reviewed_case(loan, bank, reviewer, verdict=DECLINE))


def test_supervisors_find_the_letter_and_mark_it_as_sent(
    client: Client, declined: Case, senior: User
) -> None:
    client.force_login(senior)
    notice = AdverseNotice.objects.get()
    listed = text(client.get("/trail/notices/"))
    assert (declined.reference in listed, "29 days left" in listed) == (True, True)
    address = f"/trail/notices/{notice.pk}/"
    shown = text(client.get(address))
    assert "– Income is insufficient for the amount requested" in shown
    assert "Lindenallee 5" in shown
    assert client.get(f"{address}letter.pdf").content.startswith(b"%PDF")
    assert client.get(f"{address}letter.exe").status_code == 404
    client.post(f"{address}sent/", {"channel": "upstream"})
    assert not AdverseNotice.objects.filter(sent_at__isnull=False).exists()
    client.post(f"{address}sent/", {"channel": "post"})
    notice.refresh_from_db()
    assert (notice.sent_by, notice.channel) == (senior, "post")
    assert "By post" in text(client.get("/trail/notices/"))


def test_who_may_judge_a_case_anew_learns_of_no_letter_that_was_sent(
    client: Client, declined: Case, senior: User, make_person: Callable[..., User]
) -> None:
    notice = AdverseNotice.objects.get()
    mark_sent(notice.pk, channel=AdverseNotice.Channel.POST, by=TESTER, sender=None)
    client.force_login(senior)
    assert declined.reference in text(client.get("/trail/notices/"))
    contest_decision(declined.pk, WORDS, by=declined.client.actor)
    assert declined.reference not in text(client.get("/trail/notices/"))
    for form in ("", "letter.pdf", "letter.txt"):
        assert client.get(f"/trail/notices/{notice.pk}/{form}").status_code == 404
    client.force_login(make_person(Role.AUDITOR))
    assert declined.reference in text(client.get("/trail/notices/"))


def test_who_audits_sees_what_is_owed_and_no_letter(
    client: Client, declined: Case, make_person: Callable[..., User]
) -> None:
    client.force_login(make_person(Role.AUDITOR))
    notice = AdverseNotice.objects.get()
    assert declined.reference in text(client.get("/trail/notices/"))
    assert client.get(f"/trail/notices/{notice.pk}/").status_code == 404
    assert client.get(f"/trail/notices/{notice.pk}/letter.txt").status_code == 404


def test_who_reviews_finds_no_notices(client: Client, declined: Case, reviewer: User) -> None:
    client.force_login(reviewer)
    assert client.get("/trail/notices/").status_code == 404


def test_a_contest_is_taken_down_and_stands_before_who_judges_anew(
    client: Client, declined: Case, senior: User
) -> None:
    client.force_login(senior)
    record = f"/cases/{declined.pk}/"
    assert "The person contests this decision" in text(client.get(record))
    client.post(f"{record}contest/", {"words": WORDS})
    assert Contest.objects.get().taken_by == senior
    assert found(declined).status == Status.IN_REVIEW
    held(found(declined), senior)
    bench = text(client.get(record))
    for told in (WORDS, "What is contested: Decline.", DECLINE.explanation):
        assert told in bench
    submit(declined.claims.get(ended_at=None), DECLINE)
    assert "Answered: Decline." in text(client.get(record))


def test_an_independent_judge_reads_nothing_of_the_contest(
    client: Client,
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    make_person: Callable[..., User],
) -> None:
    before, one, two = (make_person(Role.SENIOR_REVIEWER) for _ in range(3))
    case = reviewed_case(loan, bank, reviewer, verdict=DECLINE, second_review="loan-second")
    assert submit(held(found(case), before), DECLINE)
    contest_decision(case.pk, WORDS, by=bank.actor)
    submit(held(found(case), one), DECLINE)
    held(found(case), two)
    client.force_login(two)
    bench = text(client.get(f"/cases/{case.pk}/"))
    assert WORDS not in bench
    assert "contest" not in bench.lower().replace("contest.css", "")


def test_who_only_reviews_takes_no_contest_down(
    client: Client, declined: Case, reviewer: User
) -> None:
    client.force_login(reviewer)
    record = f"/cases/{declined.pk}/"
    assert "The person contests this decision" not in text(client.get(record))
    assert client.post(f"{record}contest/", {"words": WORDS}).status_code == 404


@pytest.mark.parametrize(
    ("hours", "words", "tone"),
    [
        (24 * 10 + 1, "10 days left", ""),
        (24 * 2 + 1, "2 days left", "warn"),
        (5, "less than a day left", "bad"),
        (-1, "due today", "bad"),
        (-25, "1 day late", "bad"),
        (-24 * 9 - 1, "9 days late", "bad"),
    ],
)
def test_the_days_are_counted_down(hours: int, words: str, tone: str) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    left = left_until(now + timedelta(hours=hours), now)
    assert (left.words, left.tone) == (words, tone)
