"""The catalogues: complete, compiled, and with the values that their messages have."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from config import messages
from config.messages import DOMAINS

CATALOGUES = [(language, domain) for language in messages.languages() for domain in DOMAINS]
TAG = re.compile(r"</?\w+")
PLACE = re.compile(r"%(?:\(\w+\))?[a-z]")
SAID = re.compile(r"""["'`](?:[A-Z][^"'`]*\s[^"'`]*)["'`]""")
MARKED = re.compile(r"""n?p?gettext\(\s*(["'`])(?:(?!\1).)*\1(?:,\s*(["'`])(?:(?!\2).)*\2)?""")


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_every_word_that_is_said_is_in_the_catalogue(language: str, domain: str) -> None:
    kept = messages.catalog_file(language, domain).read_text()
    found = messages.as_text(messages.merged(language, domain))
    assert kept == found, "make messages"


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_every_message_is_translated(language: str, domain: str) -> None:
    catalog = messages.merged(language, domain)
    left = [each.id for each in messages.messages(catalog) if not messages.translated(each)]
    assert left == []


@pytest.mark.parametrize("language", messages.languages())
def test_what_is_compiled_is_what_is_translated(language: str) -> None:
    pages = messages.read(messages.catalog_file(language, "django"))
    assert messages.compiled_file(language).read_bytes() == messages.compiled(pages), (
        "make messages"
    )
    scripts = messages.read(messages.catalog_file(language, "djangojs"))
    assert messages.words_file(language).read_text() == messages.script_words(scripts)


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_translations_have_the_places_and_tags_of_their_messages(
    language: str, domain: str
) -> None:
    catalog = messages.read(messages.catalog_file(language, domain))
    wrong = [
        message.id
        for message in messages.messages(catalog)
        if messages.translated(message) and not alike(message)
    ]
    assert wrong == []


def alike(message: Message) -> bool:
    """Whether each form has the values and the tags of the form that it translates."""
    ids, strings = forms(message.id), forms(message.string)
    return all(
        Counter(TAG.findall(string)) == Counter(TAG.findall(plural))
        and set(PLACE.findall(string)) <= set(PLACE.findall(plural))
        and (set(PLACE.findall(plural)) == set(PLACE.findall(string)) or len(ids) > 1)
        and edges(string) == edges(plural)
        for plural, string in zip(ids, strings, strict=True)
    )


def forms(said: object) -> list[str]:
    """A message's one form, or its singular and plural."""
    return [str(form) for form in (said if isinstance(said, list | tuple) else [said])]


def edges(text: str) -> tuple[bool, bool]:
    """Whether the text begins and ends with a space: it stands beside something then."""
    return text[:1].isspace(), text[-1:].isspace()


def test_scripts_say_nothing_that_is_not_marked() -> None:
    unmarked = [
        f"{file.name}: {text}"
        for file in messages.sources("*.js", "static/js")
        if file.parent != messages.WORDS
        for text in said(file)
    ]
    assert unmarked == []


def said(file: Path) -> list[str]:
    """The sentences of a script that stand outside of gettext's functions."""
    lines = [re.sub(r"(^|\s)//.*", "", line) for line in file.read_text().splitlines()]
    return SAID.findall(MARKED.sub("", "\n".join(lines)))


def test_pipelines_and_models_are_read_for_their_words() -> None:
    found = {message for _, (message, _) in messages.of_pages()}
    assert "Loan amount" in found  # a field's label
    assert "car new" in found  # a value that the data may have
    assert "Loans with doubtful papers" in found  # a queue
    assert "with payments delayed" in found  # what a model says of an input
    assert "out of focus" in found  # of a page's picture
    assert "%(span)s left" in found  # of code
    assert "There is nothing here" in found  # of a template


def test_no_message_hides_from_being_found() -> None:
    found = {text for _, (message, _) in messages.of_pages() for text in forms(message)}
    hidden = [
        f"{file.relative_to(messages.ROOT)}: {text}"
        for file in messages.sources("*.py", *messages.APPS)
        for text in called_with(ast.parse(file.read_text()))
        if text not in found
    ]
    assert hidden == []


def called_with(tree: ast.AST) -> Iterator[str]:
    """The texts that code gives to the functions of gettext; also those inside of f-strings."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id in messages.KEYWORDS:
            constants = (each.value for each in call.args if isinstance(each, ast.Constant))
            yield from (value for value in constants if isinstance(value, str))
