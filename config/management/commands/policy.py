"""`manage.py policy show PIPELINE`, `policy activate PIPELINE FILE`"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.actors import system
from cases.definition import InvalidDefinition, read_toml
from cases.models import Pipeline
from reviews.policies import activate_policy, active_policy
from reviews.routing import InvalidPolicy


class Command(BaseCommand):
    """Shows a pipeline's active policy, or makes another one active."""

    help = (
        "Shows a pipeline's active policy, or activates the one in a TOML file as its next version."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, for which pipeline, with which file."""
        parser.add_argument("act", choices=("show", "activate"))
        parser.add_argument("pipeline")
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Does it; a mistake in the policy is named and changes nothing."""
        pipeline = (
            Pipeline.objects.select_related("current").filter(slug=options["pipeline"]).first()
        )
        if pipeline is None or pipeline.current is None:
            raise CommandError(f"There is no pipeline {options['pipeline']!r}.")
        if options["act"] == "show":
            version = active_policy(pipeline)
            if version is None:
                raise CommandError(f"{pipeline.slug} has no active policy.")
            self.stdout.write(f"# {pipeline.slug}: policy version {version.number}")
            self.stdout.write(json.dumps(version.content, indent=2, ensure_ascii=False))
            return
        if options["file"] is None:
            raise CommandError("Name the TOML file that holds the policy.")
        try:
            content = read_toml(options["file"].read_text(encoding="utf-8"))
            version = activate_policy(
                pipeline,
                content,
                definition=pipeline.current.definition,
                by=system("policy command"),
            )
        except (OSError, InvalidDefinition, InvalidPolicy) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        self.stdout.write(f"{pipeline.slug}: policy version {version.number} is active")
