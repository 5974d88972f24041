"""The demo's clinic: the appointments that it offers in the next two weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.timezone import now

from cases.models import Pipeline
from config.demo.messages import PIPELINE
from config.demo.seeding import BY
from reviews.models import Slot
from reviews.slotfiles import SlotRow
from reviews.slots import load_slots

HERE = ZoneInfo("Europe/London")
DAYS = 14
ENOUGH = timedelta(days=7)
"""As long as slots lie so far ahead none are loaded anew."""
WORKDAYS = range(5)
EVERY_DAY = range(7)


@dataclass(frozen=True, slots=True)
class Session:
    """Hours in which one service has an appointment every so many minutes, on some days of a week."""

    name: str
    service: str
    place: str
    days: range
    hours: tuple[int, int]
    minutes: int


SESSIONS = (
    Session("dr", "Doctor", "The Mill, room 2", WORKDAYS, (9, 13), 20),
    Session("dr-late", "Doctor", "The Mill, room 2", WORKDAYS, (14, 18), 20),
    Session("nurse", "Nurse practitioner", "The Mill, room 5", WORKDAYS, (8, 16), 30),
    Session("video", "Doctor", "By video", WORKDAYS, (12, 14), 10),
    Session("walk-in", "Walk-in doctor", "Station Road, ground floor", EVERY_DAY, (16, 22), 30),
    Session("midwife", "Midwife", "Children's centre, Orchard Lane", range(1, 4), (9, 12), 40),
)


def offer() -> None:
    """Loads what the clinic offers, as `manage.py slots load` does, where little is left of it."""
    pipeline = Pipeline.objects.get(slug=PIPELINE)
    if not Slot.objects.filter(pipeline=pipeline, starts_at__gt=now() + ENOUGH).exists():
        load_slots(pipeline, list(rows(now().astimezone(HERE).date())), by=BY)


def rows(first: date) -> Iterator[SlotRow]:
    """Two weeks of slots from a day on, in the clinic's own time."""
    line = 1
    for day in (first + timedelta(days=number) for number in range(DAYS)):
        for session in SESSIONS:
            for starts in times(session, day):
                line += 1
                name = f"{session.name}-{starts:%Y-%m-%d-%H%M}"
                ends = starts + timedelta(minutes=session.minutes)
                yield SlotRow(line, name, session.service, session.place, starts, ends)


def times(session: Session, day: date) -> Iterator[datetime]:
    """When a session's appointments begin on a day."""
    if day.weekday() not in session.days:
        return
    begins, ends = (datetime.combine(day, time(hour), HERE) for hour in session.hours)
    while begins < ends:
        yield begins
        begins += timedelta(minutes=session.minutes)
