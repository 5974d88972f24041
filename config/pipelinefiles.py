"""Pipelines as files: those that the project carries, new ones, and what is wrong with one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from cases.definition import (
    Definition,
    InvalidDefinition,
    Mistake,
    faults,
    line_of,
    places_of,
    read_toml,
)
from cases.definition.parsing import built
from inference.checking import misfits
from reviews.policychecks import policy_faults, strange_rules

CARRIED = settings.BASE_DIR / "cases/pipelines"
TEMPLATE = CARRIED / "template.toml"
NAME = "pipeline.toml"
SLUG = re.compile(r"[a-z][a-z0-9-]{0,52}")
AT_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


def carried() -> list[Path]:
    """The files of the pipelines that the project carries."""
    return sorted(CARRIED.glob(f"*/{NAME}"))


def new_pipeline(slug: str, name: str, directory: Path) -> Path:
    """Writes a commented pipeline that runs as it stands; returns its file.

    Raises ValueError for a slug that can't be one, FileExistsError rather than overwrite anything.
    """
    if not SLUG.fullmatch(slug):
        raise ValueError(
            f"{slug!r} can't be a slug: small letters, digits and hyphens, 53 at most, a letter first"
        )
    file = directory / slug / NAME
    text = TEMPLATE.read_text(encoding="utf-8").replace("SLUG", slug).replace("NAME", name)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("x", encoding="utf-8") as out:
        out.write(text)
    return file


def read_file(file: Path) -> tuple[dict[str, Any], list[str]]:
    """A pipeline's file: what it holds, and all that is wrong with it as `line: place: words`.

    Raises OSError and UnicodeDecodeError where it can't be read as text at all.
    """
    text = file.read_text(encoding="utf-8-sig")  # some editors put a byte order mark before it
    try:
        raw = read_toml(text)
    except InvalidDefinition as error:
        return {}, [syntax(str(error), text)]
    wrong = list(wrong_with(raw))
    places = dict(places_of(text)) if wrong else {}
    return raw, [f"{line_of(each.path, places)}: {each}" for each in wrong]


def syntax(words: str, text: str) -> str:
    """A mistake that keeps the text from being TOML at all, by its line."""
    found = AT_LINE.search(words)
    line = found[1] if found and found[1] else str(text.count("\n") + 1)
    return f"{line}: {AT_LINE.sub('', words).strip()}"


def wrong_with(raw: dict[str, Any]) -> Iterator[Mistake]:
    """All that is wrong with a raw definition, its policy and what it asks of models and rules."""
    found = list(faults(raw))
    yield from found
    if not found:
        definition: Definition = built(raw)
        yield from misfits(definition)
        wrong = list(policy_faults(definition.policy, definition))
        yield from wrong or strange_rules(definition.policy, definition)
