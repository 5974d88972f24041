"""What a rule of a policy can name, for those who write one: found in the pipeline's definition. Pure.

`inference.knowing` has the names, `inference.checking` refuses all others; here each stands with what
it is, and what can be put beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from cases.definition import Definition
from inference.checking import OWN
from reviews.presenting.words import name as spoken

DEEPEST = 6
"""Steps into the data, at most: a schema may be without end."""


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a rule can say: `text` as it is written, `about` what it is."""

    text: str
    about: str
    kind: str = "name"

    @property
    def facts(self) -> dict[str, str]:
        """The same as the page's script is told of it."""
        return {"text": self.text, "about": self.about, "kind": self.kind}


FUNCTIONS = (
    ("size()", lazy("How many items or characters")),
    ("has()", lazy("Whether it is there: has(data.a.b)")),
    (".exists(each, )", lazy("Whether it holds for one item at least")),
    (".exists_one(each, )", lazy("Whether it holds for exactly one item")),
    (".all(each, )", lazy("Whether it holds for every item")),
    (".filter(each, )", lazy("The items for which it holds")),
    (".map(each, )", lazy("What it makes of every item")),
    (".startsWith('')", lazy("Whether a text begins with it")),
    (".endsWith('')", lazy("Whether a text ends with it")),
    (".contains('')", lazy("Whether a text contains it")),
    (".matches('')", lazy("Whether a text fits a pattern (RE2)")),
    ("double()", lazy("A text as a number")),
    ("string()", lazy("A number as a text")),
    ("timestamp()", lazy("A moment: timestamp(received + 'T00:00:00Z')")),
    ("duration('')", lazy("A length of time: duration('24h')")),
    (".getDayOfWeek()", lazy("A moment's day of the week, Sunday being 0")),
    (".getHours()", lazy("A moment's hour, or the hours of a length of time")),
    (".getFullYear()", lazy("A moment's year")),
    ("in", lazy("Whether a list has it: 'a' in list")),
    ("true", lazy("Yes")),
    ("false", lazy("No")),
)
"""What CEL brings along, as far as the library knows it."""
PARTS = {
    "confidence": lazy("how sure the reading is"),
    "found": lazy("whether it was found"),
    "value": lazy("what was read"),
    "points": lazy("points in all"),
    "highest": lazy("most points of one line"),
    "missing": lazy("what is missing"),
    "agrees": lazy("whether the sums agree"),
    "difference": lazy("how far they are apart"),
    "unread": lazy("amounts that could not be read"),
}


def vocabulary(definition: Definition) -> list[Word]:
    """All that a rule of the pipeline can say, what is asked for most first."""
    return [
        *of_data(definition.schema),
        *of_fields(definition),
        *of_the_case(definition),
        *of_signs(definition),
        *of_the_answer(definition),
        *(Word(text, str(about), "function") for text, about in FUNCTIONS),
    ]


def of_data(schema: Mapping[str, Any], path: str = "data") -> Iterator[Word]:
    """Every path into the data; the values of a choice are words as well."""
    if path.count(".") > DEEPEST:
        return
    for key, each in schema.get("properties", {}).items():
        if not isinstance(each, Mapping) or not key.isidentifier():
            continue
        here = f"{path}.{key}"
        inner = [*of_data(each, here)]
        if not inner:
            yield Word(here, title(each, key))
            yield from choices(each, here)
        yield from inner


def title(schema: Mapping[str, Any], key: str) -> str:
    """What a part of the data is called, and of which type it is."""
    called = spoken(str(schema.get("title", ""))) if schema.get("title") else key.replace("_", " ")
    items = schema.get("items")
    own = items.get("properties") if isinstance(items, Mapping) else None
    if own:
        named = {"called": called, "names": ", ".join(own)}
        return _("%(called)s, a list; each has %(names)s") % named
    return f"{called}, {TYPES[schema['type']]}" if schema.get("type") in TYPES else called


TYPES: Mapping[Any, Any] = {
    "number": lazy("a number"),
    "integer": lazy("a number"),
    "string": lazy("a text"),
    "boolean": lazy("yes or no"),
    "array": lazy("a list"),
}


def choices(schema: Mapping[str, Any], path: str) -> Iterator[Word]:
    """The values that a part of the data can have, where these are words."""
    for value in schema.get("enum", ()):
        if isinstance(value, str):
            yield Word(f"'{value}'", _("A value of %(path)s") % {"path": path}, "value")


def of_fields(definition: Definition) -> Iterator[Word]:
    """What was read of the papers, and how it compares with the data."""
    several = {spec.kind for spec in definition.documents if spec.several}
    for spec in definition.fields:
        label = spoken(spec.label)
        if spec.document not in several:
            for part in OWN["fields"]:
                yield Word(f"fields.{spec.name}.{part}", f"{label}: {PARTS[part]}")
            yield Word(f"'{spec.name}'", _("The field %(label)s") % {"label": label}, "value")
    for paper in definition.documents:
        if paper.several:
            about = _("%(name)s: a list, each with its fields") % {"name": spoken(paper.name)}
            yield Word(f"papers.{paper.kind}", about)
    yield Word("mismatches", _("Fields that differ from the data: a list of names"))
    yield Word("unsure", _("Fields that may differ from the data: a list of names"))


def of_the_case(definition: Definition) -> Iterator[Word]:
    """What is known of the case as a whole."""
    yield Word("received", _("The day that the case came in, as a text: '2026-03-31'"))
    if definition.born:
        yield Word("age.years", _("The person's age in years, −1 where it is not known"))
        yield Word("age.days", _("The person's age in days, −1 where it is not known"))
    if definition.consent:
        yield Word("consent", _("Whether automated contact was agreed to"))
    yield Word("duplicates", _("Papers that were seen before: a list"))


def of_signs(definition: Definition) -> Iterator[Word]:
    """What tables, sums and flags say."""
    for root, specs in (("tables", definition.tables), ("sums", definition.sums)):
        for spec in specs:
            for part in OWN[root]:
                yield Word(f"{root}.{spec.name}.{part}", f"{spoken(spec.label)}: {PARTS[part]}")
    yield Word("flags", _("Flags that are raised: a list of names"))
    for flag in definition.flags:
        yield Word(
            f"'{flag.name}'", _("The flag %(label)s") % {"label": spoken(flag.label)}, "value"
        )


def of_the_answer(definition: Definition) -> Iterator[Word]:
    """What the model says."""
    if definition.model is None:
        return
    yield Word("outcome", _("The outcome that the model predicts, as a text"))
    yield Word("confidence", _("How sure the model is of it, from 0 to 1"))
    for outcome in definition.outcomes:
        label = spoken(outcome.label)
        words = _("How probable the model holds %(outcome)s") % {"outcome": label}
        yield Word(f"probabilities.{outcome.name}", words)
        yield Word(f"'{outcome.name}'", _("The outcome %(outcome)s") % {"outcome": label}, "value")
