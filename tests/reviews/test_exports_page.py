"""The auditor's page: only for those who may audit, and only their pipelines."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role, give_role
from audit.models import Event
from cases.models import Pipeline
from tests.casefiles import OVERRIDE, TESTER, reviewed_case
from tests.conftest import Upstream


@pytest.fixture
def auditor(client: Client, make_person: Callable[..., User]) -> User:
    user = make_person(Role.AUDITOR)
    client.force_login(user)
    return user


def test_an_auditor_takes_the_file(
    client: Client,
    loan: Pipeline,
    auditor: User,
    make_person: Callable[..., User],
    make_upstream: Callable[[], Upstream],
) -> None:
    reviewer = make_person(Role.REVIEWER)
    case = reviewed_case(
        loan, make_upstream().client, reviewer, verdict=OVERRIDE, predicted="decline"
    )
    response = client.post("/exports/file/", {"pipeline": "loan", "format": "csv"})
    assert response.status_code == 200
    assert response.streaming
    assert response["Content-Disposition"].startswith('attachment; filename="loan-')
    content = b"".join(response).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(content, newline=""))
    assert row["case"] == str(case.pk)
    page = client.get("/exports/").content.decode()
    assert auditor.shown_name in page
    assert "SHA-256" in page
    assert " UTC</time>" in page
    assert ">all</span>" in page
    assert "every 3s" not in page


def test_explanations_are_masked_from_who_names_no_purpose(
    client: Client,
    loan: Pipeline,
    auditor: User,
    make_person: Callable[..., User],
    make_upstream: Callable[[], Upstream],
) -> None:
    reviewed_case(loan, make_upstream().client, make_person(Role.REVIEWER), verdict=OVERRIDE)

    def taken(**asked: str) -> str:
        answer = client.post("/exports/file/", {"pipeline": "loan", "format": "csv", **asked})
        return b"".join(answer).decode("utf-8-sig")

    without, refused = taken(), taken(purpose="Curiosity")
    assert OVERRIDE.explanation not in without + refused
    assert "[masked]" in without
    assert OVERRIDE.explanation in taken(purpose="Audit sample")
    assert "for Audit sample" in client.get("/exports/").content.decode()
    started = Event.objects.filter(type="export.started").latest("id")
    assert started.data["filter"]["purpose"] == "Audit sample"
    give_role(Role.REVIEWER, to=auditor, by=TESTER)
    assert OVERRIDE.explanation in taken()
    assert "needed for" not in client.get("/exports/").content.decode()


def test_the_page_looks_again_while_an_export_runs(
    client: Client, loan: Pipeline, auditor: User
) -> None:
    running = client.post("/exports/file/", {"pipeline": "loan", "format": "csv"})
    next(iter(running))
    assert "every 3s" in client.get("/exports/").content.decode()


def test_the_last_day_that_can_be_typed_ends_no_export(
    client: Client, loan: Pipeline, auditor: User
) -> None:
    asked = {"pipeline": "loan", "format": "csv", "until": "9999-12-31"}
    response = client.post("/exports/file/", asked)
    assert response.status_code == 200
    assert b"".join(response).decode("utf-8-sig").startswith("case,reference,")


def test_a_period_that_ends_before_it_begins_is_said_so(
    client: Client, loan: Pipeline, auditor: User
) -> None:
    asked = {"pipeline": "loan", "format": "csv", "since": "2026-05-02", "until": "2026-05-01"}
    response = client.post("/exports/file/", asked)
    assert response.status_code == 422
    assert "before the first day" in response.content.decode()


def test_nobody_else_exports(
    client: Client, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    assert client.get("/exports/").status_code == 302
    client.force_login(make_person(Role.SENIOR_REVIEWER))
    assert client.get("/exports/").status_code == 403
    assert client.post("/exports/file/", {"pipeline": "loan", "format": "csv"}).status_code == 403


def test_another_pipeline_is_no_choice(client: Client, loan: Pipeline, auditor: User) -> None:
    Pipeline.objects.create(slug="secret", name="Another one")
    response = client.post("/exports/file/", {"pipeline": "secret", "format": "csv"})
    assert response.status_code == 422
