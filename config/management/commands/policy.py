"""`manage.py policy show|propose|history PIPELINE`: policies for people who keep them in files"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from cases.models import Pipeline
from reviews.models import PolicyVersion
from reviews.policies import active_policy, definition_of, faults_for
from reviews.policychecks import remarks
from reviews.policytoml import MalformedToml, read_text, written
from reviews.proposals import Refused, against_active
from reviews.proposing import draft_proposal
from reviews.routing import InvalidPolicy


class Command(BaseCommand):
    """Shows a pipeline's policy as TOML, proposes another one, lists those that were in force."""

    help = "Shows a pipeline's policy, drafts another one from a file, or lists all versions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        show = actions.add_parser("show", help="print a policy as TOML")
        show.add_argument("pipeline")
        show.add_argument("--number", type=int, help="this version; without it the one in force")
        propose = actions.add_parser(
            "propose", help="draft the policy in a TOML file; people sign it in the browser"
        )
        propose.add_argument("pipeline")
        propose.add_argument("file", type=Path)
        propose.add_argument("--title", required=True, help="what it is, in a line")
        propose.add_argument("--reason", default="", help="why")
        propose.add_argument("--by", required=True, help="the user name of who drafts it")
        history = actions.add_parser("history", help="list the versions, the newest first")
        history.add_argument("pipeline")

    def handle(self, *args: Any, **options: Any) -> None:
        """Does what was asked for."""
        slug = options["pipeline"]
        pipeline = Pipeline.objects.select_related("current").filter(slug=slug).first()
        if pipeline is None or pipeline.current is None:
            raise CommandError(f"There is no pipeline {slug!r}.")
        getattr(self, options["action"])(pipeline, options)

    def show(self, pipeline: Pipeline, options: dict[str, Any]) -> None:
        """Prints a version as TOML, which `propose` takes."""
        number = options["number"]
        versions = PolicyVersion.objects.filter(pipeline=pipeline)
        named = number is not None
        version = versions.filter(number=number).first() if named else active_policy(pipeline)
        if version is None:
            what = f"policy version {number}" if named else "active policy"
            raise CommandError(f"{pipeline.slug} has no {what}.")
        self.stdout.write(f"# {pipeline.slug}: policy version {version.number}")
        self.stdout.write(written(version.content))

    def propose(self, pipeline: Pipeline, options: dict[str, Any]) -> None:
        """Drafts the policy of a file; mistakes are told by their lines, and change nothing."""
        file, by = options["file"], User.objects.filter(username=options["by"]).first()
        if by is None:
            raise CommandError(f"There is no user {options['by']!r}.")
        try:
            text = read_text(file.read_bytes())
        except (OSError, MalformedToml) as error:
            raise CommandError(f"{file}: {error}") from error
        mistakes = [
            f"{file}:{text.line(mistake.path[1:])}: {mistake}"
            for mistake in faults_for(pipeline, text.content)
        ]
        if mistakes:
            raise CommandError("\n".join(mistakes))
        try:
            proposal = draft_proposal(
                pipeline, text.content, title=options["title"], reason=options["reason"], by=by
            )
        except (InvalidPolicy, Refused) as error:
            raise CommandError(str(error)) from error
        for difference in against_active(proposal):
            self.stdout.write(f"  {difference.words}")
        for remark in remarks(text.content, definition_of(pipeline)):
            line = text.line(remark.path[1:])
            self.stderr.write(f"{file}:{line}: not wrong, and hardly meant: {remark}")
        self.stdout.write(
            f"{pipeline.slug}: draft {proposal.pk}. Ask for its signature in the browser."
        )

    def history(self, pipeline: Pipeline, options: dict[str, Any]) -> None:
        """Lists the versions, each with where it came from."""
        versions = PolicyVersion.objects.filter(pipeline=pipeline).select_related("restores")
        for version in versions.order_by("-number"):
            since = (
                version.activated_at.isoformat(" ", "seconds") if version.activated_at else "never"
            )
            mark = "*" if version.active else " "
            self.stdout.write(f"{mark} {version.number:>4}  {since}  {origin(version)}".rstrip())


def origin(version: PolicyVersion) -> str:
    """Where a version came from, in words."""
    if version.restores is not None:
        return f"version {version.restores.number} again: {version.reason}"
    proposal = getattr(version, "proposal", None)
    return proposal.title if proposal else ""
