"""An erased case: whoever asks for whatever of it is answered calmly, and nothing fails over it."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from cases.models import Case, Document, Page, Pipeline
from reviews import tasks
from reviews.commenting import comment_on
from reviews.erasing import erase_case
from reviews.knownanswers import keep_seeded
from reviews.models import DisposalCase, PolicyVersion, Sample
from reviews.rights import rights_of
from reviews.trying import try_rule
from tests.casefiles import APPROVE, TESTER, reviewed_case
from tests.conftest import Upstream
from tests.pipelines import store_paper
from tests.reviews.walks import FREELY, IN_TURN, LAB, MODES, TRAIL, addresses_of

EVERYBODY = (Role.SENIOR_REVIEWER, Role.AUDITOR, Role.PIPELINE_ADMIN, Role.PRIVACY_OFFICER)


@pytest.fixture
def upstream(make_upstream: Callable[[], Upstream], db: None) -> Upstream:
    """Who posted the case."""
    return make_upstream()


@pytest.fixture
def gone(loan: Pipeline, upstream: Upstream, reviewer: User) -> Case:
    """A case that was judged, talked of, drawn as a sample and judged again, and then erased."""
    judged = reviewed_case(loan, upstream.client, reviewer, verdict=APPROVE, predicted="approve")
    store_paper(judged, "payslip", 0, b"a picture")
    comment_on(judged, "Look at the second page", author=reviewer, by=reviewer.actor)
    Sample.objects.create(
        case=judged, kind="known", route=judged.routes.get(), outcome="approve",
        verdict="decline", reviewer=reviewer, judged_at=judged.created_at,
    )  # fmt: skip
    tasks.announce_case(str(judged.pk))
    assert erase_case(judged.pk, by=TESTER, disposal=1) == DisposalCase.Result.ERASED
    return Case.objects.get(pk=judged.pk)


def parts(case: Case, sized: object = "thumb") -> dict[str, Sequence[object]]:
    """What the addresses of an erased case are made of."""
    return {
        "case_id": [case.pk],
        "page_id": [Page.objects.get(document__case=case).pk],
        "document_id": [Document.objects.get(case=case).pk],
        "name": ["net_income"],
        "slug": ["loan"],
        "size": [sized],
        "place": [1],
        "pk": [1],
        "form": ["pdf"],
        "sample": [Sample.objects.get().pk],
        "number": [PolicyVersion.objects.get(pipeline=case.pipeline, active=True).number],
        "id": [uuid4()],
    }


def test_no_page_fails_over_it(gone: Case, make_person: Callable[..., User]) -> None:
    person = make_person(*EVERYBODY)
    client = Client()
    client.force_login(person)
    sent = {name: form for forms in (FREELY, LAB, TRAIL) for name, form in forms.items()}
    sent |= {name: {} for name in IN_TURN}
    for turn, (name, form) in enumerate(sent.items()):
        headers = MODES[turn % len(MODES)]
        for address in addresses_of(name, parts(gone, 1 if name == "trail_proof" else "thumb")):
            looked = client.get(address, headers=headers)
            assert looked.status_code < 500, address
            if f"/cases/{gone.pk}/" in address:
                answered = client.post(address, form, headers=headers)
                assert answered.status_code < 500, address
                assert 200 not in (looked.status_code, answered.status_code), address
    page = client.get(f"/cases/{gone.pk}/")
    assert page.status_code == 410
    assert "This case was erased" in page.text


def test_programs_are_told_since_when_it_is_gone(
    client: Client, gone: Case, upstream: Upstream
) -> None:
    def get(path: str) -> Any:
        return client.get(f"/api/v1/cases{path}", headers=upstream.headers)

    case = get(f"/{gone.pk}").json()
    assert case["erased_at"]
    assert case["reference"] == f"erased-{gone.pk.hex[-12:]}"
    assert case["decision"]["outcome"] == "approve"
    assert [paper["kind"] for paper in case["documents"]] == ["payslip"]
    assert get("").json()["items"][0]["erased_at"]
    assert get(f"/{gone.pk}/decision").status_code == 200
    asked = get(f"/{gone.pk}/information-requests")
    assert (asked.status_code, asked.json()["type"]) == (410, "/problems/erased")
    for name in ("withdraw",):
        answer = client.post(
            f"/api/v1/cases/{gone.pk}/{name}", headers={**upstream.headers, "If-Match": "*"}
        )
        assert answer.status_code == 409
    explained = client.get("/problems/erased")
    assert "erased_at" in explained.text


def test_who_looks_for_past_cases_passes_it_over(
    gone: Case, loan: Pipeline, make_person: Callable[..., User]
) -> None:
    dora = make_person(Role.PIPELINE_ADMIN)
    tried = try_rule("data.loan.amount > 1.0", loan, rights_of(dora))
    assert (tried.met, tried.failed) == (0, 1)
    keep_seeded(by=TESTER)
    assert not Sample.objects.filter(case=gone, judged_at=None).exists()
