"""Proposals in the browser's plain forms: drafted, checked, tried, asked to be signed, signed, put back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.models import Pipeline
from reviews.models import PolicyVersion, Proposal
from reviews.presenting.lab.policyform import form_of
from reviews.presenting.lab.record import steps
from reviews.proposing import draft_proposal
from reviews.views.lab.drafting import names_of
from tests.casefiles import waiting_case
from tests.conftest import Upstream
from tests.reviews.test_lab_policyform import posted

pytestmark = pytest.mark.django_db
MakePerson = Callable[..., User]
Signed = Callable[[User], Client]


@pytest.fixture
def dora(make_person: MakePerson) -> User:
    return make_person(Role.PIPELINE_ADMIN, first_name="Dóra")


@pytest.fixture
def karim(make_person: MakePerson) -> User:
    return make_person(Role.PIPELINE_ADMIN, first_name="Karim")


@pytest.fixture
def as_person() -> Signed:
    """A browser of somebody signed in."""

    def enter(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return enter


@pytest.fixture
def draft(loan: Pipeline, dora: User) -> Proposal:
    """Dóra's draft, no other than the policy in force."""
    active = PolicyVersion.objects.get(pipeline=loan, active=True)
    return draft_proposal(loan, active.content, title="A stricter start", by=dora)


def form(proposal: Proposal, revision: int | None = None, **changed: str) -> dict[str, Any]:
    """The editor's form as a browser sends it, with what was `changed` by its path."""
    assert proposal.pipeline.current is not None
    sent = posted(form_of(proposal.content, proposal.pipeline.current.definition), **changed)
    return {
        **dict(sent.lists()),
        "title": proposal.title,
        "reason": "Too many were wrong",
        "revision": revision or proposal.revision,
    }


def text(answer: HttpResponseBase) -> str:
    assert isinstance(answer, HttpResponse)
    return answer.content.decode()


def of(proposal: Proposal) -> str:
    return f"/lab/loan/proposals/{proposal.pk}/"


def test_a_policy_goes_from_draft_to_force_by_two_people_and_back_by_one(
    loan: Pipeline, dora: User, karim: User, as_person: Signed
) -> None:
    hers, his = as_person(dora), as_person(karim)
    begun = hers.post("/lab/loan/proposals/", {"version": 1})
    proposal = Proposal.objects.get()
    assert begun["Location"] == of(proposal)
    hers.post(of(proposal), form(proposal, thresholds_approve="0.9"))
    proposal.refresh_from_db()
    assert (proposal.revision, proposal.content["thresholds"]) == (2, {"approve": 0.9})
    hers.post(f"{of(proposal)}ask/", {"revision": 2})
    assert "Waits for your signature" not in text(hers.get("/lab/"))
    assert "Waits for your signature" in text(his.get("/lab/"))
    assert of(proposal) in text(his.get("/"))
    assert of(proposal) not in text(hers.get("/"))
    page = text(his.get(of(proposal)))
    assert "0.90, before 0.85" in page
    his.post(f"{of(proposal)}sign/", {"revision": 2, "against": 1, "answer": "Agreed"})
    version = PolicyVersion.objects.get(pipeline=loan, active=True)
    assert (version.number, version.content["thresholds"]) == (2, {"approve": 0.9})
    assert "Drafted by Dóra, signed by Karim" in text(hers.get("/lab/loan/"))
    refused = his.post("/lab/loan/versions/1/restore/", {"reason": " "})
    assert refused.status_code == 422
    assert "needs a reason" in text(refused)
    his.post("/lab/loan/versions/1/restore/", {"reason": "It held back too many"})
    version = PolicyVersion.objects.get(pipeline=loan, active=True)
    assert (version.number, version.content["thresholds"]) == (3, {"approve": 0.85})
    assert Event.objects.filter(type="policy.rolled_back").count() == 1
    page = text(hers.get("/lab/loan/"))
    assert "Version 1 put back" in page
    assert "It held back too many" in page


def test_a_mistake_stands_at_its_place_and_nothing_typed_is_lost(
    draft: Proposal, dora: User, as_person: Signed
) -> None:
    sent = form(draft, thresholds_approve="often", rules_0_reason="Half a sentence")
    answer = as_person(dora).post(of(draft), sent)
    assert answer.status_code == 422
    page = text(answer)
    assert "This has to be a number." in page
    assert 'value="often"' in page
    assert "Half a sentence" in page
    draft.refresh_from_db()
    assert draft.revision == 1


def test_of_two_windows_the_later_one_is_told_and_keeps_what_it_has(
    draft: Proposal, dora: User, as_person: Signed
) -> None:
    client = as_person(dora)
    client.post(of(draft), form(draft, thresholds_approve="0.9"))
    late = client.post(of(draft), form(draft, revision=1, thresholds_approve="0.95"))
    assert late.status_code == 422
    assert "was changed meanwhile" in text(late)
    assert 'value="0.95"' in text(late)
    assert '<input type="hidden" name="revision" value="2">' in text(late)


