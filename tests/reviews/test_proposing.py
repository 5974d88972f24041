"""A policy's way from a draft to what is in force: each step by whom it may be, each an event."""

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

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
from reviews.proposals import against_active, overtaken
from reviews.proposing import (
    Changed,
    NotYours,
    activate_due_proposals,
    change_proposal,
    discard_proposal,
    draft_proposal,
    recall_request,
    refuse_proposal,
    request_signature,
    roll_back,
    sign_proposal,
)
from reviews.routes import route_case
from reviews.routing import InvalidPolicy
from tests.casefiles import received_case, scored_case
from tests.conftest import TESTER
from tests.threads import in_threads


@pytest.fixture
def dora(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN, username="dora")


@pytest.fixture
def karim(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN, username="karim")


@pytest.fixture
def program(db: None, make_upstream: Callable[..., Any]) -> ApiClient:
    client: ApiClient = make_upstream().client
    return client


def policy(pipeline: Pipeline, **changes: Any) -> dict[str, Any]:
    active = active_policy(pipeline)
    assert active is not None
    return {**copy.deepcopy(active.content), **changes}


def stricter(pipeline: Pipeline, threshold: float = 0.95) -> dict[str, Any]:
    return policy(pipeline, thresholds={"approve": threshold})


def drafted(pipeline: Pipeline, by: User | ApiClient, **changes: Any) -> Proposal:
    content = {**stricter(pipeline), **changes}
    return draft_proposal(pipeline, content, title="Stricter", reason="Too many wrong", by=by)


def requested(pipeline: Pipeline, by: User, **options: Any) -> Proposal:
    proposal = drafted(pipeline, by)
    return request_signature(proposal.pk, revision=proposal.revision, by=by, **options)


def last_event() -> Event:
    return Event.objects.order_by("id").latest("id")


def test_somebody_else_signs_and_it_is_in_force(loan: Pipeline, dora: User, karim: User) -> None:
    before = active_policy(loan)
    proposal = requested(loan, dora)
    signed = sign_proposal(proposal.pk, revision=1, answer="Yes.", by=karim)
    after = active_policy(loan)
    assert before is not None and after is not None
    assert after.number == before.number + 1
    assert after.content["thresholds"] == {"approve": 0.95}
    assert (signed.status, signed.version) == ("active", after)
    types = Event.objects.filter(type__startswith="policy.", pipeline="loan", id__gt=0)
    assert list(types.order_by("id").values_list("type", flat=True))[-4:] == [
        "policy.drafted", "policy.signature_requested", "policy.signed", "policy.activated",
    ]  # fmt: skip


def test_each_step_says_by_numbers_what_changes(loan: Pipeline, dora: User, karim: User) -> None:
    before = active_policy(loan)
    assert before is not None
    change = {"part": "thresholds.approve", "before": 0.85, "after": 0.95}
    proposal = drafted(loan, dora)
    about = {"proposal": proposal.pk, "revision": 1}
    compared = {"base": before.number, "active": before.number, "effective_at": None}
    assert last_event().data == about | compared | {"changes": [change]}
    content = stricter(loan, 0.9)
    change_proposal(proposal.pk, content, title="So", reason="", revision=1, by=dora)
    again = {**change, "before": 0.95, "after": 0.9}
    assert (last_event().type, last_event().data) == (
        "policy.changed",
        {"proposal": proposal.pk, "revision": 2, "changes": [again]},
    )
    request_signature(proposal.pk, revision=2, by=dora)
    recall_request(proposal.pk, by=dora)
    assert (last_event().type, last_event().data["revision"]) == ("policy.request_recalled", 3)
    request_signature(proposal.pk, revision=3, by=dora)
    refuse_proposal(proposal.pk, revision=3, answer="Not in December.", by=karim)
    assert (last_event().type, last_event().actor_id) == ("policy.refused", str(karim.pk))
    assert active_policy(loan) == before
    other = drafted(loan, dora)
    discard_proposal(other.pk, by=dora)
    assert last_event().data == {"proposal": other.pk, "revision": 1, "before": "draft"}
    told = Event.objects.filter(pipeline="loan", data__proposal__in=[proposal.pk, other.pk])
    assert "December" not in str([*told.values()])


