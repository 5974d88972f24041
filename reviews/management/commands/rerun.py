"""`manage.py rerun --by NAME [CASE ...] [--pipeline SLUG] [--since DAY] [--until DAY]`"""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils.timezone import make_aware

from accounts.models import User
from cases.models import Decision
from reviews.presenting.trail.rerun import words
from reviews.rights import rights_of
from reviews.trail.rerunning import Rerun, rerun_many


class Command(BaseCommand):
    """Runs past decisions again, and says which no longer come out as they did."""

    help = (
        "Runs past decisions again: the same input through the same versions of model, calibration and "
        "policy. Of cases by id, or of all that were decided in a time. Ends with 1 where one comes out "
        "otherwise. Whose act it is stands in the log: --by names somebody who may audit the pipelines."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which decisions, and who asks."""
        parser.add_argument("cases", nargs="*", type=UUID, metavar="CASE")
        parser.add_argument("--by", required=True, help="the user name of an auditor")
        parser.add_argument("--pipeline", help="those of one pipeline alone")
        parser.add_argument("--since", type=date.fromisoformat, help="decided on this day or later")
        parser.add_argument(
            "--until", type=date.fromisoformat, help="or before the end of this one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs them, tells each that differs, and counts the rest."""
        person = User.objects.filter(username=options["by"], is_active=True).first()
        if person is None:
            raise CommandError(f"There is nobody called {options['by']}.")
        audited = rights_of(person).pipelines.get("audit", frozenset())
        chosen = chosen_by(options).filter(case__pipeline__in=audited)
        if options["cases"] and not chosen.exists():
            raise CommandError(
                f"{options['by']} may audit none of these cases, or none is decided."
            )
        counted = Counter(self.told(rerun_many(chosen, by=person.actor)))
        self.stdout.write(
            f"{counted[True]} the same, {counted[False]} otherwise, {counted[None]} can't be run again"
        )
        if counted[False]:
            raise CommandError("Not every decision comes out as it did.", returncode=1)

    def told(self, found: Iterator[Rerun]) -> Iterator[bool | None]:
        """Writes what differs, and passes on whether anything did."""
        for each in found:
            case = each.decision.case
            for difference in each.differences:
                sentence = words(difference, case.definition)
                self.stdout.write(f"{case.pk} decision {each.decision.pk}: {sentence}")
            yield each.same


def chosen_by(options: dict[str, Any]) -> QuerySet[Decision]:
    """The decisions that are asked for, superseded ones too."""
    found = Decision.objects.select_related("case__pipeline", "case__pipeline_version")
    if options["cases"]:
        found = found.filter(case__in=options["cases"])
    elif options["since"] is None:
        raise CommandError("Name cases, or a day to begin with (--since).")
    if options["pipeline"]:
        found = found.filter(case__pipeline__slug=options["pipeline"])
    if options["since"]:
        found = found.filter(decided_at__gte=midnight(options["since"]))
    if options["until"]:
        found = found.filter(decided_at__lt=midnight(options["until"] + timedelta(days=1)))
    return found.order_by("id")


def midnight(day: date) -> datetime:
    """When a day begins, where the house is."""
    return make_aware(datetime.combine(day, time.min))
