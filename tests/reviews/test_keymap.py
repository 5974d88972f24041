"""Which key does what: defaults that hold on every layout, and what a person may make of them."""

from dataclasses import replace

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cases.definition import Definition, parse, read_toml
from reviews import keymap
from reviews.keymap import ACTS, problems, shown, typed, verdict_keys

LOAN: Definition = parse(
    read_toml((settings.BASE_DIR / "cases" / "pipelines" / "loan" / "pipeline.toml").read_text())
)
NEEDS_ALT_GR = set("[]{}\\@|~#")
"""Signs that a German or a French keyboard has on AltGr alone."""


def test_the_defaults_do_not_collide_and_need_no_third_level_of_a_keyboard() -> None:
    assert problems({}, [LOAN]) == {}
    everyday = [act.key for act in ACTS.values() if not act.asks]
    assert len(set(everyday)) == len(everyday)
    assert not NEEDS_ALT_GR & set("".join(everyday))
    assert all(keymap.problem(act.key, act) == "" for act in ACTS.values())


def test_two_acts_of_one_page_cannot_share_a_key() -> None:
    found = problems({"comment": "j"}, [LOAN])
    assert found == {"comment": "J is already the key of “Next field”."}
    assert problems({"comment": "j", "next_field": "f"}, [LOAN]) == {}


def test_a_verdicts_letter_is_free_only_once_the_verdict_has_another() -> None:
    assert problems({"comment": "d"}, [LOAN]) == {"comment": "D is already the key of “Decline”."}
    assert problems({"comment": "d", "loan.decline": "o"}, [LOAN]) == {}
    assert problems({"comment": "d"}, []) == {}


def test_verdicts_of_two_pipelines_may_share_a_key() -> None:
    claims = replace(LOAN, slug="claims")
    assert problems({"claims.approve": "o"}, [LOAN, claims]) == {}
    assert "claims.approve" in problems({"claims.approve": "d"}, [LOAN, claims])


def test_the_second_question_has_keys_of_its_own() -> None:
    assert problems({"yes": "j"}, [LOAN]) == {}


@pytest.mark.parametrize(
    "key", ["Tab", "Escape", "ArrowDown", "F5", "Delete", "Mod+w", "PageUp", "J"]
)
def test_what_browsers_and_screen_readers_need_is_nobodys(key: str) -> None:
    assert "comment" in problems({"comment": key}, [LOAN])


@pytest.mark.parametrize("key", ["k", "Mod+w", "Mod+c", "Mod+ArrowLeft", "Mod+"])
def test_what_works_while_typing_needs_ctrl_and_leaves_editing_alone(key: str) -> None:
    assert "palette" in problems({"palette": key}, [LOAN])
    assert problems({"palette": "Mod+e"}, [LOAN]) == {}


def test_an_act_can_be_without_a_key() -> None:
    assert problems({"comment": "", "rotate": ""}, [LOAN]) == {}
    assert verdict_keys(LOAN, {"loan.approve": ""})["approve"] == ""


def test_every_verdict_has_a_key_that_nothing_else_uses() -> None:
    assert verdict_keys(LOAN, {}) == {"approve": "a", "decline": "d"}
    # a letter that the person gave to something else before the pipeline asked for it
    assert verdict_keys(LOAN, {"comment": "d"}) == {"approve": "a", "decline": "c"}
    assert verdict_keys(LOAN, {"loan.decline": "0"}) == {"approve": "a", "decline": "0"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("K", "k"), (" ", " "), ("Space", " "), ("↵", "Enter"), ("enter", "Enter"), ("−", "-"),
        ("Ctrl K", "Mod+k"), ("cmd+k", "Mod+k"), ("Ctrl ↵", "Mod+Enter"), ("+", "+"), ("", ""),
        ("é", "é"), ("page up", "page up"),
    ],
)  # fmt: skip
def test_a_key_can_be_named_in_words(text: str, key: str) -> None:
    assert typed(text) == key


@given(st.sampled_from(sorted(act.key for act in ACTS.values())))
def test_what_is_printed_on_a_key_names_it(key: str) -> None:
    assert typed(shown(key)) == key


def test_only_what_differs_from_the_defaults_is_kept() -> None:
    keys = {"comment": "c", "rotate": "o", "loan.approve": "a", "loan.decline": "n"}
    assert keymap.changed_only(keys, [LOAN]) == {"rotate": "o", "loan.decline": "n"}
