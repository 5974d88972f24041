"""`manage.py evidence --since DAY --until DAY --to FILE --by NAME`"""

import os
from argparse import ArgumentParser
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from accounts.models import User
from cases.models import Pipeline
from reviews.rights import rights_of
from reviews.trail.evidence import NotSealed, Packed, pack_evidence

SETTLES = timedelta(minutes=5)
"""How long after a period's end all that began within it is surely over, and sealed."""


class Command(BaseCommand):
    """Packs the evidence of a period into one file that proves its events."""

    help = (
        "Packs who could do what, what was changed, checked, exported, erased and sealed within a period "
        "of days (UTC, both included). The same period gives the same bytes. Whose act it is stands in "
        "the log: --by names somebody who may audit every pipeline. Ends with 1 where the log does not "
        "hold to its own check."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which period, where to, and who asks."""
        parser.add_argument("--since", required=True, type=date.fromisoformat)
        parser.add_argument("--until", required=True, type=date.fromisoformat)
        parser.add_argument(
            "--to", required=True, type=Path, help="the file, which is not there yet"
        )
        parser.add_argument("--by", required=True, help="the user name of an auditor")

    def handle(self, *args: Any, **options: Any) -> None:
        """Packs it, and says what it came to."""
        since, until = begins(options["since"]), begins(options["until"] + timedelta(days=1))
        target: Path = options["to"]
        if since >= until:
            raise CommandError("The period ends before it begins.")
        if until + SETTLES > now():
            raise CommandError(f"The period is not over: pack it after {until + SETTLES}.")
        if target.exists():
            raise CommandError(f"{target} is there already.")
        packed = self.packed(target, since, until, auditor(options["by"]))
        self.stdout.write(f"{target}: {packed.size:,} bytes, SHA-256 {packed.sha256}")
        self.stdout.write(f"manifest.json: SHA-256 {packed.manifest}")
        checked = packed.checked
        self.stdout.write(
            f"The log up to {checked.size:,} events: {checked.recomputed:,} leaves made anew, "
            f"{checked.disposed:,} of events that are gone, {len(checked.wrong)} wrong"
        )
        if not checked.holds:
            raise CommandError("The log is not what its checkpoint says.", returncode=1)

    def packed(self, target: Path, since: datetime, until: datetime, by: User) -> Packed:
        """Writes the file beside its place, and gives it its name once it is whole."""
        try:
            with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.") as file:
                packed = pack_evidence(file, since, until, by=by)
                os.fsync(file.fileno())
                os.link(file.name, target)
        except NotSealed as error:
            raise CommandError("Not all of it is sealed yet: does the sealer run?") from error
        except OSError as error:
            raise CommandError(f"{target}: {error.strerror}") from error
        return packed


def auditor(name: str) -> User:
    """Somebody who may audit every pipeline; raises CommandError."""
    person = User.objects.filter(username=name, is_active=True).first()
    if person is None:
        raise CommandError(f"There is nobody called {name}.")
    audited = rights_of(person).pipelines.get("audit", frozenset())
    if set(Pipeline.objects.values_list("pk", flat=True)) - audited:
        raise CommandError(f"{name} may not audit every pipeline.")
    return person


def begins(day: date) -> datetime:
    """When a day begins in UTC."""
    return datetime.combine(day, time.min, UTC)
