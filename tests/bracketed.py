"""A language for tests: every message in brackets, so that what is read without them is no message."""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

import allauth
import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from config import messages

LANGUAGE = "eo"
PLACE = re.compile(r"(%(?:\(\w+\))?[a-z]|%%)")
LIBRARIES = (django, allauth)
SAID = re.compile(r"⟦[^⟦⟧]*⟧", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
SILENT = {"script", "style", "template", "code"}
ATTRIBUTES = {"aria-label", "title", "placeholder", "alt", "data-label", "label", "data-words"}
EMPTY = {
    "meta",
    "link",
    "input",
    "br",
    "img",
    "hr",
    "path",
    "rect",
    "use",
    "line",
    "circle",
    "source",
}


def write_catalogue(directory: Path) -> None:
    """Writes the catalogue of the bracketed language, of our messages and the libraries'."""
    catalog = Catalog(locale=LANGUAGE, fuzzy=False)
    for _, (message, context) in messages.of_pages():
        catalog.add(message, bracketed(message), context=context)
    for library in LIBRARIES:
        for file in Path(library.__path__[0]).rglob("de/LC_MESSAGES/django.po"):
            for each in messages.messages(messages.read(file)):
                catalog.add(each.id, bracketed(each.id), context=each.context)
    place = directory / LANGUAGE / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "django.mo").open("wb") as compiled:
        write_mo(compiled, catalog)


def bracketed(message: str | Sequence[str]) -> str | tuple[str, ...]:
    """A message in brackets, the values that it takes outside of them."""
    if isinstance(message, str):
        return in_brackets(message)
    return tuple(in_brackets(form) for form in message)


def in_brackets(text: str) -> str:
    parts = PLACE.split(text)
    return "".join(
        part if PLACE.fullmatch(part) or not part.strip() else f"⟦{part}⟧" for part in parts
    )


class Reader(HTMLParser):
    """Reads all that a page says: its texts and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if not self.silent:
            self.texts += [value for name, value in attrs if name in ATTRIBUTES and value]
        foreign = tag != "html" and "lang" in named
        if tag not in EMPTY and (self.silent or tag in SILENT or foreign):
            self.silent.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag without contents."""

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.texts.append(data)


def unmarked(page: str, known: set[str]) -> Iterator[str]:
    """The texts of a page that are no message, and no data: words of which are `known`."""
    reader = Reader()
    reader.feed(page)
    for text in SAID.sub(" ", "\n".join(reader.texts)).split("\n"):
        if any(word not in known for word in WORD.findall(text)):
            yield " ".join(text.split())
