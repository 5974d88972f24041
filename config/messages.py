"""The words of the pages: found in code, templates, scripts and pipelines, and kept in catalogues.

    python -m config.messages       (make messages)

puts what is new into locale/*/LC_MESSAGES/*.po, empty for a translator, drops what nobody says any
more, and compiles what is translated: *.mo for Python, static/js/words/*.js for scripts.
"""

import io
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from cases import definition
from cases.definition import Definition, SegmentSpec, TableSpec

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "locale"
WORDS = ROOT / "static" / "js" / "words"
APPS = ("config", "reviews", "inference", "cases", "accounts", "audit")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "lazy": None,
    "gettext_noop": None,
    "noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
"""What marks a string in code: gettext's own functions, and Django's for what is said later."""

HEADER = "# What Countersign says to people. Which word stands for which is in docs/translation.md."

PART = re.compile(r"'([^']+)'")
"""A text inside of an expression."""

UNIT = re.compile(r"[:,]")
"""What stands before the unit or scale of a title: its short form is said, too."""

OPTIONS = {"parse_template_string": True}
"""Scripts say things inside of `${…}` too. What stands inside of a Python f-string is not found."""

Found = tuple[Any, str | None]
"""A message, or its singular and plural; and its context where it has one."""


def main() -> int:
    """Brings every catalogue up to date; says how much is left to translate."""
    for language in languages():
        for domain in DOMAINS:
            catalog = merged(language, domain)
            file = catalog_file(language, domain)
            file.write_text(as_text(catalog))
            left = sum(not translated(message) for message in messages(catalog))
            print(f"{file.relative_to(ROOT)}: {len(catalog)} messages, {left} to translate")
        compiled_file(language).write_bytes(compiled(merged(language, "django")))
        words_file(language).write_text(script_words(merged(language, "djangojs")))
    return 0


def languages() -> list[str]:
    """The languages that there are catalogues for."""
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def catalog_file(language: str, domain: str) -> Path:
    """Where a catalogue is kept."""
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def compiled_file(language: str) -> Path:
    """Where gettext loads the words of Python and templates from."""
    return catalog_file(language, "django").with_suffix(".mo")


def words_file(language: str) -> Path:
    """Where the words of scripts are served from."""
    return WORDS / f"{language}.js"


def merged(language: str, domain: str) -> Catalog:
    """A catalogue with all that is found, and the translations that it has."""
    template = Catalog(
        project="Countersign",
        version="1",
        msgid_bugs_address="none",
        last_translator="Countersign",
        language_team=language,
        fuzzy=False,
    )
    for place, (message, context) in DOMAINS[domain]():
        template.add(message, locations=[(place, 1)], context=context)
    file = catalog_file(language, domain)
    if not file.exists():
        template.locale, template.header_comment = language, HEADER
        return template
    kept = read(file)
    template.creation_date = kept.creation_date
    kept.update(template, no_fuzzy_matching=True, update_creation_date=False)
    return kept


def read(file: Path) -> Catalog:
    """A catalogue as it stands in its file."""
    return read_po(io.BytesIO(file.read_bytes()), locale=file.parts[-3])


def as_text(catalog: Catalog) -> str:
    """A catalogue as its file; without line numbers, which change with every edit of the code."""
    file = io.BytesIO()
    write_po(
        file, catalog, width=100, include_lineno=False, ignore_obsolete=True, sort_by_file=True
    )
    return file.getvalue().decode()


def compiled(catalog: Catalog) -> bytes:
    """A catalogue as gettext loads it, of what is translated."""
    said = Catalog(locale=catalog.locale, fuzzy=False)
    said.creation_date, said.revision_date = catalog.creation_date, catalog.creation_date
    for message in messages(catalog):
        if translated(message):
            said.add(message.id, message.string, context=message.context)
    file = io.BytesIO()
    write_mo(file, said)
    return file.getvalue()


def script_words(catalog: Catalog) -> str:
    """The words of scripts, for static/js/gettext.js: by message, a list where they depend on a count."""
    words = {key(message): message.string for message in messages(catalog) if translated(message)}
    listed = json.dumps(words, ensure_ascii=False, indent=1, sort_keys=True)
    return f"// Made from the catalogue by config/messages.py.\nwindow.words = {listed};\n"


def key(message: Message) -> str:
    """What a script looks a message up by."""
    text = message.id if isinstance(message.id, str) else message.id[0]
    return f"{message.context}\x04{text}" if message.context else text


def messages(catalog: Catalog) -> list[Message]:
    """A catalogue's messages without its header."""
    return [message for message in catalog if message.id]


