"""`manage.py sealer`: the process that seals the trail, and the only one that holds the signing keys."""

import signal
import sys
import time
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, connection

from audit.notes import NoteRefused
from audit.sealing import MOST, TrailContradictsItself, seal, verifier_keys

CONTRADICTION = 3
"""The exit code for a log that was tampered with: nobody should start this again before looking."""
log = structlog.get_logger("countersign.sealing")


class Command(BaseCommand):
    """Seals each second what is new, until it is ended."""

    help = "Seals the trail each second. Exit code 3: the log contradicts its last checkpoint."
    requires_system_checks = ()
    size = 0

    def add_arguments(self, parser: CommandParser) -> None:
        """For installations that start it themselves, from time to time."""
        parser.add_argument("--once", action="store_true", help="seal what there is, then end")
        parser.add_argument(
            "--every", type=float, default=1.0, metavar="SECONDS", help="between two looks"
        )

    def handle(self, *args: Any, once: bool, every: float, **options: Any) -> None:
        """Seals; raises CommandError without keys, and exits with 3 where the log was changed."""
        try:
            if not verifier_keys(settings.SEAL_KEYS):
                raise CommandError("COUNTERSIGN_SEAL_KEYS is not set: nothing signs without a key.")
        except NoteRefused as error:
            raise CommandError(f"COUNTERSIGN_SEAL_KEYS: {error}.") from error
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, lambda number, frame: sys.exit(0))
        try:
            while not (self.all_is_sealed() and once):
                time.sleep(every)
        except TrailContradictsItself as error:
            log.error("trail_contradicts_itself", contradiction=str(error))
            raise CommandError(
                f"The trail contradicts itself: {error}", returncode=CONTRADICTION
            ) from error

    def all_is_sealed(self) -> bool:
        """Seals what there is; False where the database is away, which it may be for a while."""
        try:
            while (sealed := seal(keys=settings.SEAL_KEYS)) and sealed.size - self.size >= MOST:
                self.size = sealed.size
        except (OperationalError, InterfaceError) as error:
            log.warning("database_is_away", exc_info=error)
            connection.close()
            return False
        return True
