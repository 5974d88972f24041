"""The notice that an adverse decision owes: its clock, its letter, and who presses."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import ApiClient, User
from audit import vault
from audit.models import ClockTimestamp, Event
from cases.models import Case, Decision, Pipeline
from reviews.adverse.contests import contest_decision
from reviews.adverse.notices import (
    Channel,
    NothingOwed,
    SentBefore,
    drop_notice,
    escalate_due,
    letter_for,
    mark_sent,
    words_sent,
)
from reviews.erasing import erase
from reviews.models import AdverseNotice, Notice
from reviews.printing.posted import posted
from tests.casefiles import DECLINE, OVERRIDE, found, held, reviewed_case, submit, waiting_case
from tests.conftest import TESTER, Upstream

REASON = "Income is insufficient for the amount requested"


@pytest.fixture
def declined(loan: Pipeline, bank: ApiClient, reviewer: User) -> Case:
    """A case that was declined."""
    return reviewed_case(loan, bank, reviewer, verdict=DECLINE)


def owed(case: Case) -> AdverseNotice:
    return AdverseNotice.objects.select_related("decision").get(case=case)


def sent(case: Case, **options: object) -> AdverseNotice:
    return mark_sent(
        owed(case).pk, channel=Channel.POST, by=TESTER, sender=None, **options  # type: ignore[arg-type]  # by name
    )  # fmt: skip


def aged(case: Case, days: int) -> Case:
    """The case as if it had come in so many days ago."""
    Case.objects.filter(pk=case.pk).update(created_at=ClockTimestamp() - timedelta(days=days))
    return Case.objects.get(pk=case.pk)


def test_the_clock_runs_from_the_receipt_and_an_approval_owes_nothing(
    declined: Case, loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    notice = owed(declined)
    assert notice.due_at - declined.created_at == timedelta(days=30)
    assert notice.escalate_at - declined.created_at == timedelta(days=20)
    assert Event.objects.get(type="notice.owed").data["notice"] == notice.pk
    reviewed_case(loan, bank, reviewer, verdict=OVERRIDE)
    assert AdverseNotice.objects.count() == 1


def test_a_notice_is_never_due_before_its_decision(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    case = aged(waiting_case(loan, bank), days=40)
    submit(held(case, reviewer), DECLINE)
    notice = owed(case)
    assert notice.due_at == notice.escalate_at == notice.decision.decided_at


def test_supervisors_hear_once_of_what_is_owed_and_of_what_is_undecided(
    loan: Pipeline, bank: ApiClient, senior: User, reviewer: User
) -> None:
    late = aged(waiting_case(loan, bank), days=25)
    submit(held(late, reviewer), DECLINE)
    undecided, young = aged(waiting_case(loan, bank), days=21), waiting_case(loan, bank)
    assert escalate_due(by=TESTER) == 2
    assert escalate_due(by=TESTER) == 0
    told = Notice.objects.filter(kind=Notice.Kind.OVERDUE, person=senior)
    assert set(told.values_list("case", flat=True)) == {late.pk, undecided.pk}
    assert not Event.objects.filter(type="notice.escalated", case_id=young.pk).exists()


def test_the_letter_has_the_reasons_one_a_line_and_no_place_left(declined: Case) -> None:
    letter = letter_for(owed(declined))
    assert f"\n\n– {REASON}\n\n" in letter.text
    assert "Dear Wilhelmina Ößterreicher," in letter.text
    assert letter.address == ("Wilhelmina Ößterreicher", "Lindenallee 5", "12345 Musterstadt")
    assert "Equal Credit Opportunity Act" in letter.text
    assert "{" not in letter.text
    printed = posted(letter, title="A notice")
    assert printed.startswith(b"%PDF") and printed == posted(letter, title="A notice")


def test_what_was_sent_is_sealed_committed_to_and_stands(declined: Case) -> None:
    notice = sent(declined)
    assert notice.sent_at is not None
    assert REASON.encode() not in bytes(notice.sealed_letter)
    assert REASON in words_sent(notice)
    event = Event.objects.get(type="notice.sent")
    purpose = f"notice:{notice.decision_id}"
    text = words_sent(notice)
    assert event.commitments == {"letter": vault.of(declined.pk).commitment(purpose, text)}
    assert sent(declined).sent_at == notice.sent_at
    assert Event.objects.filter(type="notice.sent").count() == 1


def test_a_notice_is_sent_after_its_decision_and_not_once_it_was_dropped(declined: Case) -> None:
    with pytest.raises(SentBefore):
        sent(declined, at=declined.created_at - timedelta(days=1))
    drop_notice(Decision.objects.get(case=declined))
    with pytest.raises(NothingOwed):
        sent(declined)


# ---------------------------------------------------------------- over the API


@pytest.fixture
def upstream(db: None, make_upstream: Callable[..., Upstream]) -> Upstream:
    return make_upstream("loan")


@pytest.fixture
def its_own(loan: Pipeline, upstream: Upstream, reviewer: User) -> str:
    """The address of a declined case of the upstream's."""
    case = reviewed_case(loan, upstream.client, reviewer, verdict=DECLINE)
    return f"/api/v1/cases/{case.pk}"


