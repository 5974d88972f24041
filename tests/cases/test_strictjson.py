"""JSON as strangers send it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.strictjson import DEEPEST, LARGEST, MalformedJson, fit_text, parse_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc/~é"), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES)
def test_whatever_is_sound_is_read_as_python_reads_it(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        value = parse_json(raw)
    except MalformedJson:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b"[-Infinity]",
        b'{"a": 1, "a": 2}',
        b"1" * 5000,
        b"[" * 100_000,
        b'{"a":' * 20_000,
        b"\xff\xfe",
        b'"\xed\xa0\x80"',  # half of a surrogate pair, as UTF-8 never has it
        '{"a": 1}'.encode("utf-16"),
    ],
)
def test_what_two_readers_would_not_read_alike_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_json(raw)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"a": ["\\u0000"]}', "#/a/0"),
        (b'{"a/b": {"c~d": "\\ud800"}}', "#/a~1b/c~0d"),
        (b'{"a": {"\\udfff": 1}}', "#/a"),
        (b"[1e999]", "#/0"),
        (b"[9007199254740992]", "#/0"),
    ],
)
def test_values_that_cannot_be_kept_are_pointed_at(raw: bytes, pointer: str) -> None:
    with pytest.raises(MalformedJson) as refusal:
        parse_json(raw)
    assert pointer in {fault.pointer for fault in refusal.value.faults}


def test_nesting_ends_where_we_say() -> None:
    parse_json(b"[" * DEEPEST + b"]" * DEEPEST)
    with pytest.raises(MalformedJson):
        parse_json(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))


def test_text_beyond_the_basic_plane_is_fit() -> None:
    assert fit_text("שלום 🧾 é")
    assert parse_json(b'"\\ud83e\\uddfe"') == "🧾"
