"""The OpenAPI document says what the API does: schemathesis tries to catch it lying."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Scope
from audit import vault
from cases.models import Case, Pipeline
from reviews.models import Contest, Proposal
from reviews.proposing import draft_proposal
from tests.audit.checkpoints import checkpoint
from tests.cases.loans import decided, loan_body, made_case, post_loan
from tests.conftest import Upstream
from tests.processes import House

CONFIG = Path(__file__).parent / "schemathesis.toml"
CALLS = 32
"""So many operations has the API, and each of them is called."""


@pytest.fixture
def document(client: Client, db: None) -> dict[str, Any]:
    """The document as it is served."""
    found: dict[str, Any] = json.loads(client.get("/api/v1/openapi.json").content)
    return found


def schemathesis(
    house: House, upstream: Upstream, case: Case, proposal: Proposal, folder: Path
) -> None:
    """Lets schemathesis loose on a running house; fails with what it found."""
    config = folder / "schemathesis.toml"
    places = {"case_id": f'"{case.pk}"', "proposal_id": proposal.pk, "size": checkpoint().size}
    lines = [f'"path.{name}" = {value}\n' for name, value in places.items()]
    config.write_text(f"[parameters]\n{''.join(lines)}\n{CONFIG.read_text()}")
    key = f"Authorization: {upstream.headers['Authorization']}"
    command = [
        "--config-file",
        str(config),
        "run",
        f"{house.url}/api/v1/openapi.json",
        "--header",
        key,
    ]
    options = [
        "--phases",
        "examples,coverage,fuzzing",
        "-n",
        "8",
        "--seed",
        "1",
        "--warnings",
        "off",
    ]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("schemathesis")), *command, *options, "--no-color"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0, done.stdout
    assert f"{CALLS} selected / {CALLS} total" in done.stdout, done.stdout


def test_no_request_catches_the_document_lying(
    house: House, make_upstream: Any, tmp_path: Path
) -> None:
    upstream = make_upstream(scopes=list(Scope))
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    case = made_case(upstream.client, pipeline=loan)
    vault.create(case.pk)
    decided(case)
    assert loan.current is not None
    policy = loan.current.definition.policy
    proposal = draft_proposal(loan, policy, title="As it was", by=upstream.client)
    house.start_web(COUNTERSIGN_RATE_LIMIT="1000000", COUNTERSIGN_WAITERS="1")
    schemathesis(house, upstream, case, proposal, tmp_path)
    assert Contest.objects.filter(case=case).exists()


def test_the_document_is_openapi_3_1_and_names_every_address(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        "/api/v1/cases",
        "/api/v1/cases/{case_id}",
        "/api/v1/cases/{case_id}/contest",
        "/api/v1/cases/{case_id}/decision",
        "/api/v1/cases/{case_id}/information-requests",
        "/api/v1/cases/{case_id}/information-requests/{request_id}/answer",
        "/api/v1/cases/{case_id}/notice",
        "/api/v1/cases/{case_id}/notice/sent",
        "/api/v1/cases/{case_id}/receipt",
        "/api/v1/cases/{case_id}/reply",
        "/api/v1/cases/{case_id}/withdraw",
        "/api/v1/pipelines",
        "/api/v1/pipelines/{slug}",
        "/api/v1/pipelines/{slug}/policy",
        "/api/v1/pipelines/{slug}/policy/check",
        "/api/v1/pipelines/{slug}/policy/proposals",
        "/api/v1/pipelines/{slug}/policy/proposals/{proposal_id}",
        "/api/v1/pipelines/{slug}/policy/versions",
        "/api/v1/pipelines/{slug}/policy/versions/{number}",
        "/api/v1/trail/checkpoint",
        "/api/v1/trail/checkpoint/{size}",
        "/api/v1/trail/consistency",
        "/api/v1/trail/inclusion",
        "/api/v1/trail/keys",
        "/api/v1/webhooks",
        "/api/v1/webhooks/{webhook_id}",
        "/api/v1/webhooks/{webhook_id}/rotate",
    }
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"apiKey": []}]
            assert operation["summary"]


def test_the_pages_of_the_api_load_nothing_from_elsewhere(client: Client, db: None) -> None:
    response = client.get("/api/docs/")
    assert response.status_code == 200
    page = response.content.decode()
    assert "//" not in page
    assert "<style" not in page
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_a_real_case_has_all_that_the_document_promises(
    client: Client, make_upstream: Any, loan: Any, document: Any
) -> None:
    shown = post_loan(client, make_upstream(), loan_body()).json()
    schemas = document["components"]["schemas"]
    assert set(shown) == set(schemas["Case"]["required"])
    assert set(shown["documents"][0]) == set(schemas["Document"]["required"])
