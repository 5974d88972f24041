"""What is no TOML, or could not be kept, is said by its place and its line."""

import pytest

from reviews.policytoml import MalformedToml, read_text


@pytest.mark.parametrize(
    ("text", "pointer", "line"),
    [
        ("queue = 'a'\n[thresholds\n", "#", 2),
        ("queue = 'a'\nrules = [", "#", 2),
        ("queue = 'a'\n[thresholds]\napprove = nan", "#/thresholds/approve", 3),
        ('rules = [\n  {reason = "a"},\n  {reason = "\\u0000"},\n]', "#/rules/1/reason", 1),
        ('[[rules]]\nname = "a"\n[[rules]]\nname = "\\u0000"', "#/rules/1/name", 4),
    ],
)
def test_the_line_of_what_cannot_be_read_is_named(text: str, pointer: str, line: int) -> None:
    with pytest.raises(MalformedToml) as refusal:
        read_text(text.encode())
    (fault,) = refusal.value.faults
    assert (fault.pointer, fault.line) == (pointer, line)
