"""`manage.py trail status|keys|checkpoint|publish`: how the log is sealed and published, from a shell."""

import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.checking import keys_of_the_log, waiting_events
from audit.models import Checkpoint
from audit.proving import latest_checkpoint
from audit.publishing import Standing, hasten, publish_due, standings

LATE = timedelta(seconds=30)


class Command(BaseCommand):
    """Shows how the log is sealed, its keys and checkpoints, and publishes what is due."""

    help = (
        "Exit code 1: a place takes no checkpoints (status, publish), or seals are late (status)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="how far the log is sealed, and where that is published")
        actions.add_parser("keys", help="the keys that verify, a line each, the newest first")
        checkpoint = actions.add_parser("checkpoint", help="the newest checkpoint, as it is signed")
        checkpoint.add_argument("--size", type=int, help="the one of this size instead")
        actions.add_parser("publish", help="publish what is due, and what failed, at once")

    def handle(self, *args: Any, **options: Any) -> None:
        """Does what was asked for."""
        getattr(self, options["action"])(options)

    def status(self, options: dict[str, Any]) -> None:
        """Prints how things stand; exits with 1 where somebody should look."""
        newest, waiting, places = latest_checkpoint(), waiting_events(), standings()
        if newest is None:
            self.stdout.write("nothing is sealed yet")
        else:
            age = round((waiting.now - newest.made_at).total_seconds())
            self.stdout.write(f"{newest.size} events sealed; newest checkpoint {age} s old")
        self.stdout.write(f"{waiting.count} events wait for their seals")
        for standing in places:
            self.stdout.write(line(standing))
        late = waiting.since is not None and waiting.now - waiting.since > LATE
        if late or any(standing.failed for standing in places):
            sys.exit(1)

    def keys(self, options: dict[str, Any]) -> None:
        """Prints the verifier keys."""
        for key in keys_of_the_log():
            self.stdout.write(key.key)

    def checkpoint(self, options: dict[str, Any]) -> None:
        """Prints a checkpoint's note."""
        size = options["size"]
        rows = Checkpoint.objects.order_by("-id")
        found = rows.first() if size is None else rows.filter(size=size).first()
        if found is None:
            raise CommandError("There is no such checkpoint.")
        self.stdout.write(found.note, ending="")

    def publish(self, options: dict[str, Any]) -> None:
        """Publishes what is due or failed, and prints how places stand; exits with 1 where one fails."""
        hasten()
        self.stdout.write(f"{publish_due()} checkpoints published")
        places = standings()
        for standing in places:
            self.stdout.write(line(standing))
        if any(standing.failed for standing in places):
            sys.exit(1)


def line(standing: Standing) -> str:
    """A place in a line."""
    at, last = standing.published_at, standing.last
    has = (
        f"{last.checkpoint.size} events at {at:%Y-%m-%dT%H:%M:%SZ}"
        if last and at
        else "nothing yet"
    )
    error = f"; {standing.waiting.error}" if standing.waiting and standing.failed else ""
    return f"{standing.place.label}: {has}{error}"
