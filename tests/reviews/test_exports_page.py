"""The exports' page: only for those who may audit, and only their pipelines."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit.models import ClockTimestamp, Event
from cases.models import Case, Pipeline
from reviews.models import Export
from reviews.trail import exportfiles
from reviews.trail.exportjobs import Refused, approve_export, forget_exports_with
from reviews.views.trail import exportform
from tests.casefiles import OVERRIDE, reviewed_case
from tests.conftest import Upstream

ASK, PAGE = "/trail/exports/ask/", "/trail/exports/"
Status = Export.Status


@pytest.fixture
def auditor(client: Client, make_person: Callable[..., User]) -> User:
    user = make_person(Role.AUDITOR)
    client.force_login(user)
    return user


@pytest.fixture
def approval(loan: Pipeline) -> None:
    """The pipeline asks for approval: its file says so."""
    assert loan.current
    content = {**loan.current.content, "exports": {"approval": True}}
    loan.current = type(loan.current).objects.create(
        pipeline=loan, number=loan.current.number + 1, content=content
    )
    loan.save()


def asked(**chosen: str) -> dict[str, str]:
    return {"kind": "decisions", "pipeline": "loan", "format": "csv", **chosen}


def done(export: Export) -> None:
    """As a worker leaves it; where the file is no test of this page looks."""
    Export.objects.filter(pk=export.pk).update(
        status=Status.DONE,
        finished_at=ClockTimestamp(),
        kept_until=ClockTimestamp() + exportfiles.KEPT,
        row_count=12,
        size=4096,
        sha256="ab" * 32,
        sealed_key=b"key",
        blob="exports/none",
    )


def test_who_audits_asks_and_sees_how_far_it_is(
    client: Client, loan: Pipeline, auditor: User
) -> None:
    page = client.get(f"{PAGE}?kind=overrides").content.decode()
    assert 'name="reviewer"' in page
    assert 'name="override"' not in page
    answer = client.post(ASK, asked(since="2026-03-01", override="true", outcome="approve"))
    assert answer.headers["Location"] == f"{PAGE}?kind=decisions#exports"
    export = Export.objects.get()
    assert export.filter == {
        "pipeline": "loan", "since": "2026-03-01", "override": "true", "outcome": "approve",
    }  # fmt: skip
    assert Event.objects.get(type="export.asked").data["filter"] == export.filter
    Export.objects.update(status=Status.RUNNING, rows_made=1500, rows_expected=6000)
    page = client.get(PAGE).content.decode()
    assert "1,500 of 6,000 rows" in page
    assert "every 2s" in page
    assert client.post(f"{PAGE}{export.pk}/cancel/").status_code == 302
    export.refresh_from_db()
    assert export.status == Status.CANCELLED
    assert "every 2s" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"since": "2026-05-02", "until": "2026-05-01"}, "before the first day"),
        ({"purpose": "Curiosity"}, "Curiosity"),
        ({"case": "no such"}, "no such case"),
        ({"pipeline": "secret"}, "not one of the available choices"),
        ({"format": "pdf"}, "pdf"),
        ({"policy_version": str(2**31)}, "less than or equal to 2147483647"),
        ({"kind": "everything"}, "There is no such export"),
    ],
)
def test_what_cannot_be_is_said_beside_it(
    client: Client, loan: Pipeline, auditor: User, chosen: dict[str, str], said: str
) -> None:
    Pipeline.objects.create(slug="secret", name="Another one")
    answer = client.post(ASK, asked(**chosen))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Export.objects.exists()


def test_nobody_else_exports_nor_takes_anothers_file(
    client: Client, loan: Pipeline, auditor: User, make_person: Callable[..., User]
) -> None:
    client.post(ASK, asked())
    export = Export.objects.get()
    done(export)
    client.force_login(make_person(Role.AUDITOR))
    assert "Download" not in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}{export.pk}/file/").status_code == 409
    client.force_login(make_person(Role.PIPELINE_ADMIN))
    for address in (PAGE, f"{PAGE}{export.pk}/file/"):
        assert client.get(address).status_code == 404
    assert client.post(ASK, asked()).status_code == 404
    assert not Event.objects.filter(type="export.downloaded").exists()


def test_the_whole_trail_is_for_who_may_audit_all_and_judges_nothing(
    client: Client, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    client.force_login(make_person(Role.AUDITOR))
    trail = {"kind": "trail", "format": "jsonl"}
    assert client.post(ASK, trail).status_code == 302
    client.force_login(make_person(Role.AUDITOR, Role.REVIEWER))
    client.post(ASK, trail)
    assert "The whole trail" not in client.get(PAGE).content.decode()
    assert Export.objects.filter(kind="trail").count() == 1


def test_another_approves_where_the_pipeline_asks_it(
    client: Client, approval: None, auditor: User, make_person: Callable[..., User]
) -> None:
    client.post(ASK, asked())
    export = Export.objects.get()
    assert export.status == Status.ASKED
    with pytest.raises(Refused):
        approve_export(export.pk, by=auditor)
    other = make_person(Role.AUDITOR)
    client.force_login(other)
    assert "Approve" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{export.pk}/approve/")
    export.refresh_from_db()
    assert (export.status, export.answered_by) == (Status.QUEUED, other)
    assert client.post(f"{PAGE}{export.pk}/refuse/").status_code == 409
    types = Event.objects.filter(type__startswith="export.").values_list("type", flat=True)
    assert list(types) == ["export.asked", "export.approved"]


def test_erasing_a_case_lets_files_go_that_may_hold_it(
    client: Client,
    loan: Pipeline,
    auditor: User,
    make_person: Callable[..., User],
    make_upstream: Callable[[], Upstream],
) -> None:
    case: Case = reviewed_case(
        loan, make_upstream().client, make_person(Role.REVIEWER), verdict=OVERRIDE
    )
    for _ in range(2):
        client.post(ASK, asked())
    running, kept = Export.objects.all()
    done(kept)
    Export.objects.filter(pk=running.pk).update(status=Status.RUNNING, attempts=2)
    assert forget_exports_with(case) == 1
    running.refresh_from_db()
    kept.refresh_from_db()
    assert (kept.status, kept.blob, kept.sealed_key) == (Status.GONE, "", None)
    assert (running.status, running.attempts) == (Status.QUEUED, 0)


def test_a_cases_file_asks_for_no_days_and_says_what_a_purpose_unmasks(
    client: Client, loan: Pipeline, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exportform, "purposes_asked", lambda person, pipeline: ["Complaint"])
    one, many = (
        client.get(f"{PAGE}?kind={kind}").content.decode() for kind in ("case", "decisions")
    )
    assert ("Personal data needed for" in one, "Days are in UTC" in one) == (True, False)
    assert ("Explanations needed for" in many, "Days are in UTC" in many) == (True, True)
