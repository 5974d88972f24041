"""Blast radius: which settled cases share with an error what may have led to it.

One pass over a window of bases counts for each trait the cases that have it, those of them that were
labelled, and what the labels say is wrong; traits chosen together narrow the list.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from cases.models import Decision, Pipeline
from reviews.lab.radius import Counted
from reviews.models import Basis, Sample

BAND = 0.05
"""How wide a band of confidences is."""
PAGE = 50

TRAITS: Mapping[str, str] = {
    "model": "b.model_version_id = %(model)s",
    "policy": "b.policy_version_id = %(policy)s",
    "band": "b.predicted = %(predicted)s AND b.confidence >= %(lower)s AND b.confidence < %(upper)s",
    "template": "b.template = %(template)s AND b.template <> ''",
    "source": "c.client_id = %(source)s",
    "reviewer": """b.route_id IN (SELECT r.route_id FROM reviews_review r
        WHERE r.reviewer_id = %(reviewer)s AND r.undone_at IS NULL)""",
}
"""What a case may share with an error: the condition on its basis `b` and its row `c`."""

SETTLED = """
FROM reviews_basis b
JOIN cases_decision d ON d.route_id = b.route_id
JOIN cases_case c ON c.id = b.case_id
WHERE b.pipeline_id = %(pipeline)s AND b.routed_at >= %(since)s AND b.routed_at < %(until)s
    AND d.superseded_at IS NULL AND d.made_by = %(made_by)s
"""
"""The cases of a window whose decision still stands, with what the route to it rested on."""

COUNTS = """
SELECT {traits}, b.label_kind = 'sample', b.label_kind = 'sample' AND b.label <> d.outcome,
    count(*), sum(b.weight), sum(b.weight * b.weight)
{settled} GROUP BY {places}
"""
"""Cases by which traits they have, whether they are labelled, and wrong: few groups of many cases. Labels
are those of samples: who decided a case does not confirm it."""

LIST = """
SELECT c.id, c.reference, d.outcome, b.confidence, d.decided_at,
    CASE b.label_kind WHEN 'sample' THEN b.label ELSE '' END, b.route_id
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that was found: a sample whose verdict differs, and what the route rested on.

    `reviewer` is who judged wrongly, where a person did: in a case whose right answer was known.
    """

    sample: Sample
    basis: Basis | None
    client_id: int

    @property
    def by_person(self) -> bool:
        """Whether a person erred, and not the policy."""
        return self.sample.kind == Sample.Kind.KNOWN

    @property
    def made_by(self) -> Decision.MadeBy:
        """Who made the decisions that may be wrong likewise."""
        return Decision.MadeBy.REVIEW if self.by_person else Decision.MadeBy.POLICY

    @property
    def at(self) -> datetime:
        """When the case was routed."""
        return self.basis.routed_at if self.basis else self.sample.route.created_at

    @property
    def band(self) -> tuple[float, float] | None:
        """The band of confidences that the model's answer fell into; the last one holds 1."""
        if self.basis is None or not self.basis.predicted:
            return None
        place = min(int(self.basis.confidence / BAND + 1e-9), round(1 / BAND) - 1)
        return round(place * BAND, 4), round((place + 1) * BAND, 4)


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when cases were routed; what came after it was opened is left out."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Like:
    """A case that shares an error's traits; `label` is what people said of it, where they were asked."""

    case_id: UUID
    reference: str
    outcome: str
    confidence: float
    decided_at: datetime
    label: str
    route: int


def find_fault(pipeline: Pipeline, sample_id: int) -> Fault | None:
    """The error that a sample showed; None where there is no such sample, or its verdict agrees."""
    rows = Sample.objects.select_related(
        "case__client", "route", "model_version__model", "policy_version", "reviewer"
    )
    sample = rows.filter(pk=sample_id, case__pipeline=pipeline, judged_at__isnull=False).first()
    if sample is None or sample.verdict == sample.outcome:
        return None
    basis = Basis.objects.filter(case=sample.case_id, route__lte=sample.route_id).order_by("-route")
    return Fault(sample, basis.first(), sample.case.client_id)


