"""What is known of a case: what rules, flags and a model's features can name. Pure.

The names, all numbers being doubles:

- `data`: the case's data as it was sent
- `fields`: by name, each with `confidence`, `found` and `value`; `mismatches` and `unsure` are names
- `papers`: by kind, for kinds that may come several times, a list of such fields by their own names
- `received`: the day that the case came in, as a date is written in the data
- `age`: `years` and `days` where the pipeline says where the date of birth stands, else -1.0
- `consent`: whether automated contact was agreed to; true where the pipeline does not ask
- `tables`: by name, each with `points`, `highest` (of one line) and `missing` (names)
- `sums`: by name, each with `agrees` and `difference` (the largest), and `unread` (names of fields)
- `duplicates`: a list, each with `kind` (of the paper) and `how` ("file", "content" or "image")
- `flags`: names of the flags that are raised
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cases.definition import Definition, at_pointer
from cases.expressions import doubles

NAMES = frozenset({
    *("data", "fields", "papers", "mismatches", "unsure", "received"),
    *("age", "consent", "tables", "sums", "duplicates", "flags"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldFact:
    """What is known of a field: confidence (0–1), whether found and needed, its value.

    `document` and `number` are the paper's kind and which of several it is. It is `poor` where the page
    that it was found on is a poor one (`inference.quality.is_poor`).
    """

    name: str
    label: str
    confidence: float
    found: bool
    required: bool
    mismatch: str = ""
    value: Any = None
    document: str | None = None
    number: int | None = None
    poor: bool = False

    @property
    def base(self) -> str:
        """The name that the definition gives it, whichever paper it is of: total of total-2."""
        return self.name.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was found out beside the model: `content` is what an Assessment keeps sealed.

    Its keys are those of `names`: `flags` (objects with `name`), `tables`, `sums`, `duplicates`.
    """

    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def flags(self) -> tuple[str, ...]:
        """Names of the flags that are raised."""
        return tuple(dict.fromkeys(flag["name"] for flag in self.content.get("flags", ())))


NOTHING = Assessed()


def names(
    definition: Definition,
    data: Mapping[str, Any],
    fields: Sequence[FieldFact],
    assessed: Assessed,
    *,
    on: date,
) -> dict[str, Any]:
    """What an expression can name, `on` the day that the case came in."""
    known = {
        "data": data,
        "fields": {fact.name: of_field(fact) for fact in fields},
        "papers": papers(definition, fields),
        "mismatches": [fact.name for fact in fields if fact.mismatch == "differs"],
        "unsure": [fact.name for fact in fields if fact.mismatch == "unsure"],
        "received": on.isoformat(),
        "age": age(definition, data, on),
        "consent": consented(definition, data),
        "tables": {
            name: {key: each[key] for key in ("points", "highest", "missing")}
            for name, each in assessed.content.get("tables", {}).items()
        },
        "sums": {
            name: {key: each[key] for key in ("agrees", "difference", "unread")}
            for name, each in assessed.content.get("sums", {}).items()
        },
        "duplicates": [
            {"kind": each["kind"], "how": each["how"]}
            for each in assessed.content.get("duplicates", ())
        ],
        "flags": list(assessed.flags),
    }
    spoken: dict[str, Any] = doubles(known)
    return spoken


def of_field(fact: FieldFact) -> dict[str, Any]:
    """A field as an expression names it."""
    return {"confidence": float(fact.confidence), "found": fact.found, "value": fact.value}


def papers(definition: Definition, fields: Sequence[FieldFact]) -> dict[str, list[dict[str, Any]]]:
    """By kind, each paper of those that come several times, with its fields by their own names."""
    listed: dict[str, list[dict[str, Any]]] = {
        spec.kind: [] for spec in definition.documents if spec.several
    }
    for fact in fields:
        if fact.document is None or fact.number is None:
            continue
        own = listed[fact.document]
        while len(own) < fact.number:
            own.append({})
        own[fact.number - 1][fact.base] = of_field(fact)
    return listed


def age(definition: Definition, data: Mapping[str, Any], on: date) -> dict[str, float]:
    """The person's age in whole years and in days; -1 where it is not known."""
    try:
        born = date.fromisoformat(str(at_pointer(data, definition.born or "/")))
    except ValueError:
        return {"years": -1.0, "days": -1.0}
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return {"years": float(years), "days": float((on - born).days)}


def consented(definition: Definition, data: Mapping[str, Any]) -> bool:
    """Whether nothing stands against automated contact: what is not said is not agreed to."""
    if definition.consent is None:
        return True
    return at_pointer(data, definition.consent.pointer) is True