def translated(message: Message) -> bool:
    """Whether all forms of a message have their words."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms)


# ---------------------------------------------------------------- where words are found


def of_pages() -> Iterator[tuple[str, Found]]:
    """The messages of Python, templates, pipelines and models, each with the file that says it."""
    for file in sources("*.py", *APPS):
        yield from marked(file, "python", file.read_text())
    for file in sources("*.html", "templates"):
        lines = (line.strip() for line in templatize(file.read_text()).splitlines())
        yield from marked(file, "python", "\n".join(lines))
    for file in sources("pipeline.toml", "cases/pipelines"):
        yield from plain(file, pipeline_words(pipeline(file)))
    for file in sources("model.json", "inference/models"):
        yield from plain(file, model_words(json.loads(file.read_text())))


def of_scripts() -> Iterator[tuple[str, Found]]:
    """The messages of scripts."""
    for file in sources("*.js", "static/js"):
        if file.parent != WORDS:
            yield from marked(file, "javascript", file.read_text())


DOMAINS = {"django": of_pages, "djangojs": of_scripts}
"""The catalogues of a language, and what finds the messages of each."""


def sources(pattern: str, *places: str) -> list[Path]:
    """The files that may say something."""
    found = [file for place in places for file in (ROOT / place).rglob(pattern)]
    return sorted(file for file in found if "migrations" not in file.parts)


def marked(file: Path, method: str, text: str) -> Iterator[tuple[str, Found]]:
    """The messages that a source marks as such."""
    content = io.BytesIO(text.encode())
    for _, message, _, context in extract(method, content, KEYWORDS, options=OPTIONS):
        yield str(file.relative_to(ROOT)), (message, context)


def plain(file: Path, texts: Iterable[str]) -> Iterator[tuple[str, Found]]:
    """Texts of a file all of which are messages."""
    for text in dict.fromkeys(texts):
        if any(character.isalpha() for character in text):
            yield str(file.relative_to(ROOT)), (text, None)


def pipeline(file: Path) -> Definition:
    """The pipeline that a file defines."""
    return definition.parse(definition.read_toml(file.read_text()))


def pipeline_words(pipeline: Definition) -> Iterator[str]:
    """What people read of a pipeline: its names, labels, reasons, guidance, and its data's titles."""
    yield from (pipeline.name, pipeline.guidance)
    yield from (document.name for document in pipeline.documents)
    yield from (spec.label for spec in pipeline.fields)
    yield from (choice.replace("_", " ") for spec in pipeline.fields for choice in spec.choices)
    yield from (column.label for spec in pipeline.fields for column in spec.columns)
    yield from (flag.label for flag in pipeline.flags)
    yield from table_words(pipeline.tables)
    yield from (total.label for total in pipeline.sums)
    yield from (reply.label for reply in pipeline.replies)
    yield from (outcome.label for outcome in pipeline.outcomes)
    for reason in pipeline.reasons:
        yield from (reason.text, reason.guidance)
    yield from (queue.name for queue in pipeline.queues)
    yield from pipeline.masking.purposes
    yield from (pipeline.signature.meaning,) if pipeline.signature else ()
    yield from (rule["reason"] for rule in pipeline.policy.get("rules", ()))
    yield from (bound.get("label", "") for bound in pipeline.policy.get("bounds", ()))
    yield from segment_words(pipeline.segments)
    yield from schema_words(pipeline.schema)


def table_words(tables: Iterable[TableSpec]) -> Iterator[str]:
    """What tables of points call themselves, their lines, and totals; their sources are cited as they are."""
    for table in tables:
        yield table.label
        yield from (parameter.label for parameter in table.parameters)
        yield from (level.label for level in table.levels)


def segment_words(segments: Iterable[SegmentSpec]) -> Iterator[str]:
    """What segments are called, and the parts that their expressions name."""
    for segment in segments:
        yield segment.label
        yield from PART.findall(segment.value)


def schema_words(schema: Mapping[str, Any]) -> Iterator[str]:
    """Titles of values and groups, and the values that can be chosen, as `presenting.data` shows them."""
    for name, part in schema.get("properties", {}).items():
        title = part.get("title") or name.replace("_", " ").capitalize()
        yield from (title, UNIT.split(title)[0])
        yield from (str(value).replace("_", " ") for value in part.get("enum", ()))
        yield from schema_words(part)
        yield from schema_words(part.get("items", {}))


def model_words(model: Mapping[str, Any]) -> Iterator[str]:
    """What a model calls its inputs and their values."""
    for feature in model["features"]:
        yield from (feature["label"], feature["unit"], *feature["words"].values())


if __name__ == "__main__":
    sys.exit(main())
