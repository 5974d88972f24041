"""`manage.py slots load PIPELINE FILE`, `slots list PIPELINE`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.actors import system
from audit.models import ClockTimestamp
from cases.models import Pipeline
from reviews.models import Slot
from reviews.slotfiles import InvalidSlots, read_slots
from reviews.slots import load_slots

BY = system("slots")


class Command(BaseCommand):
    """Loads the appointments that a clinic offers, and lists them."""

    help = (
        "Loads what a clinic offers, from CSV (id,service,place,start,end) or FHIR R4 Slots: what the "
        "file does not name is closed, unless it is booked. Or lists what lies ahead."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One act, each of a pipeline."""
        acts = parser.add_subparsers(dest="act", required=True)
        for act, what in (("load", "make a file all that is offered"), ("list", "what lies ahead")):
            each = acts.add_parser(act, help=what)
            each.add_argument("pipeline")
            if act == "load":
                each.add_argument("file", type=Path)

    def handle(self, *args: Any, act: str, pipeline: str, **options: Any) -> None:
        """Does it, and says what it did."""
        found = Pipeline.objects.filter(slug=pipeline).first()
        if found is None:
            raise CommandError(f"There is no pipeline {pipeline}.")
        if act == "load":
            self.load(found, options["file"])
        else:
            self.list(found)

    def load(self, pipeline: Pipeline, file: Path) -> None:
        """Loads a file; all that is wrong with it is said by line, and then nothing is loaded."""
        try:
            text = file.read_text(encoding="utf-8")
            loaded = load_slots(pipeline, read_slots(text), by=BY)
        except (OSError, UnicodeDecodeError, InvalidSlots) as error:
            raise CommandError(f"{file}: nothing was loaded.\n{error}") from error
        self.stdout.write(
            f"{loaded.new} new, {loaded.changed} changed, {loaded.closed} closed, "
            f"{loaded.kept} booked and left as they were, {loaded.past} in the past and left out"
        )

    def list(self, pipeline: Pipeline) -> None:
        """Writes each slot that lies ahead and is open, with whether it is booked."""
        ahead = Slot.objects.filter(
            pipeline=pipeline, closed_at=None, starts_at__gt=ClockTimestamp()
        )
        for slot in ahead:
            standing = "booked" if slot.booked_by_id else "free"
            place = f", {slot.place}" if slot.place else ""
            times = f"{slot.starts_at.isoformat(timespec='minutes')}  {slot.source_id}"
            self.stdout.write(f"{times}  {standing}  {slot.service}{place}")
