"""Papers known again: the same receipt in two cases, or twice in one.

At the end of reading each paper of a kind that is to be `unique` leaves its fingerprints, in the
transaction that keeps its fields. They are looked for in the step after, in a later transaction: of
two cases read at the same time, the one whose fingerprints are committed last looks when the other's
are there, so that at least one of the two sees the other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet, Value

from cases.definition import FieldSpec
from cases.models import Case, Status
from inference.fingerprints import signed, unsigned
from inference.likeness import apart, near_bands
from inference.models import Fingerprint
from inference.telling import Told, agreeing, contradicting, numbered, telling_fields, told_of

NEAR = 9
"""Bits in which the pictures of one paper may differ, where its figures speak for it too."""
NEAREST = 3
"""The same where no figure speaks for it: receipts of one shop look much alike."""
LOOKED_AT = 40
"""Near pictures that are looked at for one page."""
MOST = 5
"""Papers that are named for one paper; who looks needs no more."""
STRENGTH = [Fingerprint.Kind.FILE, Fingerprint.Kind.CONTENT, Fingerprint.Kind.IMAGE]


class Apart(Func):
    """In how many bits two pictures differ, as PostgreSQL counts them."""

    template = "bit_count((%(expressions)s)::bit(64))"
    arg_joiner = " # "
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Match:
    """Two fingerprints that are the same or near each other."""

    mine: Fingerprint
    other: Fingerprint

    @property
    def distance(self) -> int:
        """In how many bits two pictures differ; 0 where the mark is the same."""
        if self.mine.bits is None or self.other.bits is None:
            return 0
        return apart(unsigned(self.mine.bits), unsigned(self.other.bits))

    @property
    def rank(self) -> tuple[int, int]:
        """How surely it shows that two papers are one, the surest first."""
        return STRENGTH.index(Fingerprint.Kind(self.mine.kind)), self.distance

    def told(self) -> dict[str, Any]:
        """The match as an assessment keeps it."""
        return {
            "document": str(self.mine.document_id),
            "kind": self.mine.document.kind,
            "how": str(self.mine.kind),
            "other_case": str(self.other.case_id),
            "other_document": str(self.other.document_id),
            "page": self.mine.page.number if self.mine.page else 1,
            "other_page": self.other.page.number if self.other.page else 1,
        }


def duplicates(case: Case) -> list[dict[str, Any]]:
    """The case's papers that were seen before, or stand twice in it, each with where; the surest first.

    Looks in all other cases of the pipeline that were not withdrawn. Of two papers of the case the
    later one is named.
    """
    if not any(paper.unique for paper in case.definition.documents):
        return []
    found = [match for match in surest(matches(case)) if later(match)]
    told = told_of({case.pk, *(match.other.case_id for match in found)})
    specs = {
        document.pk: telling_fields(case.definition, document, number)
        for document, number in numbered(case.documents.all())
    }
    same = [match for match in found if is_same(match, told, specs[match.mine.document_id])]
    return [match.told() for match in first_of_each(same)]


def matches(case: Case) -> Iterator[Match]:
    """The same and the near fingerprints of other papers."""
    marks = list(case.fingerprints.select_related("document", "page"))
    by_digest = {mark.digest: mark for mark in marks if mark.digest}
    for digest in by_digest:
        own = [mark for mark in marks if mark.digest == digest]
        for other in others(case).filter(digest=digest).order_by("-id")[:LOOKED_AT]:
            yield from (Match(mark, other) for mark in own if mark.document_id != other.document_id)
    for mark in marks:
        if mark.bits is not None:
            yield from (Match(mark, other) for other in near(case, mark))


def others(case: Case) -> QuerySet[Fingerprint]:
    """The fingerprints of the pipeline's cases that were not withdrawn."""
    living = Fingerprint.objects.filter(case__pipeline=case.pipeline_id)
    return living.exclude(case__status=Status.WITHDRAWN).select_related("document", "page")


def near(case: Case, mark: Fingerprint) -> QuerySet[Fingerprint]:
    """The pictures nearest to one, of other papers.

    They are found by the bands alone: the planner can't tell how few share one, and would else go
    through all cases first.
    """
    bits = unsigned(mark.bits or 0)
    found = (
        Fingerprint.objects.filter(bands__overlap=near_bands(bits))
        .exclude(document=mark.document_id)
        .annotate(apart=Apart(F("bits"), Value(signed(bits), BigIntegerField())))
        .filter(apart__lte=NEAR)
        .order_by("apart", "-id")
    )
    return others(case).filter(pk__in=found.values("pk")[:LOOKED_AT])


def surest(found: Iterable[Match]) -> list[Match]:
    """Of each two papers the match that shows most, the surest first."""
    best: dict[tuple[UUID, UUID], Match] = {}
    for match in sorted(found, key=lambda match: match.rank):
        best.setdefault((match.mine.document_id, match.other.document_id), match)
    return list(best.values())


def later(match: Match) -> bool:
    """Whether it names another case's paper, or an earlier one of its own."""
    mine, other = match.mine.document, match.other.document
    return mine.case_id != other.case_id or mine.position > other.position


def is_same(match: Match, told: Mapping[UUID, Told], specs: Sequence[FieldSpec]) -> bool:
    """Whether what was read on two papers leaves them one; those of an erased case are none."""
    mine, other = match.mine.document_id, match.other.document_id
    if mine not in told or other not in told:
        return False
    if match.mine.kind == Fingerprint.Kind.FILE:
        return True
    return speaks_for_one(specs, told[mine], told[other], match.distance)


def speaks_for_one(specs: Sequence[FieldSpec], one: Told, other: Told, distance: int) -> bool:
    """Whether two papers whose pictures are so far apart (0 of those with equal figures) may be one."""
    if contradicting(specs, one, other):
        return False
    return distance <= NEAREST or agreeing(specs, one, other)


def first_of_each(found: Iterable[Match]) -> Iterator[Match]:
    """The surest matches, not more than MOST for each paper."""
    counted: dict[UUID, int] = {}
    for match in found:
        number = counted[match.mine.document_id] = counted.get(match.mine.document_id, 0) + 1
        if number <= MOST:
            yield match