def window_of(fault: Fault, days: int | None, now: datetime) -> Window:
    """The days before and after the error, or, without them, all that there is."""
    if days is None:
        return Window(datetime.min.replace(tzinfo=now.tzinfo, year=1970), now)
    around = timedelta(days=days)
    return Window(fault.at - around, min(fault.at + around, now))


def traits_of(fault: Fault) -> dict[str, dict[str, Any]]:
    """The traits that an error has, and what is asked of each."""
    basis, band = fault.basis, fault.band
    found: dict[str, dict[str, Any]] = {}
    if basis is not None and basis.model_version_id:
        found["model"] = {"model": basis.model_version_id}
    if basis is not None and basis.policy_version_id:
        found["policy"] = {"policy": basis.policy_version_id}
    if basis is not None and band is not None:
        lower, upper = band
        top = upper if upper < 1 else 2.0
        found["band"] = {"predicted": basis.predicted, "lower": lower, "upper": top}
    if fault.by_person:
        found["reviewer"] = {"reviewer": fault.sample.reviewer_id}
    if basis is not None and basis.template:
        found["template"] = {"template": basis.template}
    found["source"] = {"source": fault.client_id}
    return found


def asked(fault: Fault, window: Window) -> dict[str, Any]:
    """What the statements ask with."""
    given: dict[str, Any] = {
        "pipeline": fault.sample.case.pipeline_id,
        "made_by": fault.made_by.value,
        "since": window.since,
        "until": window.until,
    }
    for values in traits_of(fault).values():
        given |= values
    return given


def together(chosen: Sequence[str]) -> str:
    """The condition of all chosen traits."""
    return " AND ".join(f"({TRAITS[name]})" for name in chosen) or "true"


def count_radius(
    fault: Fault, window: Window, chosen: Sequence[str]
) -> tuple[dict[str, Counted], Counted]:
    """For each trait of an error the cases of the window that share it, and those that share all chosen."""
    names = [*traits_of(fault)]
    statement = COUNTS.format(
        traits=", ".join(f"({TRAITS[name]})" for name in names),
        settled=SETTLED,
        places=", ".join(map(str, range(1, len(names) + 3))),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, asked(fault, window))
        groups = [(dict(zip(names, row, strict=False)), row[len(names) :]) for row in cursor]
    each = {name: counted(sums for has, sums in groups if has[name]) for name in names}
    return each, counted(sums for has, sums in groups if all(has[name] for name in chosen))


def counted(groups: Iterable[Sequence[Any]]) -> Counted:
    """Groups of cases as one: each is labelled or not, wrong or not, so many, and its sums of weights."""
    found = Counted()
    for labelled, wrong, cases, weight, squared in groups:
        found = Counted(
            cases=found.cases + cases,
            labels=found.labels + cases * labelled,
            wrong=found.wrong + cases * wrong,
            weight=found.weight + weight * labelled,
            weight_wrong=found.weight_wrong + weight * wrong,
            weight_squared=found.weight_squared + squared * labelled,
        )
    return found


def list_radius(
    fault: Fault, window: Window, chosen: Sequence[str], *, before: int | None = None
) -> list[Like]:
    """A page, and one more, of the cases that share all chosen traits, the last routed first."""
    given = asked(fault, window) | {"before": before, "page": PAGE + 1}
    further = "AND b.route_id < %(before)s" if before is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{LIST} {SETTLED} AND {together(chosen)} {further} ORDER BY b.route_id DESC LIMIT %(page)s",
            given,
        )
        return [Like(*row) for row in cursor.fetchall()]


def ids_of_radius(fault: Fault, window: Window, chosen: Sequence[str]) -> Iterator[UUID]:
    """The ids of all cases that share all chosen traits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.id {SETTLED} AND {together(chosen)} ORDER BY b.route_id",
            asked(fault, window),
        )
        yield from (case_id for (case_id,) in cursor.fetchall())
