"""Assessing a read case beside the model: what its flags, tables, sums and papers say."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F

from audit.vault import Vault
from cases.definition import Definition, at_pointer
from cases.models import Case
from inference.duplicates import duplicates
from inference.flags import flags
from inference.knowing import NOTHING, Assessed, FieldFact, names
from inference.models import Assessment, FieldRead
from inference.quality import is_poor
from inference.sums import sums
from inference.tables import tables


def assess(case: Case, data: Mapping[str, Any], fields: Sequence[FieldFact]) -> Assessed:
    """What is found out of a read case without its model; nothing is kept by this."""
    return assessed_with(case.definition, data, fields, duplicates(case), on=case.created_at.date())


def assessed_with(
    definition: Definition,
    data: Mapping[str, Any],
    fields: Sequence[FieldFact],
    copies: Sequence[Mapping[str, Any]],
    *,
    on: date,
) -> Assessed:
    """What data and fields show, and the papers seen before that are known already. Pure."""
    known = names(definition, data, fields, NOTHING, on=on)
    content: dict[str, Any] = {
        "tables": tables(definition.tables, known),
        "sums": sums(definition, data, fields),
        "duplicates": list(copies),
    }
    known = names(definition, data, fields, Assessed(content), on=on)
    found = flags(definition.flags, message_text(definition, data), known, on=on)
    content |= found
    return Assessed({name: each for name, each in content.items() if each})


def message_text(definition: Definition, data: Mapping[str, Any]) -> str:
    """The words of the case's message; empty where it has none."""
    message = definition.message
    return str(at_pointer(data, message.text) or "") if message else ""


def field_facts(case: Case, opened: Vault) -> list[FieldFact]:
    """What is known of each field of the case."""
    rows = FieldRead.objects.filter(case=case).annotate(quality=F("page__quality"))
    read = {row.name: row for row in rows}
    facts = []
    for spec in case.definition.fields:
        row = read.get(spec.name)
        value = opened.open_json(f"field:{spec.name}", row.sealed_value)["value"] if row else None
        facts.append(
            FieldFact(
                name=spec.name,
                label=spec.label,
                confidence=row.confidence if row else 0.0,
                found=bool(row and row.found),
                required=spec.required,
                mismatch=row.mismatch if row else "",
                value=value,
                document=spec.document,
                number=spec.number,
                poor=is_poor(row.quality or {}) if row else False,
            )
        )
    return facts


def assessment_of(case: Case, opened: Vault) -> Assessed:
    """The case's last assessment; nothing where there is none yet."""
    row = Assessment.objects.filter(case=case).order_by("-id").first()
    return Assessed(opened.open_json("assessment", row.sealed_content)) if row else NOTHING


def keep_assessment(case: Case, opened: Vault, assessed: Assessed) -> None:
    """Keeps an assessment as a row, where its pipeline asks for one: flags in clear, the rest sealed.

    That nothing was found is kept too: it is another thing than never having looked, and what an
    earlier assessment said is then no longer so.
    """
    if not asks_for_one(case.definition):
        return
    Assessment.objects.create(
        case=case,
        flags=list(assessed.flags),
        sealed_content=opened.seal_json("assessment", dict(assessed.content)),
    )


def asks_for_one(definition: Definition) -> bool:
    """Whether there is anything to be found out of a pipeline's cases beside its model."""
    unique = any(spec.unique for spec in definition.documents)
    return bool(definition.flags or definition.tables or definition.sums or unique)
