"""Finding cases for the client that posted them: nobody else's, in few statements."""

import base64
import binascii
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.models import ApiClient
from audit.visits import note_read
from cases.models import Case, Decision, Document, Status


class BadCursor(Exception):
    """The cursor is none that we gave."""


class Filters(TypedDict, total=False):
    """What a list may be narrowed by."""

    status: Status
    pipeline: str
    reference: str
    created_after: datetime


def cases_of(client: ApiClient) -> QuerySet[Case]:
    """A client's cases, each with its pipeline and `current` decisions (one or none)."""
    current: Prefetch[Any] = Prefetch(
        "decisions", Decision.objects.filter(superseded_at=None), "current"
    )
    return (
        Case.objects.filter(client=client)
        .select_related("pipeline", "pipeline_version")
        .defer("pipeline_version__content", "sealed_data")
        .prefetch_related(current)
    )


def find(client: ApiClient, case_id: UUID) -> Case:
    """A client's case with its documents; raises Case.DoesNotExist for anybody else's."""
    papers: Prefetch[Any] = Prefetch("documents", Document.objects.all(), "papers")
    return cases_of(client).prefetch_related(papers).get(pk=case_id)


def tell_read(case: Case, client: ApiClient, what: str) -> None:
    """Records that a client was given something of its own case, once a visit (`audit.visits`)."""
    note_read(
        "case.read_by_client",
        by=client.actor,
        case_id=case.pk,
        pipeline=case.pipeline.slug,
        data={"what": what},
    )


def page(
    client: ApiClient, filters: Filters, *, after: UUID | None, limit: int
) -> tuple[list[Case], UUID | None]:
    """The client's cases, newest first, and where the next page begins.

    The ids are ordered by time, so a case that arrives meanwhile stands before the first page: no
    page loses a case that was there, or shows one twice.
    """
    found = cases_of(client).order_by("-id")
    if "status" in filters:
        found = found.filter(status=filters["status"])
    if "pipeline" in filters:
        found = found.filter(pipeline__slug=filters["pipeline"])
    if "reference" in filters:
        found = found.filter(reference=filters["reference"])
    if "created_after" in filters:
        found = found.filter(created_at__gt=filters["created_after"])
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found[: limit + 1])
    return rows[:limit], rows[limit - 1].pk if len(rows) > limit else None


def cursor_of(case_id: UUID) -> str:
    """A place in the list, for the client to hand back unread."""
    return base64.urlsafe_b64encode(case_id.bytes).rstrip(b"=").decode()


def read_cursor(cursor: str) -> UUID:
    """The place that a cursor names; raises BadCursor."""
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise BadCursor from None