def test_nobody_signs_what_they_drafted_or_asked_for(
    loan: Pipeline, dora: User, karim: User, program: ApiClient
) -> None:
    proposal = requested(loan, dora)
    of_program = drafted(loan, program)
    request_signature(of_program.pk, revision=1, by=karim)
    for answer in (sign_proposal, refuse_proposal):
        with pytest.raises(NotYours, match="Somebody else"):
            answer(proposal.pk, revision=1, answer="Yes.", by=dora)
        with pytest.raises(NotYours, match="Somebody else"):
            answer(of_program.pk, revision=1, answer="Yes.", by=karim)
    assert sign_proposal(of_program.pk, revision=1, by=dora).status == "active"
    with pytest.raises(IntegrityError, match="proposal_signed_by_another"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(signed_by=dora)


def test_a_draft_is_its_drafters_alone(
    loan: Pipeline, dora: User, karim: User, program: ApiClient
) -> None:
    proposal, of_program = drafted(loan, dora), drafted(loan, program)
    content = stricter(loan, 0.9)
    for pk, by in ((proposal.pk, karim), (proposal.pk, program), (of_program.pk, dora)):
        with pytest.raises(NotYours, match="copy it"):
            change_proposal(pk, content, title="Mine", reason="", revision=1, by=by)
    with pytest.raises(NotYours, match="copy it"):
        discard_proposal(proposal.pk, by=karim)
    with pytest.raises(NotYours, match="copy it"):
        request_signature(proposal.pk, revision=1, by=karim)
    assert discard_proposal(of_program.pk, by=dora).status == "discarded"
    request_signature(proposal.pk, revision=1, by=dora)
    with pytest.raises(NotYours, match="take that back"):
        recall_request(proposal.pk, by=karim)


def test_who_may_not_configure_a_pipeline_does_nothing_with_its_policy(
    loan: Pipeline,
    dora: User,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Any],
) -> None:
    before = active_policy(loan)
    assert before is not None
    proposal, asked = drafted(loan, dora), requested(loan, dora)
    stranger = make_upstream().client
    stranger.pipelines = ["other"]
    senior, auditor = make_person(Role.SENIOR_REVIEWER), make_person(Role.AUDITOR)
    dora.is_active = False
    for by in (senior, auditor, dora, stranger):
        with pytest.raises(NotYours, match="may not change"):
            drafted(loan, by)
        with pytest.raises(NotYours, match="may not change"):
            discard_proposal(proposal.pk, by=by)
    for person in (senior, auditor):
        with pytest.raises(NotYours, match="may not change"):
            sign_proposal(asked.pk, revision=1, by=person)
        with pytest.raises(NotYours, match="may not change"):
            roll_back(before, reason="Because", by=person)


def test_who_was_slower_is_told_so(loan: Pipeline, dora: User, karim: User) -> None:
    proposal = drafted(loan, dora)
    content = stricter(loan, 0.9)
    change_proposal(proposal.pk, content, title="New", reason="", revision=1, by=dora)
    with pytest.raises(Changed, match="changed meanwhile"):
        change_proposal(proposal.pk, content, title="Old", reason="", revision=1, by=dora)
    with pytest.raises(Changed, match="changed meanwhile"):
        request_signature(proposal.pk, revision=1, by=dora)
    with pytest.raises(Changed, match="another step"):
        sign_proposal(proposal.pk, revision=2, by=karim)
    request_signature(proposal.pk, revision=2, by=dora)
    with pytest.raises(Changed, match="another step"):
        change_proposal(proposal.pk, content, title="Old", reason="", revision=2, by=dora)
    with pytest.raises(Changed, match="another step"):
        discard_proposal(proposal.pk, by=dora)
    with pytest.raises(Changed, match="changed meanwhile"):
        sign_proposal(proposal.pk, revision=1, by=karim)
    recall_request(proposal.pk, by=dora)
    request_signature(proposal.pk, revision=3, by=dora)
    with pytest.raises(Changed, match="changed meanwhile"):
        sign_proposal(proposal.pk, revision=2, by=karim)


def test_the_signer_signs_against_the_version_that_they_were_shown(
    loan: Pipeline, dora: User, karim: User
) -> None:
    before = active_policy(loan)
    assert before is not None
    proposal = requested(loan, dora)
    assert not overtaken(proposal)
    put_in_force(loan, policy(loan, blind_share=0.5))
    assert overtaken(proposal)
    assert {each.part for each in against_active(proposal)} == {"thresholds.approve", "blind_share"}
    with pytest.raises(Changed, match="Another version"):
        sign_proposal(proposal.pk, revision=1, against=before.number, by=karim)
    sign_proposal(proposal.pk, revision=1, against=before.number + 1, by=karim)
    (event,) = Event.objects.filter(type="policy.signed", data__proposal=proposal.pk)
    assert (event.data["base"], event.data["active"]) == (before.number, before.number + 1)
    assert len(event.data["changes"]) == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"thresholds": {"maybe": 0.9}}, "no outcome 'maybe'"),
        ({"calibration": 7}, "no such calibration 7"),
        ({"field_calibration": 7}, "no such calibration 7"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_is_no_policy_of_the_pipeline_is_not_proposed(
    loan: Pipeline, dora: User, changes: dict[str, Any], says: str
) -> None:
    proposal = drafted(loan, dora)
    with pytest.raises(InvalidPolicy, match=says):
        drafted(loan, dora, **changes)
    with pytest.raises(InvalidPolicy, match=says):
        content = policy(loan, **changes)
        change_proposal(proposal.pk, content, title="A", reason="", revision=1, by=dora)
    with pytest.raises(InvalidPolicy, match="title"):
        draft_proposal(loan, stricter(loan), title=" ", by=dora)


def test_a_request_changes_something_from_a_moment_to_come(
    loan: Pipeline, dora: User, karim: User
) -> None:
    same = draft_proposal(loan, policy(loan), title="The same", by=dora)
    with pytest.raises(InvalidPolicy, match="changes nothing"):
        request_signature(same.pk, revision=1, by=dora)
    with pytest.raises(InvalidPolicy, match="has passed"):
        requested(loan, dora, effective_at=now() - timedelta(seconds=1))
    with pytest.raises(InvalidPolicy, match="say why"):
        refuse_proposal(requested(loan, dora).pk, revision=1, answer=" ", by=karim)


def test_what_was_asked_to_be_signed_does_not_change_in_the_database(
    loan: Pipeline, dora: User
) -> None:
    proposal = requested(loan, dora)
    with pytest.raises(ProgrammingError, match="refused"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(content=policy(loan))


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
