"""`manage.py lifecycle_diagram [FILE]`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cases.lifecycle import MOVES
from cases.models import Status

ENDS = (Status.ANNOUNCED, Status.WITHDRAWN)
DIAGRAM = "docs/lifecycle.md"
PAGE = """# The life of a case

Drawn from `cases/lifecycle.py` by `manage.py lifecycle_diagram`; a test keeps the two equal. An arrow
names the event that the move is. A status in bold letters is followed by a step that the system takes
by itself (`CASE_STEPS` in `config/settings.py`); at the others a case waits for a person, or has ended.
In review it stays while it is on hold, waits for the upstream's answer, or its last verdict can still be
undone; an answer with papers brings it back to be read anew. A decided case that is [reopened](errors.md)
goes back to people, and its decision is superseded.

```mermaid
stateDiagram-v2
{states}

{moves}

    classDef step font-weight:bold
    class {steps} step
```
"""


def diagram() -> str:
    """The page with the diagram of all legal moves."""
    states = [f"    {status} : {status.label}" for status in Status]
    moves = [
        f"    {before or '[*]'} --> {to} : {event}"
        for before, nexts in MOVES.items()
        for to, event in nexts.items()
    ]
    moves += [f"    {status} --> [*]" for status in ENDS]
    return PAGE.format(
        states="\n".join(states), moves="\n".join(moves), steps=",".join(settings.CASE_STEPS)
    )


class Command(BaseCommand):
    """Draws the life of a case."""

    help = "Writes the diagram of a case's life, as its table has it, into the docs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("file", nargs="?", type=Path, default=settings.BASE_DIR / DIAGRAM)

    def handle(self, *args: Any, **options: Any) -> None:
        """Writes it."""
        options["file"].write_text(diagram(), encoding="utf-8")
