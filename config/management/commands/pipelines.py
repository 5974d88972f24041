"""`manage.py pipelines new SLUG`, `check [FILE …]`, `apply [FILE …]`, `open SLUG [--to NAME …]`"""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from audit.actors import system
from cases.catalogue import apply_pipeline
from cases.definition import InvalidDefinition
from cases.models import Pipeline
from config.pipelinefiles import CARRIED, carried, new_pipeline, read_file
from inference.registry import register_models
from reviews.routing import InvalidPolicy
from reviews.setting_up import open_to_people, open_to_roles, set_up_review

BY = system("pipelines")


class Command(BaseCommand):
    """Writes, checks and applies pipeline files, and opens a pipeline's queues."""

    help = (
        "Writes a new pipeline file, checks files, applies them (registers their models, makes their "
        "queues), or opens a pipeline's queues to the roles or to people."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One act, each with arguments of its own."""
        acts = parser.add_subparsers(dest="act", required=True)
        new = acts.add_parser("new", help="write a commented pipeline that runs as it stands")
        new.add_argument("slug")
        new.add_argument("--name", help="what people read; else made of the slug")
        new.add_argument("--directory", type=Path, default=CARRIED)
        for act, what in (
            ("check", "tell all that is wrong, with its line"),
            ("apply", "make the files' versions the current ones"),
        ):
            each = acts.add_parser(act, help=f"{what}; without files, of those that are carried")
            each.add_argument("files", nargs="*", type=Path)
        opened = acts.add_parser(
            "open", help="grant a pipeline's queues to the roles, or to people"
        )
        opened.add_argument("slug")
        opened.add_argument("--to", nargs="+", default=[], metavar="NAME", help="sign-in names")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        """Does it, and says what it did."""
        acts: dict[str, Callable[..., None]] = {
            "new": self.write_new,
            "check": self.tell_mistakes,
            "apply": self.apply_files,
            "open": self.open_queues,
        }
        acts[act](**options)

    def write_new(self, *, slug: str, name: str | None, directory: Path, **options: Any) -> None:
        """Writes a pipeline's file."""
        try:
            words = name or slug.replace("-", " ").capitalize()
            file = new_pipeline(slug, words, directory)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} is written: change it, then `pipelines check {file}`")

    def tell_mistakes(self, *, files: list[Path], **options: Any) -> None:
        """Tells all that is wrong with the files."""
        wrong: list[str] = []
        for file in files or carried():
            raw, found = self.read(file)
            wrong += found
            if not found:
                self.stdout.write(f"{raw['slug']} version {raw['version']}: check done")
        if wrong:
            raise CommandError("\n".join(wrong))

    def read(self, file: Path) -> tuple[dict[str, Any], list[str]]:
        """What a file holds, and what is wrong with it, each with file and line."""
        try:
            raw, found = read_file(file)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from error
        return raw, [f"{file}:{each}" for each in found]

    def apply_files(self, *, files: list[Path], **options: Any) -> None:
        """Applies the files one by one; a wrong one ends it."""
        register_models(by=BY)
        for file in files or carried():
            raw, found = self.read(file)
            if found:
                raise CommandError("\n".join(found))
            try:
                with transaction.atomic():
                    set_up_review(apply_pipeline(raw, by=BY), by=BY)
            except (InvalidDefinition, InvalidPolicy) as error:
                raise CommandError(f"{file}: {error}") from error
            self.stdout.write(f"{raw['slug']} version {raw['version']}: apply done")

    def open_queues(self, *, slug: str, to: list[str], **options: Any) -> None:
        """Opens the queues of a pipeline."""
        pipeline = Pipeline.objects.select_related("current").filter(slug=slug).first()
        if pipeline is None or pipeline.current is None:
            raise CommandError(f"There is no pipeline {slug!r}.")
        people = list(User.objects.filter(username__in=to))
        if unknown := sorted({*to} - {person.username for person in people}):
            raise CommandError(f"There is nobody called {', '.join(unknown)}.")
        if people:
            open_to_people(pipeline.current, people, by=BY)
        else:
            open_to_roles(pipeline.current, by=BY)
        self.stdout.write(f"{slug}: open to {', '.join(to) or 'the roles'}")
