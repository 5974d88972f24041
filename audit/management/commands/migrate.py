"""`migrate`, run as the tables' owner, and then the application role's rights."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

from audit.rights import grant_application_rights


class Command(migrate.Command):
    """Migrates through the owner's connection: the application's role can't change tables."""

    def add_arguments(self, parser: CommandParser) -> None:
        """As Django's, but the database is the owner's."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def execute(self, *args: Any, **options: Any) -> Any:
        """Raises CommandError where the owner is not configured."""
        if options["database"] not in settings.DATABASES:
            raise CommandError("DATABASE_OWNER_URL is not set: only the tables' owner migrates.")
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrates, then grants."""
        super().handle(*args, **options)
        grant_application_rights(
            connections[options["database"]], role=settings.DATABASES["default"]["USER"]
        )
