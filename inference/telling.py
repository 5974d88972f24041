"""What tells one paper from another of its kind: the fields that its kind is `told_by`.

Of two readings of one paper the figures are the same and the words alike.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from audit import vault
from cases.definition import Definition, FieldSpec, FieldType
from cases.models import Case, Document
from inference.mismatches import SURE, likeness
from inference.models import FieldRead

CERTAIN = 0.9
"""Confidence of both values from which two papers that differ in one are not the same."""
FIGURES: frozenset[FieldType] = frozenset({"money", "date", "percentage", "integer", "id"})
"""The types whose values two readings of one paper share to the letter."""

Told = Mapping[str, tuple[str, float]]
"""The value and its confidence, 0–1, by the field's own name: what was found, and nothing else."""


def numbered(documents: Iterable[Document]) -> Iterator[tuple[Document, int]]:
    """A case's papers in their order, each with which of its kind it is, from 1."""
    seen: Counter[str] = Counter()
    for document in sorted(documents, key=lambda document: document.position):
        seen[document.kind] += 1
        yield document, seen[document.kind]


def telling_fields(definition: Definition, document: Document, number: int) -> list[FieldSpec]:
    """The fields by which a case's paper is told from others, in the definition's order."""
    paper = definition.document_spec(document.kind)
    return [
        spec
        for spec in definition.fields
        if paper
        and spec.document == paper.kind
        and spec.base in paper.told_by
        and spec.number in (None, number)
    ]


def figures_of(specs: Sequence[FieldSpec], told: Told) -> list[list[str]] | None:
    """The figures that a paper is told by, names and values; None where one is missing or doubtful."""
    names = [spec.base for spec in specs if spec.type in FIGURES]
    sure = [[name, told[name][0]] for name in names if name in told and told[name][1] >= SURE]
    return sure if names and len(sure) == len(names) else None


def contradicting(specs: Sequence[FieldSpec], one: Told, other: Told) -> bool:
    """Whether two papers certainly say different things."""
    return any(
        min(one[spec.base][1], other[spec.base][1]) >= CERTAIN
        and likeness(spec.type, one[spec.base][0], other[spec.base][0]) == 0
        for spec in specs
        if spec.base in one and spec.base in other
    )


def agreeing(specs: Sequence[FieldSpec], one: Told, other: Told) -> bool:
    """Whether two papers say the same in a figure."""
    return any(
        likeness(spec.type, one[spec.base][0], other[spec.base][0]) == 1
        for spec in specs
        if spec.type in FIGURES and spec.base in one and spec.base in other
    )


def told_of(case_ids: Iterable[UUID]) -> Mapping[UUID, Told]:
    """What was read of the papers of some cases that are told from others by it, by document.

    Of a case whose key was destroyed nothing is left to tell, and none of its papers is here.
    """
    opened = vault.of_many(case_ids)
    cases = Case.objects.filter(pk__in=opened).select_related("pipeline_version")
    fields = {
        (case.pk, spec.name): (document.pk, spec.base)
        for case in cases.prefetch_related("documents")
        for document, number in numbered(case.documents.all())
        for spec in telling_fields(case.definition, document, number)
    }
    told: dict[UUID, dict[str, tuple[str, float]]] = {
        document: {} for document, _ in fields.values()
    }
    names = {name for _, name in fields}
    for row in FieldRead.objects.filter(case__in=opened, name__in=names, found=True):
        document, name = fields[row.case_id, row.name]
        value = opened[row.case_id].open_json(f"field:{row.name}", row.sealed_value)["value"]
        told[document][name] = (str(value), row.confidence)
    return told
