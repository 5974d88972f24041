"""Slots: loaded whole or not at all, proposed by urgency, and one person's alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases.models import Pipeline
from reviews.models import Review, Slot
from reviews.slotfiles import InvalidSlots, SlotRow, read_slots
from reviews.slots import Loaded, add_slots, close_slot, load_slots, proposable, spread
from reviews.verdicts import IncompleteVerdict, ReplyWords, Verdict
from tests.casefiles import TESTER, give, held
from tests.messages import message_case, message_pipeline
from tests.threads import in_threads

HEAD = "id,service,place,start,end\n"
MORNING = datetime(2027, 3, 1, 9, tzinfo=UTC)


def rows(*starts: timedelta, service: str = "GP") -> list[SlotRow]:
    """Slots of ten minutes that begin so long from now."""
    now = timezone.now()
    return [
        SlotRow(line, f"s{line}", service, "Mill", now + start, now + start + timedelta(minutes=10))
        for line, start in enumerate(starts, 1)
    ]


@pytest.fixture
def messages(db: None) -> Pipeline:
    return message_pipeline()


@pytest.fixture
def clinic(db: None, make_upstream: Callable[..., Any]) -> ApiClient:
    client: ApiClient = make_upstream("patient-message").client
    return client


# ---------------------------------------------------------------- files


def test_a_csv_file_is_read_with_the_clinics_own_offset() -> None:
    text = HEAD + 'a1,GP,"Mill, room 2",2027-03-01T09:00+01:00,2027-03-01T09:10+01:00\n'
    (row,) = read_slots("\ufeff" + text)
    assert (row.source_id, row.place, row.line) == ("a1", "Mill, room 2", 2)
    assert row.starts_at == datetime(2027, 3, 1, 8, tzinfo=UTC)
    assert row.starts_at.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a1,GP,Mill,2027-03-01T09:00,2027-03-01T09:10", "no offset"),
        ("a1,GP,Mill,tomorrow,2027-03-01T09:10Z", "no time"),
        ("a1,GP,Mill,2027-03-01T09:10Z,2027-03-01T09:10Z", "ends before"),
        (",GP,Mill,2027-03-01T09:00Z,2027-03-01T09:10Z", "id is missing"),
        ("a1,GP,Mill,2027-03-01T09:00Z,2027-03-01T09:10Z,Mill 2", "more cells than columns"),
        ("ok,GP,Mill,2027-03-01T12:05Z,2027-03-01T12:30Z", "id stands in line 2"),
        ("a1,GP,Mill,2027-03-01T12:05Z,2027-03-01T12:30Z", "overlaps line 2"),
    ],
)
def test_each_mistake_has_its_line(line: str, words: str) -> None:
    good = "ok,GP,Mill,2027-03-01T12:00Z,2027-03-01T12:10Z\n"
    with pytest.raises(InvalidSlots, match=f"line 3: .*{words}"):
        read_slots(HEAD + good + line)


def test_fhir_slots_come_in_a_bundle_or_line_by_line() -> None:
    slot = (
        '{"resourceType":"Slot","id":"f1","status":"free","serviceType":[{"text":"GP"}],'
        '"schedule":{"display":"Mill"},"start":"2027-03-01T09:00:00Z","end":"2027-03-01T09:10:00Z"}'
    )
    taken = slot.replace("free", "busy").replace("f1", "f2")
    whole = f'{{"resourceType":"Bundle","entry":[{{"resource":{slot}}},{{"resource":{taken}}}]}}'
    for text in (whole, f"{slot}\n{taken}\n", slot):
        (row,) = read_slots(text)
        assert (row.source_id, row.service, row.place) == ("f1", "GP", "Mill")
        assert row.starts_at == MORNING
    with pytest.raises(InvalidSlots, match="no Slot"):
        read_slots('{"resourceType":"Patient"}')


# ---------------------------------------------------------------- loading


def test_loading_the_same_again_changes_nothing_and_what_vanished_is_closed(
    messages: Pipeline,
) -> None:
    offered = rows(timedelta(hours=1), timedelta(hours=2), timedelta(hours=-1))
    assert load_slots(messages, offered, by=TESTER) == Loaded(new=2, past=1)
    assert load_slots(messages, offered, by=TESTER) == Loaded(past=1)
    assert load_slots(messages, offered[:1], by=TESTER) == Loaded(closed=1)
    assert load_slots(messages, offered, by=TESTER) == Loaded(changed=1, past=1)
    assert add_slots(messages, offered[:1], by=TESTER) == Loaded()
    assert Slot.objects.filter(closed_at=None).count() == 2
    last = Event.objects.filter(type="slots.loaded").last()
    assert last is not None
    assert last.pipeline == "patient-message"


def test_a_wrong_file_is_told_by_line_and_nothing_of_it_is_loaded(
    messages: Pipeline, tmp_path: Path
) -> None:
    start = timezone.now() + timedelta(hours=1)
    good = f"a1,GP,Mill,{start.isoformat()},{(start + timedelta(minutes=5)).isoformat()}\n"
    file = tmp_path / "slots.csv"
    file.write_text(HEAD + good + "a2,GP,Mill,soon,later\n")
    with pytest.raises(CommandError, match="line 3: start is no time"):
        call_command("slots", "load", "patient-message", str(file))
    assert not Slot.objects.exists()
    file.write_text(HEAD + good)
    said = StringIO()
    call_command("slots", "load", "patient-message", str(file), stdout=said)
    call_command("slots", "list", "patient-message", stdout=said)
    assert said.getvalue().startswith("1 new, 0 changed")
    assert "a1  free  GP, Mill" in said.getvalue()


# ---------------------------------------------------------------- proposing


def test_the_next_three_are_proposed_and_the_first_of_later_days(messages: Pipeline) -> None:
    noon = timezone.now().replace(hour=12, minute=0) + timedelta(days=1)
    hours = [timedelta(hours=each) for each in range(6)]
    starts = [noon + timedelta(days=day) + hour for day in range(5) for hour in hours]
    now = timezone.now()
    load_slots(messages, rows(*(start - now for start in starts)), by=TESTER)
    ahead = proposable(messages.pk, timedelta(days=30))
    chosen = spread(ahead, noon + timedelta(days=3, hours=1), UTC)
    days = [(slot.starts_at.date() - noon.date()).days for slot in chosen]
    assert days == [0, 0, 0, 1, 2, 3]
    assert [slot.starts_at.hour for slot in chosen[3:]] == [12, 12, 12]
    assert proposable(messages.pk, timedelta(minutes=5)) == []


# ---------------------------------------------------------------- booking


def promising(slot: Slot) -> Verdict:
    """A verdict that promises a slot."""
    reply = ReplyWords("We could see you: {appointment}.", "seen_today", "phone", str(slot.pk))
    explained = {"reason_codes": ("known_condition",), "explanation": "It can wait until later."}
    return Verdict("same_day", **explained, reply=reply)  # type: ignore[arg-type]  # of two types


def test_of_two_reviewers_who_promise_one_slot_one_gets_it(
    own_database: None, make_upstream: Callable[..., Any], make_person: Callable[..., User]
) -> None:
    pipeline, client = message_pipeline(), make_upstream("patient-message").client
    load_slots(pipeline, rows(timedelta(hours=1)), by=TESTER)
    slot = Slot.objects.get()
    people = [make_person(Role.REVIEWER) for _ in range(2)]
    claims = [held(message_case(client, pipeline=pipeline), person) for person in people]

    def promise(number: int) -> str:
        try:
            give(claims[number], promising(slot))
        except IncompleteVerdict as refused:
            return refused.problems["slot"]
        return ""

    said = in_threads(2, promise)
    assert sorted(map(bool, said)) == [False, True]
    slot.refresh_from_db()
    winner = Review.objects.get()
    assert (slot.booked_by, winner.reviewer) == (winner, people[said.index("")])
    loser = claims[1 - said.index("")]
    loser.refresh_from_db()
    assert loser.ended_at is None
    assert "not free any more" in "".join(said)


def test_what_is_promised_stays_when_the_clinic_drops_or_moves_it(
    messages: Pipeline, clinic: ApiClient, reviewer: User
) -> None:
    offered = rows(timedelta(hours=1), timedelta(hours=2))
    load_slots(messages, offered, by=TESTER)
    slot = Slot.objects.get(source_id="s1")
    give(held(message_case(clinic, pipeline=messages), reviewer), promising(slot))
    moved = replace(offered[0], starts_at=offered[0].starts_at + timedelta(minutes=5))
    assert load_slots(messages, [moved], by=TESTER) == Loaded(closed=1, kept=1)
    assert load_slots(messages, [], by=TESTER) == Loaded(kept=1)
    kept = Slot.objects.get(pk=slot.pk)
    assert (kept.starts_at, kept.closed_at) == (slot.starts_at, None)
    assert not close_slot(messages, "s1", by=TESTER)
