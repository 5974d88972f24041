"""A policy's way from a draft to what is in force: each step by whom it may be, each an event."""

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
from cases.models import Pipeline
from reviews.models import Proposal
from reviews.policies import active_policy, put_in_force
from reviews.proposals import against_active, overtaken
from reviews.proposing import (
    Changed,
    NotYours,
    change_proposal,
    discard_proposal,
    draft_proposal,
    recall_request,
    refuse_proposal,
    request_signature,
    roll_back,
    sign_proposal,
)
from reviews.routing import InvalidPolicy
from tests.proposals import drafted, last_event, policy, requested, stricter


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
