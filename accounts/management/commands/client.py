"""`manage.py client make|rotate|revoke`: upstream systems and their keys, from the command line."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.keys import OF_UPSTREAMS, make_client, make_key, revoke_key, rotate_keys
from accounts.models import ApiClient, ApiKey, Scope
from audit.actors import system

BY = system("command line")
USUAL = f"several are possible; without any: {', '.join(OF_UPSTREAMS)}"


class Command(BaseCommand):
    """Registers clients and makes their keys, each shown this once."""

    help = "Registers upstream systems, and makes, rotates and revokes their keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        make = actions.add_parser("make", help="register a client and make its first key")
        make.add_argument("name")
        make.add_argument("--pipeline", action="append", default=[], help="it may post to this one")
        make.add_argument("--scope", action="append", choices=Scope.values, help=USUAL)
        make.add_argument("--days", type=int, default=365, help="how long the key lives")
        rotate = actions.add_parser("rotate", help="make a new key; the old ones end soon")
        rotate.add_argument("name")
        rotate.add_argument("--days", type=int, default=7, help="how long the old ones live on")
        revoke = actions.add_parser("revoke", help="end a key at once")
        revoke.add_argument("prefix", help="the key up to its second underscore")

    def handle(self, *args: Any, **options: Any) -> None:
        """Does what was asked for."""
        getattr(self, options["action"])(options)

    def make(self, options: dict[str, Any]) -> None:
        """Registers a client, and prints its key."""
        if ApiClient.objects.filter(name=options["name"]).exists():
            raise CommandError(f"There is a client {options['name']!r} already: rotate its keys.")
        client = make_client(options["name"], pipelines=options["pipeline"], by=BY)
        scopes = [Scope(scope) for scope in options["scope"] or OF_UPSTREAMS]
        lifetime = timedelta(days=options["days"])
        self.stdout.write(make_key(client, scopes=scopes, lifetime=lifetime, by=BY))

    def rotate(self, options: dict[str, Any]) -> None:
        """Prints a new key of a client's."""
        client = ApiClient.objects.filter(name=options["name"]).first()
        if client is None:
            raise CommandError(f"There is no client {options['name']!r}.")
        overlap = timedelta(days=options["days"])
        self.stdout.write(rotate_keys(client, overlap=overlap, by=BY))

    def revoke(self, options: dict[str, Any]) -> None:
        """Ends a key."""
        prefix = options["prefix"].removeprefix("csk_").partition("_")[0]
        key = ApiKey.objects.filter(prefix=prefix).first()
        if key is None:
            raise CommandError(f"There is no key csk_{prefix}.")
        revoke_key(key, by=BY)
        self.stdout.write(f"csk_{prefix} has ended.")
