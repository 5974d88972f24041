"""Signed policies come into force and go back; what is decided against a person goes back to a signature."""

import copy
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError
from django.utils.timezone import now

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases import lifecycle
from cases.catalogue import apply_pipeline
from cases.models import Decision, Pipeline, Status
from reviews.models import PolicyVersion, Proposal, Route
from reviews.policies import active_policy, put_in_force
from reviews.proposing import (
    Changed,
    NotYours,
    activate_due_proposals,
    discard_proposal,
    draft_proposal,
    request_signature,
    roll_back,
    sign_proposal,
)
from reviews.routes import route_case
from reviews.routing import InvalidPolicy
from tests.casefiles import received_case, scored_case
from tests.conftest import TESTER
from tests.proposals import last_event, policy, requested
from tests.threads import in_threads

# ---------------------------------------------------------------- in force


def signed_for_later(pipeline: Pipeline, dora: User, karim: User) -> Proposal:
    proposal = requested(pipeline, dora, effective_at=now() + timedelta(hours=1))
    return sign_proposal(proposal.pk, revision=1, by=karim)


def hour_has_come(proposal: Proposal) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(effective_at=now() - timedelta(seconds=1))


def test_a_policy_comes_into_force_when_its_time_has_come(
    loan: Pipeline, dora: User, karim: User
) -> None:
    before = active_policy(loan)
    assert before is not None
    proposal = signed_for_later(loan, dora, karim)
    assert proposal.status == "approved"
    assert activate_due_proposals(by=TESTER) == 0
    assert active_policy(loan) == before
    hour_has_come(proposal)
    assert activate_due_proposals(by=TESTER) == 1
    assert activate_due_proposals(by=TESTER) == 0
    proposal.refresh_from_db()
    assert proposal.version == active_policy(loan) != before
    assert (last_event().type, last_event().data["replaced"]) == ("policy.activated", before.number)
    assert last_event().data["content"] == proposal.content


def test_one_that_no_longer_fits_is_refused_and_the_old_one_stays(
    loan: Pipeline, dora: User, karim: User
) -> None:
    before = active_policy(loan)
    proposal = signed_for_later(loan, dora, karim)
    hour_has_come(proposal)
    assert loan.current is not None
    definition = copy.deepcopy(loan.current.content)
    text = json.dumps(definition).replace('"approve"', '"grant"')
    apply_pipeline({**json.loads(text), "version": loan.current.number + 1}, by=TESTER)
    assert activate_due_proposals(by=TESTER) == 0
    proposal.refresh_from_db()
    assert proposal.status == "refused"
    assert "no outcome 'approve'" in proposal.answer
    assert active_policy(loan) == before
    assert last_event().type == "policy.activation_failed"
    assert "no outcome 'approve'" in last_event().data["mistake"]


def test_one_signed_for_later_does_not_undo_what_came_into_force_since(
    loan: Pipeline, dora: User, karim: User
) -> None:
    before = active_policy(loan)
    assert before is not None
    proposal = signed_for_later(loan, dora, karim)
    with transaction.atomic():
        other = put_in_force(loan, {**before.content, "blind_share": 0.3})
    hour_has_come(proposal)
    assert activate_due_proposals(by=TESTER) == 0
    proposal.refresh_from_db()
    assert (proposal.status, active_policy(loan)) == ("refused", other)
    assert "since it was signed" in proposal.answer


def test_what_is_signed_for_later_can_still_be_discarded(
    loan: Pipeline, dora: User, karim: User, program: ApiClient
) -> None:
    proposal = signed_for_later(loan, dora, karim)
    with pytest.raises(NotYours, match="for people"):
        discard_proposal(proposal.pk, by=program)
    discard_proposal(proposal.pk, by=karim)
    hour_has_come_too_late = ProgrammingError
    with pytest.raises(hour_has_come_too_late, match="refused"), transaction.atomic():
        hour_has_come(proposal)
    assert activate_due_proposals(by=TESTER) == 0


