"""Erasing cases: asked for by one, approved by another, worked off one by one; what is held stays."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit import tombstones, vault
from audit.models import CaseKey, Event, Tombstone
from audit.vault import CannotOpen
from cases import blobs
from cases.models import Case, Document, Page, Pipeline
from inference.models import FieldRead, Prediction
from reviews import tasks
from reviews.disposals import (
    CannotDispose,
    approve,
    ask_for_cases,
    carry_on,
    carry_on_unfinished,
    progress_of,
    refuse,
)
from reviews.drafts import save_draft
from reviews.erasing import apply_tombstones, erase_again, erase_case
from reviews.legalholds import CannotHold, lift_hold, place_hold
from reviews.models import Claim, Disposal, DisposalCase, Draft, QueueEntry, Review, Sample
from tests.casefiles import APPROVE, TESTER, decided_case, reviewed_case, waiting_case
from tests.pipelines import store_paper

Result = DisposalCase.Result


@pytest.fixture
def lucia(db: None, make_person: Callable[..., User]) -> User:
    """Somebody who asks."""
    return make_person(Role.PRIVACY_OFFICER, username="lucia")


@pytest.fixture
def mats(db: None, make_person: Callable[..., User]) -> User:
    """Somebody else, who approves."""
    return make_person(Role.PRIVACY_OFFICER, username="mats")


def closed(case: Case) -> Case:
    """The decided case, announced: the system has no step of it left to take."""
    tasks.announce_case(str(case.pk))
    return Case.objects.get(pk=case.pk)


def erased(case: Case, disposal: int = 1) -> Case:
    """The case, erased."""
    assert erase_case(case.pk, by=TESTER, disposal=disposal) == Result.ERASED
    return Case.objects.get(pk=case.pk)


def test_the_key_goes_and_nothing_sealed_is_left(
    loan: Pipeline, bank: ApiClient, reviewer: User, tmp_path: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    verdict = replace(APPROVE, explanation="All papers agree.")
    judged = reviewed_case(
        loan, bank, reviewer, verdict=verdict, predicted="approve", reference="Meier, Anna"
    )
    case = closed(judged)
    store_paper(case, "payslip", 0, b"a picture")
    save_draft(case.pk, {"explanation": "so far"}, reviewer=reviewer)
    kept = [str(case.pk), *default_storage.listdir(str(case.pk))[1]]
    assert len(kept) > 1
    with django_capture_on_commit_callbacks(execute=True):
        gone = erased(case)
    assert (gone.sealed_data, gone.reference) == (b"", f"erased-{case.pk.hex[-12:]}")
    with pytest.raises(CannotOpen):
        vault.of(case.pk)
    assert not FieldRead.objects.filter(case=case).exists()
    assert not Draft.objects.filter(case=case).exists()
    assert set(Review.objects.filter(case=case).values_list("sealed_explanation")) == {(b"",)}
    assert list(
        Prediction.objects.filter(case=case).values_list("sealed_input", "contributions")
    ) == [(b"", [])]
    assert set(Document.objects.filter(case=case).values_list("blob", "digest")) == {("", "")}
    assert set(Page.objects.filter(document__case=case).values_list("blob", "screen")) == {("", "")}
    with pytest.raises(FileNotFoundError):
        default_storage.listdir(str(case.pk))
    event = Event.objects.get(case_id=case.pk, type="case.erased")
    assert event.data == {"disposal": 1, "documents": 1, "pages": 1}
    assert [*tombstones.lines("begun")] == [*tombstones.lines("erased")] == [case.pk]


def test_files_that_would_not_go_are_found_again(loan: Pipeline, bank: ApiClient) -> None:
    case = closed(decided_case(loan, bank))
    store_paper(case, "payslip", 0, b"a picture")
    erased(case)  # whoever was to delete its files was lost: nothing is committed here
    assert default_storage.listdir(str(case.pk))[1]
    assert blobs.forget_orphans() == 1  # however young it is
    with pytest.raises(FileNotFoundError):
        default_storage.listdir(str(case.pk))


def test_an_open_case_is_kept_and_so_is_a_held_one(
    loan: Pipeline, bank: ApiClient, lucia: User
) -> None:
    waits = waiting_case(loan, bank)
    held, other = closed(decided_case(loan, bank)), closed(decided_case(loan, bank))
    assert erase_case(waits.pk, by=TESTER, disposal=1) == Result.OPEN
    hold = place_hold(loan, case_id=held.pk, matter="4 O 17/26", by=lucia)
    assert erase_case(held.pk, by=TESTER, disposal=1) == Result.HELD
    everything = place_hold(loan, case_id=None, matter="4 O 18/26", by=lucia)
    assert erase_case(other.pk, by=TESTER, disposal=1) == Result.HELD
    for each in (hold, everything):
        lift_hold(each.pk, by=lucia)
    assert erase_case(held.pk, by=TESTER, disposal=1) == Result.ERASED
    hold.refresh_from_db()
    assert hold.matter == ""
    assert erase_case(held.pk, by=TESTER, disposal=1) == Result.BEFORE
    told = Event.objects.filter(type__startswith="legal_hold.").values_list("type", "case_id")
    assert sorted(told, key=str)[0] == ("legal_hold.lifted", None)
    assert "4 O" not in str([*Event.objects.values_list("data")])


def test_a_hold_is_for_those_who_keep_the_records(
    loan: Pipeline, bank: ApiClient, lucia: User, dora: User
) -> None:
    case = closed(decided_case(loan, bank))
    with pytest.raises(CannotHold):
        place_hold(loan, case_id=case.pk, matter="4 O 17/26", by=dora)
    with pytest.raises(CannotHold):
        place_hold(loan, case_id=case.pk, matter=" ", by=lucia)
    hold = place_hold(loan, case_id=case.pk, matter="4 O 17/26", by=lucia)
    with pytest.raises(CannotHold):
        lift_hold(hold.pk, by=dora)
    lift_hold(hold.pk, by=lucia)
    with pytest.raises(CannotHold):
        lift_hold(hold.pk, by=lucia)
    with pytest.raises(CannotHold):
        place_hold(loan, case_id=erased(case).pk, matter="4 O 17/26", by=lucia)


def test_a_sample_that_waits_leaves_everybodys_hands(
    loan: Pipeline, bank: ApiClient, senior: User
) -> None:
    case = closed(decided_case(loan, bank))
    route = case.routes.get()
    sample = Sample.objects.create(
        case=case, kind="automatic", route=route, outcome="approve", probability=1.0
    )
    QueueEntry.objects.create(
        case=case, queue=loan.queues.get(slug="loan-review"), route=route, due_at=case.due_at,
        sample=sample,
    )  # fmt: skip
    Claim.objects.create(case=case, reviewer=senior, stage="first", expires_at="2099-01-01T00:00Z")
    erased(case)
    sample.refresh_from_db()
    assert sample.ended == Sample.Ended.GONE
    assert not QueueEntry.objects.filter(case=case).exists()
    assert not Claim.objects.filter(case=case, ended_at=None).exists()


def test_one_asks_and_another_approves(
    loan: Pipeline, bank: ApiClient, lucia: User, mats: User, dora: User
) -> None:
    cases = [closed(decided_case(loan, bank)), waiting_case(loan, bank)]
    with pytest.raises(CannotDispose):
        ask_for_cases(loan, [cases[0].pk], by=dora)
    disposal = ask_for_cases(loan, [case.pk for case in cases], by=lucia)
    assert (disposal.counted["cases"], disposal.counted["open"]) == (1, 1)
    assert carry_on(disposal.pk) is False  # nobody has approved it
    assert not Tombstone.objects.exists()
    with pytest.raises(CannotDispose):
        approve(disposal.pk, by=lucia)
    with pytest.raises(CannotDispose):
        approve(disposal.pk, by=dora)
    with pytest.raises(IntegrityError, match="answered_by_another"), transaction.atomic():
        Disposal.objects.update(
            status="approved", answered_by=lucia, answered_at="2026-01-01T00:00Z"
        )
    approve(disposal.pk, by=mats)
    assert carry_on(disposal.pk, limit=1) is True  # a worker that is lost here leaves the rest
    assert progress_of(disposal).done == 1
    assert carry_on(disposal.pk) is False
    disposal.refresh_from_db()
    assert disposal.status == "done"
    assert progress_of(disposal).results == {"erased": 1, "open": 1}
    told = Event.objects.filter(type__startswith="disposal.").order_by("id")
    assert [event.type for event in told] == [
        "disposal.asked", "disposal.approved", "disposal.done",
    ]  # fmt: skip
    assert told[2].data["erased"] == 1


def test_what_is_refused_goes_nowhere(
    loan: Pipeline, bank: ApiClient, lucia: User, mats: User
) -> None:
    case = closed(decided_case(loan, bank))
    disposal = ask_for_cases(loan, [case.pk], by=lucia)
    refuse(disposal.pk, by=mats)
    with pytest.raises(CannotDispose):
        approve(disposal.pk, by=mats)
    assert carry_on(disposal.pk) is False
    assert vault.of(case.pk)
    assert carry_on_unfinished() == 0


def test_a_failed_erasure_changes_nothing_and_is_tried_again(
    loan: Pipeline, bank: ApiClient, lucia: User, mats: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = closed(decided_case(loan, bank))
    disposal = ask_for_cases(loan, [case.pk], by=lucia)
    approve(disposal.pk, by=mats)
    monkeypatch.setattr("reviews.erasing.empty_readings", lambda case_id: 1 / 0)
    assert carry_on(disposal.pk) is False
    assert vault.of(case.pk)
    assert [*tombstones.undecided()] == [case.pk]
    assert apply_tombstones(by=TESTER) == 0  # its disposal is known here, and goes on with it
    monkeypatch.undo()
    carry_on(disposal.pk)
    assert progress_of(disposal).results == {"erased": 1}


def test_who_was_erased_elsewhere_is_erased_here_too(loan: Pipeline, bank: ApiClient) -> None:
    """As after a backup was restored: the lines outside know more than the database."""
    back, doubtful, held = (waiting_case(loan, bank) for _ in range(3))
    tombstones.write(back.pk, "erased")
    tombstones.write(doubtful.pk, "begun", disposal=999)
    assert apply_tombstones(by=TESTER) == 2
    assert set(Tombstone.objects.values_list("pk", flat=True)) == {back.pk, doubtful.pk}
    for case in (back, doubtful):
        case.refresh_from_db()
        assert (case.status, bytes(case.sealed_data)) == ("withdrawn", b"")
        assert not QueueEntry.objects.filter(case=case).exists()
    assert vault.of(held.pk)
    assert apply_tombstones(by=TESTER) == 0


def test_who_came_and_was_erased_after_the_backup_is_told_of_again(db: None) -> None:
    """Also where only their lines are left; and once."""
    gone = UUID("5f5b7b5e-9f3f-4c57-8f4e-3a1f0f3c1a11")
    tombstones.write(gone, "erased")
    assert apply_tombstones(by=TESTER) == 0
    assert not erase_again(gone, by=TESTER)
    assert Tombstone.objects.filter(pk=gone).exists()
    assert Event.objects.get(type="case.erased", case_id=gone).data == {"disposal": None}


def test_an_uncertain_line_takes_nothing_that_is_held(
    loan: Pipeline, bank: ApiClient, lucia: User
) -> None:
    case = closed(decided_case(loan, bank))
    place_hold(loan, case_id=case.pk, matter="4 O 17/26", by=lucia)
    tombstones.write(case.pk, "begun", disposal=999)
    assert apply_tombstones(by=TESTER) == 0
    assert vault.of(case.pk)


def test_a_line_that_is_missing_outside_is_written(loan: Pipeline, bank: ApiClient) -> None:
    case = erased(closed(decided_case(loan, bank)))
    assert [*tombstones.lines("erased")] == []  # nothing is committed in a test
    assert apply_tombstones(by=TESTER) == 0
    assert [*tombstones.lines("erased")] == [case.pk]


def test_an_erased_case_gets_no_key_again(loan: Pipeline, bank: ApiClient) -> None:
    case = closed(decided_case(loan, bank))
    with pytest.raises(IntegrityError, match="goes_with_a_tombstone"), transaction.atomic():
        CaseKey.objects.filter(pk=case.pk).update(wrapped=None, destroyed_at=case.created_at)
    erased(case)
    with pytest.raises(IntegrityError, match="goes_with_a_tombstone"), transaction.atomic():
        CaseKey.objects.filter(pk=case.pk).update(wrapped=b"back", destroyed_at=None)
    with pytest.raises(IntegrityError, match="holds_nothing"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(reference="Meier, Anna")