def test_what_was_typed_into_a_draft_that_is_gone_becomes_a_new_one(
    draft: Proposal, dora: User, as_person: Signed
) -> None:
    client = as_person(dora)
    client.post(f"{of(draft)}discard/")
    sent = form(draft, thresholds_approve="0.97")
    late = client.post(of(draft), sent)
    assert "New draft with what is here" in text(late)
    client.post("/lab/loan/proposals/", {**sent, "copy": draft.pk, "typed": "yes"})
    assert Proposal.objects.latest("pk").content["thresholds"] == {"approve": 0.97}


def test_it_is_checked_while_one_types(draft: Proposal, dora: User, as_person: Signed) -> None:
    client = as_person(dora)
    wrong = client.post(f"{of(draft)}check/", form(draft, rules_0_when="data.loan.amount >")).json()
    assert wrong["mistakes"] == [["rules.0.when", "This is not complete."]]
    strange = client.post(f"{of(draft)}check/", form(draft, rules_0_when="data.loan.size > 1.0"))
    assert [path for path, _ in strange.json()["warnings"]] == ["rules.0.when"]
    sound = client.post(f"{of(draft)}check/", form(draft, thresholds_approve="0.9")).json()
    assert sound["mistakes"] == []
    assert "0.90, before 0.85" in sound["differences"]
    assert "approve = 0.9" in sound["toml"]


def test_a_rule_is_tried_on_cases_and_shown_to_whom_they_are(
    draft: Proposal,
    dora: User,
    make_person: MakePerson,
    as_person: Signed,
    make_upstream: Callable[..., Upstream],
) -> None:
    case = waiting_case(draft.pipeline, make_upstream().client)
    amount = 'data.loan.amount > 1.0 && outcome != "x"'
    sent = {**form(draft, rules_0_when=amount), "try": "0"}
    both = make_person(Role.PIPELINE_ADMIN, Role.AUDITOR)
    answer = text(as_person(both).post(f"{of(draft)}try/", sent, headers={"In-Place": "rule"}))
    assert "no cases" in answer, "what waits for a judgement is not told of"
    case.queue_entry.delete()
    answer = text(as_person(both).post(f"{of(draft)}try/", sent, headers={"In-Place": "rule"}))
    assert "it holds for 1" in answer
    assert case.reference in answer
    counted = text(as_person(dora).post(f"{of(draft)}try/", sent))
    assert "none of which is yours to see" in counted
    assert "it holds for 1" in counted
    assert case.reference not in counted
    failing = {**sent, "rule-when": ["data.loan.nothing > 1.0"]}
    assert "1 could not be evaluated" in text(as_person(dora).post(f"{of(draft)}try/", failing))


@pytest.mark.parametrize("act", ["", "check/", "try/", "ask/", "sign/", "discard/"])
def test_an_auditor_reads_and_changes_nothing(
    draft: Proposal, make_person: MakePerson, as_person: Signed, act: str
) -> None:
    client = as_person(make_person(Role.AUDITOR))
    page = client.get(of(draft))
    assert page.status_code == 200
    assert "<textarea" not in text(page)
    assert client.post(f"{of(draft)}{act}", {"revision": 1}).status_code == 404
    draft.refresh_from_db()
    assert (draft.status, draft.revision) == ("draft", 1)


def test_a_reviewer_finds_no_proposal(
    draft: Proposal, make_person: MakePerson, as_person: Signed
) -> None:
    client = as_person(make_person(Role.SENIOR_REVIEWER))
    for address in (of(draft), "/lab/loan/versions/1/"):
        assert client.get(address).status_code == 404
    assert client.post(f"{of(draft)}try/", {"try": "0"}).status_code == 404


def test_nobody_signs_their_own(draft: Proposal, dora: User, as_person: Signed) -> None:
    client = as_person(dora)
    client.post(of(draft), form(draft, thresholds_approve="0.9"))
    client.post(f"{of(draft)}ask/", {"revision": 2})
    assert "sign/" not in text(client.get(of(draft)))
    answer = client.post(f"{of(draft)}sign/", {"revision": 2, "against": 1})
    assert answer.status_code == 422
    assert "Somebody else has to sign this" in text(answer)


def test_the_record_says_whose_each_step_was(
    draft: Proposal, dora: User, karim: User, as_person: Signed
) -> None:
    hers, his = as_person(dora), as_person(karim)
    later = {"effective_at": "2099-01-01T00:00"}
    hers.post(of(draft), form(draft, thresholds_approve="0.9"))
    hers.post(f"{of(draft)}ask/", {"revision": 2, **later})
    hers.post(f"{of(draft)}recall/")
    hers.post(f"{of(draft)}ask/", {"revision": 3, **later})
    his.post(f"{of(draft)}sign/", {"revision": 3, "against": 1})
    hers.post(f"{of(draft)}discard/")
    events = list(Event.objects.filter(data__proposal=draft.pk).order_by("id"))
    assert [(step.words, step.who) for step in steps(events, names_of(draft))] == [
        ("Drafted", "Dóra"),
        ("Changed", "Dóra"),
        ("Asked to be signed", "Dóra"),
        ("Taken back: a draft again", "Dóra"),
        ("Asked to be signed", "Dóra"),
        ("Signed", "Karim"),
        ("Discarded", "Dóra"),
    ]
    assert "Taken back: a draft again" in text(his.get(of(draft)))