def test_of_two_who_sign_at_once_one_is_told(
    own_database: str, make_person: Callable[..., User]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    before = active_policy(loan)
    assert before is not None
    dora, *signers = (make_person(Role.PIPELINE_ADMIN) for _ in range(3))
    proposal = requested(loan, dora)

    def sign(number: int) -> str:
        try:
            return sign_proposal(proposal.pk, revision=1, by=signers[number]).status
        except Changed as refusal:
            return str(refusal)

    assert sorted(in_threads(2, sign)) == [
        "The proposal is at another step now: Put in force.",
        "active",
    ]
    assert Event.objects.filter(type="policy.signed").count() == 1
    assert PolicyVersion.objects.filter(pipeline=loan).count() == before.number + 1


# ---------------------------------------------------------------- back


def test_one_person_puts_an_earlier_version_back(loan: Pipeline, dora: User, karim: User) -> None:
    first = active_policy(loan)
    assert first is not None
    sign_proposal(requested(loan, dora).pk, revision=1, by=karim)
    restored = roll_back(first, reason=" Too strict ", by=dora)
    assert active_policy(loan) == restored
    assert (restored.number, restored.content) == (first.number + 2, first.content)
    assert (restored.restores, restored.restored_by, restored.reason) == (first, dora, "Too strict")
    assert last_event().type == "policy.rolled_back"
    assert (last_event().data["restores"], last_event().data["replaced"]) == (
        first.number,
        first.number + 1,
    )
    with pytest.raises(Changed, match="in force already"):
        roll_back(first, reason="Again", by=dora)


def test_going_back_needs_a_reason_and_a_version_that_was_in_force_and_fits(
    loan: Pipeline, dora: User, karim: User
) -> None:
    first = active_policy(loan)
    assert first is not None
    sign_proposal(requested(loan, dora).pk, revision=1, by=karim)
    with pytest.raises(InvalidPolicy, match="reason"):
        roll_back(first, reason=" ", by=dora)
    never = PolicyVersion.objects.create(pipeline=loan, number=98, content=policy(loan, rules=[]))
    with pytest.raises(InvalidPolicy, match="never in force"):
        roll_back(never, reason="Why not", by=dora)
    misfit = PolicyVersion.objects.create(
        pipeline=loan, number=99, content=policy(loan, queue="gone"), activated_at=now()
    )
    with pytest.raises(InvalidPolicy, match="no queue 'gone'"):
        roll_back(misfit, reason="Why not", by=dora)
    with pytest.raises(IntegrityError, match="policy_restored_by_somebody"), transaction.atomic():
        PolicyVersion.objects.create(
            pipeline=loan, number=97, content=first.content, restores=first, restored_by=dora
        )


# ---------------------------------------------------------------- against a person


def automatic_decline(pipeline: Pipeline, version: PolicyVersion, bank: ApiClient) -> Decision:
    """A decision as a policy would make it, written past all code."""
    case = received_case(pipeline, bank)
    facts = {"case": case, "policy_version": version, "kind": "automatic", "outcome": "decline"}
    route = Route.objects.create(**facts)
    return Decision.objects.create(
        case=case, outcome="decline", adverse=True, made_by="policy", route_id=route.pk
    )


def test_an_automatic_decline_goes_back_to_a_signature(
    loan: Pipeline, dora: User, karim: User, bank: ApiClient
) -> None:
    unsigned = active_policy(loan)
    assert unsigned is not None
    declining = policy(loan, automatic_adverse=["decline"])
    proposal = draft_proposal(loan, declining, title="Declines too", by=dora)
    request_signature(proposal.pk, revision=1, by=dora)
    sign_proposal(proposal.pk, revision=1, by=karim)
    signed = active_policy(loan)
    assert signed is not None
    put_back = roll_back(unsigned, reason="Wrong ones", by=karim)
    restored = roll_back(signed, reason="Mended", by=dora)
    again = roll_back(unsigned, reason="Not mended", by=dora)
    twice = roll_back(restored, reason="Now it is", by=karim)
    for version in (signed, restored, twice):
        assert automatic_decline(loan, version, bank).outcome == "decline"
    forged = put_in_force(loan, declining)
    forged_back = PolicyVersion.objects.create(
        pipeline=loan,
        number=90,
        content={**declining, "automatic_adverse": ["decline", "approve"]},
        restores=signed,
        restored_by=dora,
        reason="Forged",
    )
    for version in (unsigned, put_back, again, forged, forged_back):
        with (
            pytest.raises(IntegrityError, match="policy_decides_nothing_adverse_unsigned"),
            transaction.atomic(),
        ):
            automatic_decline(loan, version, bank)
    put_in_force(loan, policy(loan, automatic_adverse=[]))
    with pytest.raises(InvalidPolicy, match="nobody signed"):
        roll_back(forged, reason="Why not", by=dora)


def test_a_decision_against_a_person_is_of_its_own_route(
    loan: Pipeline, dora: User, karim: User, bank: ApiClient
) -> None:
    declining = policy(loan, automatic_adverse=["decline"])
    proposal = draft_proposal(loan, declining, title="Declines too", by=dora)
    request_signature(proposal.pk, revision=1, by=dora)
    sign_proposal(proposal.pk, revision=1, by=karim)
    version = active_policy(loan)
    assert version is not None
    of_another = automatic_decline(loan, version, bank).route_id
    case = received_case(loan, bank)
    for route_id in (None, 0, of_another):
        with (
            pytest.raises(IntegrityError, match="policy_decides_nothing_adverse_unsigned"),
            transaction.atomic(),
        ):
            Decision.objects.create(
                case=case, outcome="decline", adverse=True, made_by="policy", route_id=route_id
            )


def test_a_clear_decline_is_automatic_once_that_is_signed(
    loan: Pipeline, dora: User, karim: User, bank: ApiClient
) -> None:
    declining = policy(
        loan,
        automatic_adverse=["decline"],
        thresholds={"decline": 0.9},
        samples={},
    )
    proposal = draft_proposal(loan, declining, title="Declines too", by=dora)
    waiting = scored_case(loan, bank, predicted="decline", confidence=0.99)
    route_case(waiting, lifecycle.take_step(waiting.pk, Status.SCORED))
    assert not Decision.objects.filter(case=waiting).exists()
    request_signature(proposal.pk, revision=1, by=dora)
    sign_proposal(proposal.pk, revision=1, by=karim)
    case = scored_case(loan, bank, predicted="decline", confidence=0.99)
    route_case(case, lifecycle.take_step(case.pk, Status.SCORED))
    decision = Decision.objects.get(case=case)
    assert (decision.outcome, decision.adverse, decision.made_by) == ("decline", True, "policy")
