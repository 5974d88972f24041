"""A loan as an upstream posts it."""

import base64
import copy
import io
import itertools
import json
from functools import cache
from typing import Any

import pypdfium2
from django.db import transaction
from django.test import Client

from accounts.models import ApiClient
from cases import decisions, lifecycle
from cases.models import Case, Decision, Status
from tests.conftest import TESTER

KEYS = itertools.count(1)
KINDS = ("application", "payslip", "bank_statement")
NAME = "Grzegorz Brzęczyszczykiewicz"
DATA: dict[str, Any] = {
    "applicant": {"name": NAME, "date_of_birth": "1980-02-29"},
    "loan": {
        "amount": 4200.5,
        "duration_months": 24,
        "purpose": "repairs",
        "instalment_percent": 2,
    },
    "finances": {
        "checking_account": "none",
        "credit_history": "paid_till_now",
        "savings": "unknown",
    },
    "employment": {"since": "1_to_4_years", "job": "skilled"},
}


@cache
def pdf(pages: int = 1) -> bytes:
    """A PDF of empty pages."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    file = io.BytesIO()
    document.save(file)
    document.close()
    return file.getvalue()


def sent_paper(kind: str, content: bytes) -> dict[str, str]:
    """A paper in a JSON body."""
    return {
        "kind": kind,
        "filename": f"{kind}.pdf",
        "content": base64.b64encode(content).decode(),
    }


def loan_body(**changes: Any) -> dict[str, Any]:
    """The body of a loan that is accepted, but for the changes."""
    body = {
        "pipeline": "loan",
        "reference": "SB-1",
        "data": copy.deepcopy(DATA),
        "documents": [sent_paper(kind, pdf()) for kind in KINDS],
    }
    return {**body, **changes}


def with_data(path: str, value: Any) -> dict[str, Any]:
    """The body of a loan with one value of its data changed."""
    body = loan_body()
    *parts, last = path.split("/")
    place = body["data"]
    for part in parts:
        place = place[part]
    place[last] = value
    return body


def post_loan(
    client: Client, upstream: Any, body: Any = None, *, key: str | None = None, **headers: str
) -> Any:
    """Posts a loan under a fresh key, or under `key`; bytes go out as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else loan_body())
    return client.post(
        "/api/v1/cases",
        data=raw,
        content_type=headers.pop("content_type", "application/json"),
        headers={
            **upstream.headers,
            "Idempotency-Key": f'"{key or f"key-{next(KEYS)}"}"',
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


def made_case(client: ApiClient, **changes: Any) -> Case:
    """A case as a row, without papers: quick to make in numbers."""
    pipeline = changes.pop("pipeline")
    case = Case(
        pipeline=pipeline,
        pipeline_version=pipeline.current,
        client=client,
        sealed_data=b"",
        due_at=changes.pop("due_at", "2026-12-01T00:00:00Z"),
        **{"reference": "SB-1", **changes},
    )
    case.save()
    return case


def decided(case: Case) -> Decision:
    """The decision of a case that a person has declined."""
    with transaction.atomic():
        for status in (Status.READ, Status.SCORED, Status.IN_REVIEW):
            lifecycle.move(case, status, by=TESTER)
        return decisions.decide(
            case,
            "decline",
            by=TESTER,
            made_by=Decision.MadeBy.REVIEW,
            route_id=None,
            reason_codes=["income_insufficient", "some_rule"],
        )
