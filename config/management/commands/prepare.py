"""`manage.py prepare`: what a new version needs before it serves; run again it changes nothing."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from audit.actors import system
from config.permissions import permit_roles
from reviews.erasing import apply_tombstones


class Command(BaseCommand):
    """Migrates, erases again, permits the roles what they may do, applies the project's pipelines."""

    help = "Brings the database to this version: its tables, then the project's own pipelines."
    requires_system_checks = ()  # migrate does them

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it, as the tables' owner (DATABASE_OWNER_URL)."""
        call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
        apply_tombstones(by=system("prepare"))  # this database may be a backup that was restored
        permit_roles(by=system("prepare"))
        call_command("pipelines", "apply")