def test_an_upstream_takes_the_letter_in_three_forms(
    client: Client, upstream: Upstream, its_own: str
) -> None:
    shown = client.get(f"{its_own}/notice", headers=upstream.headers)
    assert shown.json()["sent_at"] is None
    text = client.get(f"{its_own}/notice", headers={**upstream.headers, "Accept": "text/plain"})
    assert text.content.decode() == shown.json()["letter"]
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    pdf = client.get(f"{its_own}/notice", headers={**upstream.headers, "Accept": "application/pdf"})
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")


def test_an_upstream_says_once_that_it_was_sent(
    client: Client, upstream: Upstream, its_own: str
) -> None:
    def post(body: dict[str, str]) -> tuple[int, dict[str, object]]:
        answer = client.post(
            f"{its_own}/notice/sent", body, content_type="application/json",
            headers=upstream.headers,
        )  # fmt: skip
        return answer.status_code, answer.json()

    assert post({"sent_at": "2001-01-01T00:00:00Z"})[0] == 422
    first = post({})
    assert (first[0], first[1]["channel"]) == (200, "upstream")
    assert post({"channel": "post"}) == first
    assert post({"pigeon": "yes"})[0] == 422


def test_a_contest_over_the_api_is_taken_once(
    client: Client, upstream: Upstream, its_own: str, make_upstream: Callable[..., Upstream]
) -> None:
    def post(key: str, of: Upstream = upstream, words: str = "I earn more.") -> int:
        headers = {**of.headers, "Idempotency-Key": f'"{key}"'}
        return client.post(
            f"{its_own}/contest", {"words": words}, content_type="application/json", headers=headers
        ).status_code

    assert post("a", words=" ") == 422
    assert post("b", of=make_upstream("loan")) == 404
    assert [post("c"), post("c"), post("d")] == [201, 201, 409]
    assert client.get(f"{its_own}/notice", headers=upstream.headers).status_code == 404


def test_what_was_erased_is_gone(client: Client, upstream: Upstream, its_own: str) -> None:
    case = Case.objects.get(client=upstream.client)
    sent(case)
    Case.objects.filter(pk=case.pk).update(step_due_at=None)
    erase(found(case), by=TESTER, disposal=None)
    headers = {**upstream.headers, "Idempotency-Key": '"x"'}
    gone = client.post(
        f"{its_own}/contest", {"words": "No."}, content_type="application/json", headers=headers
    )
    assert (gone.status_code, gone.json()["type"]) == (410, "/problems/erased")
    assert client.get(f"{its_own}/notice", headers=upstream.headers).status_code == 410


def test_a_contested_case_that_was_pressed_for_before_is_pressed_for_anew(
    loan: Pipeline, bank: ApiClient, reviewer: User, senior: User
) -> None:
    case = aged(waiting_case(loan, bank), days=21)
    assert escalate_due(by=TESTER) == 1
    submit(held(case, reviewer), DECLINE)
    contest_decision(case.pk, "I earn more.", by=bank.actor)
    assert escalate_due(by=TESTER) == 1
    assert escalate_due(by=TESTER) == 0
