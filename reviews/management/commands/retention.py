"""`manage.py retention`: what the schedules keep and for how long, and what the owner alone can carry out."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actors import system
from cases.models import Pipeline
from reviews.disposals import dispose_due_events
from reviews.erasing import apply_tombstones
from reviews.retention import Counted, dry_run, schedule_of

BY = system("retention")


class Command(BaseCommand):
    """Shows and counts; erasing itself is asked for and approved by two people, on the pages."""

    help = "Shows the retention schedules, counts what would go, disposes of events, applies tombstones."

    def add_arguments(self, parser: CommandParser) -> None:
        """One word says what is done."""
        parser.add_argument(
            "act", choices=("show", "dry-run", "dispose-events", "apply-tombstones")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it."""
        acts = {
            "show": self.show,
            "dry-run": self.count,
            "dispose-events": self.dispose_events,
            "apply-tombstones": self.apply,
        }
        acts[options["act"]]()

    def show(self) -> None:
        """Each pipeline's schedule."""
        for pipeline in pipelines():
            schedule = schedule_of(pipeline)
            self.stdout.write(f"{pipeline.slug}: cases {kept(schedule.case_months)}")
            for name, months in schedule.event_months.items():
                self.stdout.write(f"  events of the class {name} {kept(months)}")

    def count(self) -> None:
        """What would go now; nothing does."""
        for pipeline in pipelines():
            self.stdout.write(f"{pipeline.slug}: {words(dry_run(pipeline))}")

    def dispose_events(self) -> None:
        """Deletes the events that two people have approved; the tables' owner alone can."""
        if "owner" not in settings.DATABASES:
            raise CommandError(
                "DATABASE_OWNER_URL is not set: only the tables' owner deletes events."
            )
        for disposal, count in dispose_due_events(by=BY).items():
            self.stdout.write(f"disposal {disposal}: {count} events deleted")

    def apply(self) -> None:
        """Erases again whoever a restored backup brought back."""
        self.stdout.write(f"{apply_tombstones(by=BY)} cases erased again")


def pipelines() -> list[Pipeline]:
    """The pipelines there are."""
    return list(Pipeline.objects.select_related("current").order_by("slug"))


def kept(months: int | None) -> str:
    """For how long."""
    return "kept for good" if months is None else f"kept {months} months"


def words(counted: Counted) -> str:
    """What would go."""
    parts = [
        f"{counted.cases} cases ({counted.held} more are held)",
        f"{counted.documents} documents of {counted.pages} pages, {counted.size} bytes",
        *(f"{count} events of the class {name}" for name, count in counted.events.items()),
    ]
    return ", ".join(parts)
