"""The replay's page: a draft beside the active policy, over past cases; and what a signer is shown of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import ApiClient, User
from accounts.roles import Role
from cases.models import Pipeline
from config.demo import seeding
from config.demo.history import add_history
from reviews.models import Basis, Proposal
from reviews.policies import active_policy
from reviews.proposing import draft_proposal
from reviews.tasks import find_rules, route_case
from tests.casefiles import scored_case
from tests.labelled import labelled_loans

ADDRESS = "/lab/loan/replay/"


@pytest.fixture
def admin(db: None, client: Client, make_person: Callable[..., User]) -> User:
    user = make_person(Role.PIPELINE_ADMIN)
    client.force_login(user)
    return user


@pytest.fixture
def draft(loan: Pipeline, admin: User) -> Proposal:
    """A draft under which nothing is decided without a person any more."""
    active = active_policy(loan)
    assert active is not None
    content = {**active.content, "thresholds": {}}
    return draft_proposal(loan, content, title="People alone", by=admin)


def page(client: Client, query: str = "") -> str:
    return client.get(f"{ADDRESS}{query}").content.decode()


def test_of_a_new_rule_it_says_of_how_many_cases_nothing_is_known(
    client: Client, loan: Pipeline, draft: Proposal, admin: User, bank: ApiClient
) -> None:
    labelled_loans(loan, bank, 3)
    text = page(client, f"?proposal={draft.pk}")
    assert "Of 3 cases it is not known yet" in text
    assert 'hx-get="?proposal=' in text
    assert "not known" in text


def test_the_line_of_what_is_not_known_yet_follows_without_another_replay(
    client: Client, loan: Pipeline, draft: Proposal, bank: ApiClient
) -> None:
    for _ in range(2):
        route_case(str(scored_case(loan, bank).pk))
    rule = {"name": "large", "when": "data.loan.amount > 6000.0", "reason": "Large"}
    Proposal.objects.filter(pk=draft.pk).update(content={**draft.content, "rules": [rule]})
    query = f"?proposal={draft.pk}"
    assert "Of 2 cases it is not known yet" in page(client, query)
    line = client.get(f"{ADDRESS}{query}", headers={"HX-Request": "true"}).content.decode()
    assert "Of 2 cases it is not known yet" in line and "hx-get" in line and "<table" not in line
    find_rules("proposal", draft.pk)
    line = client.get(f"{ADDRESS}{query}", headers={"HX-Request": "true"}).content.decode()
    assert "Of all cases it is known now." in line and "hx-get" not in line


def test_a_draft_is_told_beside_the_active_policy(
    client: Client, loan: Pipeline, draft: Proposal, make_person: Callable[..., User]
) -> None:
    seeding.make_people()
    count = add_history(60, told=lambda done: None)
    text = page(client, f"?proposal={draft.pk}&days=180")
    assert "People alone, beside the active version 1" in text
    assert f"of {count} cases move." in text
    assert "What this cannot know" in text
    assert "“Approve” where people say “Decline”" in text
    assert "Austria" in text
    assert "Exact and repeatable" in text
    Basis.objects.exclude(label="").update(label_kind=Basis.Label.REVIEW)
    assert "given with the model’s view in sight" in page(client, "?version=1&days=180")
    kind = "from=decided:approve&to=queue:loan-review"
    assert escape(kind) in text
    with signed_in(client, make_person(Role.AUDITOR)):
        listed = page(client, f"?proposal={draft.pk}&days=180&{kind}")
    assert 'href="/cases/' in listed  # an auditor sees the cases themselves
    assert 'href="/cases/' not in text.partition('id="replay-list"')[2]  # who configures does not
    client.post(f"/lab/loan/proposals/{draft.pk}/ask/", {"revision": 1})
    draft.refresh_from_db()
    assert draft.replayed is not None
    assert draft.replayed["cases"] == count
    assert draft.replayed["automatic"][1] == 0 < draft.replayed["moved"]
    told = client.get(f"/lab/loan/proposals/{draft.pk}/").content.decode()
    assert "What it would have done" in told
    assert "Cases that move" in told


@contextmanager
def signed_in(client: Client, user: User) -> Iterator[None]:
    """Somebody else at the same browser for a while."""
    before = client.session.get("_auth_user_id")
    client.force_login(user)
    yield
    client.force_login(User.objects.get(pk=str(before)))


def test_the_active_policy_beside_itself_moves_nothing(
    client: Client, admin: User, loan: Pipeline, bank: ApiClient
) -> None:
    assert "there is nothing to replay" in page(client)
    labelled_loans(loan, bank, 3)
    text = page(client)
    assert "Version 1 (active), beside the active version 1" in text
    assert "No case moves." in text
    assert "3 cases replayed" in text


def test_what_there_is_not_is_not_found(
    client: Client, draft: Proposal, make_person: Callable[..., User]
) -> None:
    assert client.get(f"{ADDRESS}?proposal={draft.pk + 1}").status_code == 404
    assert client.get(f"{ADDRESS}?policy=nonsense").status_code == 404
    client.force_login(make_person(Role.REVIEWER))
    assert client.get(ADDRESS).status_code == 404
