"""`manage.py vault rewrap`: after a new master key, wraps all keys and secrets anew under it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.secondfactor import rewrap_second_factors
from audit.actors import system
from audit.rewrapping import rewrap
from audit.vault import CannotOpen
from cases.webhooks import rewrap_webhooks
from reviews.trail.rewrapping import rewrap_exports

BY = system("command line")
SECRETS = (rewrap_webhooks, rewrap_second_factors, rewrap_exports)
"""Whoever seals for the house seals anew here."""


class Command(BaseCommand):
    """Rewraps the vault; ended half-way, it goes on where it was when it is started again."""

    help = "Wraps the keys of all cases, and the house's secrets, under the current master key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The one thing that can be done."""
        parser.add_argument("action", choices=["rewrap"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it, and says what may go and what has to stay."""
        try:
            done = rewrap(SECRETS, by=BY)
        except CannotOpen as error:
            raise CommandError(
                f"{error}: add that key to COUNTERSIGN_MASTER_KEYS, and start again."
            ) from error
        self.stdout.write(
            f"{done.cases} keys of cases and {done.secrets} secrets of the house are wrapped anew under "
            f"{done.master_key}; none is under an older key now.\n"
            "Keep the oldest key in COUNTERSIGN_MASTER_KEYS, as the last one: it still keys fingerprints, "
            "by which papers and requests are recognised. Those between may go."
        )
