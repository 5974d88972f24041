"""`manage.py automation stop|resume [house|pipeline:SLUG|model:NAME] --by NAME --reason WHY`, `show`"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from reviews import stopping
from reviews.stopping import Changed, MayNot, NothingSaid, Scope


class Command(BaseCommand):
    """Stops automatic decisions, lets them be made again, and says what is stopped."""

    help = (
        "Stops automatic decisions of the house, a pipeline or a model at once, and lifts that. Whose "
        "act it is stands in the log: --by names the person, who has to be one that may do it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, of what, who does it and why."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("show", help="what is stopped")
        for act, what in (("stop", "stop automatic decisions"), ("resume", "lift a stop")):
            each = acts.add_parser(act, help=what)
            each.add_argument("scope", nargs="?", default="house")
            each.add_argument("--by", required=True, help="the user name of who does it")
            each.add_argument("--reason", required=True)

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        """Does it, and says what is stopped now."""
        if act != "show":
            self.change(act, **{name: options[name] for name in ("scope", "by", "reason")})
        stops = list(stopping.live_stops())
        for stop in stops:
            since = stop.stopped_at.isoformat(timespec="seconds")
            key, name = stopping.scope_of(stop).key, stop.stopped_by.username
            self.stdout.write(f"{key}  stopped since {since} by {name}: {stop.reason}")
        if not stops:
            self.stdout.write("Nothing is stopped.")

    def change(self, act: str, *, scope: str, by: str, reason: str) -> None:
        """Stops or lifts; raises CommandError that says why it did not."""
        try:
            person = User.objects.get(username=by, is_active=True)
            meant = stopping.read_scope(scope)
            if act == "stop":
                stopping.stop(pipeline=meant.pipeline, model=meant.model, reason=reason, by=person)
            else:
                self.lift(meant, reason, person)
        except User.DoesNotExist:
            raise CommandError(f"There is nobody called {by}.") from None
        except LookupError:
            raise CommandError(f"There is no {scope}.") from None
        except NothingSaid:
            most = stopping.LONGEST
            raise CommandError(f"A reason has 1 to {most} characters.") from None
        except Changed:
            raise CommandError(f"{scope} is stopped already.") from None
        except MayNot:
            raise CommandError(f"{by} may not: {self.whoever(act, scope)}.") from None

    def lift(self, scope: Scope, reason: str, person: User) -> None:
        """Lifts the stop that holds for exactly that."""
        stops = {stopping.scope_of(stop): stop for stop in stopping.live_stops()}
        if scope not in stops:
            raise CommandError(f"{scope.key} is not stopped.")
        stopping.lift_stop(stops[scope].pk, reason=reason, by=person)

    def whoever(self, act: str, scope: str) -> str:
        """Who may."""
        who = "operators, platform admins, and who configures what is concerned"
        if act == "resume" and scope == "house":
            return f"{who}, somebody else than who stopped it"
        return who
