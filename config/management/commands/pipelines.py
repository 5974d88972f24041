"""`manage.py pipelines apply [FILE …]`, `pipelines check FILE …`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from audit.actors import system
from cases.catalogue import apply_pipeline
from cases.definition import InvalidDefinition, parse, read_toml
from inference.registry import register_models
from reviews.policies import read_policy
from reviews.routing import InvalidPolicy
from reviews.setting_up import set_up_review


class Command(BaseCommand):
    """Checks pipeline files and applies them."""

    help = "Checks pipeline files, or applies them: registers their models, makes their queues."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and with which files; without any, with those that the project carries."""
        parser.add_argument("act", choices=("check", "apply"))
        parser.add_argument("files", nargs="*", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it, and says what it did; a mistake names its file and place."""
        files = options["files"] or sorted(
            (settings.BASE_DIR / "cases/pipelines").glob("*/pipeline.toml")
        )
        by = system("pipelines")
        if options["act"] == "apply":
            register_models(by=by)
        for file in files:
            try:
                content = read_toml(file.read_text(encoding="utf-8"))
                definition = parse(content)
                if definition.policy:
                    read_policy(definition.policy, definition)
                if options["act"] == "apply":
                    with transaction.atomic():
                        set_up_review(apply_pipeline(content, by=by), by=by)
            except (OSError, InvalidDefinition, InvalidPolicy) as error:
                raise CommandError(f"{file}: {error}") from error
            self.stdout.write(
                f"{definition.slug} version {definition.version}: {options['act']} done"
            )
