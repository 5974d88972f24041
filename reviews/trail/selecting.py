"""Which cases an export takes: what was asked for, and the same as SQL."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self
from uuid import UUID

from psycopg import sql

from cases.models import Pipeline

SETTLED = "NOT EXISTS (SELECT FROM reviews_queueentry entry WHERE entry.case_id = c.id)"
"""Of cases that are with no person: neither as a sample, nor because they were reopened or contested."""
REVIEWED_BY = """EXISTS (
    SELECT FROM reviews_review review
    WHERE review.route_id = d.route_id AND d.made_by = 'review' AND review.undone_at IS NULL
        AND review.reviewer_id = {})"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which decisions to export: days in UTC, both included; all of them where None.

    `reviewer` is a person's id, as in events; `model_version` a name and a number: `german-credit 3`.
    `superseded` ones are taken where that says so. `events` asks for the cases' events as well.
    `purpose` is what the explanations are needed for, where the pipeline asks that of the person.
    """

    pipeline: Pipeline | None = None
    since: date | None = None
    until: date | None = None
    case: UUID | None = None
    reviewer: int | None = None
    outcome: str | None = None
    override: bool | None = None
    policy_version: int | None = None
    model_version: str | None = None
    superseded: bool | None = None
    events: bool | None = None
    purpose: str | None = None

    def as_filter(self) -> dict[str, str]:
        """The selection as it stands in the row, the events and the manifest."""
        parts = {each.name: getattr(self, each.name) for each in fields(self)}
        parts["pipeline"] = self.pipeline.slug if self.pipeline else None
        return {name: written(value) for name, value in parts.items() if value is not None}

    @classmethod
    def from_filter(cls, pipeline: Pipeline | None, found: dict[str, str]) -> Self:
        """The selection that `as_filter` wrote."""
        read: dict[str, Any] = {
            name: READ[name](value) if name in READ else value
            for name, value in found.items()
            if name != "pipeline"
        }
        return cls(pipeline, **read)


def written(value: object) -> str:
    """A part of a selection as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def truth(value: str) -> bool:
    """A yes or no as it was written."""
    return value == "true"


READ: dict[str, Any] = {
    "since": date.fromisoformat,
    "until": date.fromisoformat,
    "case": UUID,
    "reviewer": int,
    "policy_version": int,
    "override": truth,
    "superseded": truth,
    "events": truth,
}


def conditions(selection: Selection, *, veiled: bool) -> sql.Composed:
    """The conditions of a statement over decisions `d` of cases `c`, as `reviews.trail.decisions` joins.

    To who may judge the pipeline's cases (`veiled`) what is with people was not decided, nor before.
    """
    found = [
        *within(selection, "d.decided_at"),
        *those_of("c.pipeline_id = {}", selection.pipeline and selection.pipeline.pk),
        *those_of("c.id = {}", selection.case and str(selection.case)),
        *those_of(REVIEWED_BY, selection.reviewer),
        *those_of("d.outcome = {}", selection.outcome),
        *those_of("d.override = {}", selection.override),
        *those_of("policy.number = {}", selection.policy_version),
        *those_of("m.name || ' ' || mv.number = {}", selection.model_version),
    ]
    if not selection.superseded:
        found.append(sql.SQL("d.superseded_at IS NULL"))
    if veiled:
        found.append(sql.SQL(SETTLED))
    return all_of(found)


def all_of(found: list[sql.Composable]) -> sql.Composed:
    """All of the conditions; true where there is none."""
    return sql.SQL(" AND ").join([sql.SQL("true"), *found])


def those_of(condition: str, value: object) -> list[sql.Composable]:
    """A condition with its value; none where nothing was asked for."""
    return [] if value is None else [sql.SQL(condition).format(sql.Literal(value))]


def within(selection: Selection, at: str) -> list[sql.Composable]:
    """The days of a selection as conditions on the time `at`."""
    found: list[sql.Composable] = []
    if selection.since is not None:
        found.append(sql.SQL(f"{at} >= {{}}").format(day(selection.since)))
    if selection.until is not None:
        # PostgreSQL counts on: Python has no day after the last that can be typed.
        last = day(selection.until)
        found.append(sql.SQL(f"{at} < {{}}::timestamptz + interval '24 hours'").format(last))
    return found


def day(value: date) -> sql.Literal:
    """The beginning of a day in UTC."""
    return sql.Literal(f"{value.isoformat()}T00:00:00Z")
