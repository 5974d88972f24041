"""On which line of a pipeline's file something stands."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from cases.definition.checks import Path as Place
from cases.definition.lines import line_of, places_of

TEXT = '''# A comment with [brackets] and = signs
slug = "loan"
guidance = """
[not.a.table]
name = "not a key"
"""
schema.type = "object"

[model]
outcomes = [
    "approve",  # name = "x"
    "decline",
]
"a key" = 1

[[fields]]
name = "one"

[[fields]]
name = "two"
[[fields.columns]]
name = "first"
[[fields.columns]]
name = "second"

[policy]
thresholds = { approve = 0.8 }
[[policy.rules]]
name = "rule"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("slug",), 2),
        (("guidance",), 3),
        (("schema", "type"), 7),
        (("schema",), 7),
        (("model",), 9),
        (("model", "outcomes", 1), 10),
        (("model", "a key"), 14),
        (("fields", 0, "name"), 17),
        (("fields", 1), 19),
        (("fields", 1, "columns", 1, "name"), 24),
        (("fields", 1, "type"), 19),
        (("policy", "thresholds", "approve"), 27),
        (("policy", "rules", 0, "name"), 29),
        (("nothing",), 1),
        ((), 1),
    ],
)
def test_a_place_has_its_line(path: Place, line: int) -> None:
    assert line_of(path, dict(places_of(TEXT))) == line


PIPELINES = sorted((settings.BASE_DIR / "cases/pipelines").glob("*/pipeline.toml"))


@pytest.mark.parametrize("file", PIPELINES, ids=lambda file: str(file.parent.name))
def test_every_key_of_the_projects_pipelines_is_found(file: Path) -> None:
    text = file.read_text()
    places = dict(places_of(text))
    lines = text.split("\n")
    for path, line in places.items():
        assert (
            str(next(part for part in reversed(path) if isinstance(part, str))) in lines[line - 1]
        )
    for path in paths(tomllib.loads(text), ()):
        line = line_of(path, places)
        inside = next(part for part in path if str(part) in lines[line - 1])
        assert inside is not None
        assert any(path[:length] in places for length in range(1, len(path) + 1))


def paths(value: Any, path: Place) -> list[Place]:
    if isinstance(value, dict):
        return [each for key, item in value.items() for each in paths(item, (*path, key))]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [each for n, item in enumerate(value) for each in paths(item, (*path, n))]
    return [path]
