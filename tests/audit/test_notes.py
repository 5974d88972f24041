"""Signed notes: a published one opens, ours are theirs, and what is not exactly one is refused."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import notes
from audit.merkle import EMPTY
from audit.notes import Head, NoteRefused

# The key and the note that the Go project publishes with its signed notes.
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6K"
    "E6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{SIGNATURE}"
ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
OURS = {"house/trail": bytes(32)}
OUR_KEY = notes.verifier_key("house/trail", bytes(32))


def test_the_published_note_opens_and_is_signed_alike() -> None:
    assert notes.opened(NOTE, [KEY]) == notes.Opened(TEXT, (KEY,))
    assert notes.verifier_key("PeterNeumann", SEED) == KEY
    assert notes.sign(TEXT, {"PeterNeumann": SEED}) == NOTE


def test_several_keys_sign_and_each_opens() -> None:
    note = notes.sign(TEXT, {"PeterNeumann": SEED, **OURS})
    assert note.count("\n— ") == 2
    assert notes.opened(note, [KEY]).signed_by == (KEY,)
    assert notes.opened(note, [OUR_KEY, KEY]).signed_by == (KEY, OUR_KEY)


def test_unknown_keys_lines_are_ignored_even_of_other_kinds() -> None:
    stranger = f"— witness {base64.b64encode(bytes(80)).decode()}\n"
    same_name = f"— PeterNeumann {base64.b64encode(b'else' + bytes(64)).decode()}\n"
    assert notes.opened(NOTE + stranger + same_name, [KEY]).signed_by == (KEY,)
    with pytest.raises(NoteRefused, match="no key that is known"):
        notes.opened(NOTE, [OUR_KEY])
    with pytest.raises(NoteRefused, match="no key that is known"):
        notes.opened(NOTE, [])


def test_a_known_key_that_signed_wrongly_spoils_the_note() -> None:
    signed = notes.sign(TEXT, {"PeterNeumann": SEED, **OURS})
    other = notes.sign(f"{TEXT}And more.\n", OURS).rpartition("\n\n")[2]
    with pytest.raises(NoteRefused, match="signature by house/trail is wrong"):
        notes.opened(NOTE + other, [KEY, OUR_KEY])
    with pytest.raises(NoteRefused, match="is wrong"):
        notes.opened(signed.replace("answer", "problem"), [KEY])


@settings(max_examples=80)
@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_no_character_of_a_note_can_be_another(at: int, character: str) -> None:
    changed = NOTE[:at] + character + NOTE[at + 1 :]
    if changed != NOTE:
        with pytest.raises(NoteRefused):
            notes.opened(changed, [KEY])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        TEXT,
        f"{TEXT}{SIGNATURE}",
        f"{TEXT}\n",
        f"\n{SIGNATURE}",
        NOTE.rstrip("\n"),
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("JnAM=", "JnAN="),
        f"{TEXT}\n— PeterNeumann x08go/Y=\n— \n",
        f"{NOTE}\x00",
        NOTE + SIGNATURE * 100,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteRefused):
        notes.opened(note, [KEY])


@pytest.mark.parametrize("text", ["", "no end", "a tab\t\n", "a\x00b\n"])
def test_a_text_that_can_not_be_signed_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        notes.sign(text, OURS)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u00a0b"])
def test_a_key_without_a_proper_name_is_refused(name: str) -> None:
    with pytest.raises(NoteRefused, match="name"):
        notes.verifier_key(name, SEED)


@pytest.mark.parametrize(
    "key",
    ["", "PeterNeumann", KEY[:-4], KEY.replace("c74f20a3", "c74f20a4"), f" {KEY}", f"{KEY}\n"],
)
def test_a_key_that_does_not_fit_itself_is_refused(key: str) -> None:
    assert notes.is_key(KEY)
    assert not notes.is_key(key)
    with pytest.raises(NoteRefused):
        notes.opened(NOTE, [key])


def test_a_checkpoint_says_what_log_it_is_of_and_reads_back() -> None:
    text = notes.checkpoint_text("house/trail", 0, EMPTY)
    assert text == f"house/trail\n0\n{ROOT}\n"
    assert notes.checkpoint_head(text) == Head("house/trail", 0, EMPTY)
    assert notes.checkpoint_head(f"{text}more\n").others == ("more",)


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n٣\n{ROOT}\n",
        "a\n1\nAAAA\n",
        f"\n0\n{ROOT}\n",
        f"a\n0\n{ROOT}",
        f"a\n0\n{ROOT}\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        notes.checkpoint_head(text)
