"""Ready reports that are worked out here: decisions by segment, and changes of thresholds."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import override
from psycopg import sql

from accounts.models import User
from reviews.lab.segments import FOUR_FIFTHS, Rate, best_of, ratio_of
from reviews.models import PolicyVersion, Proposal
from reviews.policies import definition_of
from reviews.policydiff import differences
from reviews.trail.decisions import JOINED, is_veiled
from reviews.trail.selecting import Selection, conditions
from reviews.trail.tables import Table, Type, made_of

# ---------------------------------------------------------------- decisions by segment

COUNT = """
SELECT segment.spec ->> 'name', coalesce(part.value, ''), count(*),
       count(*) FILTER (WHERE d.made_by = 'policy'),
       count(*) FILTER (WHERE d.adverse), count(*) FILTER (WHERE d.override)
{source}
JOIN reviews_basis basis ON basis.route_id = d.route_id
JOIN cases_pipelineversion based ON based.id = basis.pipeline_version_id
CROSS JOIN LATERAL unnest(basis.segments) WITH ORDINALITY part(value, place)
JOIN LATERAL jsonb_array_elements(based.content -> 'segments') WITH ORDINALITY segment(spec, place)
    ON segment.place = part.place
WHERE {conditions}
GROUP BY 1, 2 ORDER BY 1, 2
"""
SEGMENTS: Mapping[str, Type] = {
    "pipeline": Type.TEXT,
    "segment": Type.TEXT,
    "part": Type.TEXT,
    "decisions": Type.WHOLE,
    "automatic": Type.WHOLE,
    "automatic_share": Type.NUMBER,
    "adverse": Type.WHOLE,
    "adverse_rate": Type.NUMBER,
    "reviewed": Type.WHOLE,
    "overrides": Type.WHOLE,
    "override_rate": Type.NUMBER,
    "favourable_ratio": Type.NUMBER,
    "ratio_from": Type.NUMBER,
    "ratio_to": Type.NUMBER,
    "below_four_fifths": Type.TRUTH,
}


class Part(NamedTuple):
    """How many decisions there are of a segment's part, and how they were made."""

    segment: str
    name: str
    decisions: int
    automatic: int
    adverse: int
    overrides: int

    @property
    def favourable(self) -> Rate:
        """The share that is not adverse, as the four-fifths rule compares it."""
        share = (self.decisions - self.adverse) / self.decisions
        return share, float(self.decisions), self.decisions


def segments(selection: Selection, *, reader: User) -> Table:
    """The decisions chosen by declared segment: how many were automatic, adverse, overridden.

    The ratio is of the favourable decisions' share to that of the part which fares best, as in the lab.
    """
    statement = sql.SQL(COUNT).format(
        source=sql.SQL(JOINED),
        conditions=conditions(selection, veiled=is_veiled(selection, reader)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        parts = [Part(*row) for row in cursor.fetchall()]
    slug = selection.pipeline.slug if selection.pipeline else ""
    rows = (
        {"pipeline": slug, **row}
        for _, of_one in groupby(parts, key=lambda part: part.segment)
        for row in compared(list(of_one))
    )
    return made_of(SEGMENTS, list(rows))


def compared(parts: list[Part]) -> Iterator[dict[str, Any]]:
    """A segment's parts beside the one that fares best; the part that nobody knows is compared to none."""
    best = best_of([part.favourable for part in parts if part.name])
    for part in parts:
        ratio = ratio_of(part.favourable, best) if part.name and best else None
        reviewed = part.decisions - part.automatic
        yield {
            "segment": part.segment,
            "part": part.name,
            "decisions": part.decisions,
            "automatic": part.automatic,
            "automatic_share": share(part.automatic, part.decisions),
            "adverse": part.adverse,
            "adverse_rate": share(part.adverse, part.decisions),
            "reviewed": reviewed,
            "overrides": part.overrides,
            "override_rate": share(part.overrides, reviewed),
            "favourable_ratio": ratio and round(ratio.estimate, 6),
            "ratio_from": ratio and round(ratio.lower, 6),
            "ratio_to": ratio and round(ratio.upper, 6),
            "below_four_fifths": ratio and ratio.estimate < FOUR_FIFTHS,
        }


def share(some: int, all: int) -> float | None:
    """A share; None of nothing."""
    return round(some / all, 6) if all else None


# ---------------------------------------------------------------- changes of thresholds

THRESHOLDS: Mapping[str, Type] = {
    "in_force_since": Type.TIME,
    "pipeline": Type.TEXT,
    "policy_version": Type.WHOLE,
    "before": Type.WHOLE,
    "title": Type.TEXT,
    "drafted_by": Type.TEXT,
    "drafted_at": Type.TIME,
    "asked_by": Type.TEXT,
    "signed_by": Type.TEXT,
    "signed_at": Type.TIME,
    "restores": Type.WHOLE,
    "restored_by": Type.TEXT,
    "reason": Type.TEXT,
    "changes": Type.LIST,
}


def thresholds(selection: Selection, *, reader: User) -> Table:
    """The policy versions that came into force: who drafted and signed each, and what it changed."""
    versions = PolicyVersion.objects.filter(
        pipeline=selection.pipeline, activated_at__isnull=False
    ).select_related("pipeline__current", "restores", "restored_by")
    with override("en-gb"):
        rows = [*changed(versions.order_by("activated_at", "number"), selection)]
    return made_of(THRESHOLDS, rows)


def changed(versions: Iterable[PolicyVersion], selection: Selection) -> Iterator[dict[str, Any]]:
    """What each version of one pipeline changed of the one before it, within the days chosen."""
    before: PolicyVersion | None = None
    for version in versions:
        day = version.activated_at.date() if version.activated_at else None
        late = selection.until is not None and day is not None and day > selection.until
        early = selection.since is not None and day is not None and day < selection.since
        if not late and not early:
            yield {**told(version, before), **signed(version)}
        before = version


def told(version: PolicyVersion, before: PolicyVersion | None) -> dict[str, Any]:
    """What a version is, and what it changed, in words."""
    definition = definition_of(version.pipeline)
    found = differences(before.content if before else {}, version.content, definition)
    return {
        "in_force_since": version.activated_at and version.activated_at.isoformat(),
        "pipeline": version.pipeline.slug,
        "policy_version": version.number,
        "before": before and before.number,
        "restores": version.restores and version.restores.number,
        "restored_by": version.restored_by and version.restored_by.username,
        "reason": version.reason,
        "changes": [difference.words for difference in found],
    }


def signed(version: PolicyVersion) -> dict[str, Any]:
    """Who drafted a version and who signed it; nothing of one that was no proposal."""
    people = ("drafted_by", "drafted_by_client", "requested_by", "signed_by")
    proposal = Proposal.objects.filter(version=version).select_related(*people).first()
    if proposal is None:
        return {}
    author = proposal.drafted_by or proposal.drafted_by_client
    return {
        "title": proposal.title,
        "drafted_by": str(author) if author else None,
        "drafted_at": proposal.drafted_at.isoformat(),
        "asked_by": proposal.requested_by and proposal.requested_by.username,
        "signed_by": proposal.signed_by and proposal.signed_by.username,
        "signed_at": proposal.signed_at and proposal.signed_at.isoformat(),
        **({"reason": proposal.reason} if proposal.reason else {}),
    }
