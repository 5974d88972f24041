"""Cases as FHIR's Tasks: read, searched, cancelled."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import client_of
from accounts.models import ApiClient, Scope
from audit import vault
from audit.models import Event
from cases import finding, withdrawing
from cases.api.base import body_of
from cases.api.headers import ENTITY_TAG, PreconditionMalformed, PreconditionMissing
from cases.api.queries import InvalidQuery, words_of
from cases.fhir.base import FhirView, base_of, read_id
from cases.fhir.resources import (
    ON_HOLD,
    TASK_STATUSES,
    coded,
    instant,
    output,
    searchset,
    task_of,
    task_version,
    weak,
)
from cases.fhir.structure import faults_of_shape
from cases.finding import BadCursor, cursor_of, read_cursor
from cases.lifecycle import MOVES
from cases.models import Case
from cases.strictjson import fit_text
from cases.validation import Fault, InvalidInput
from cases.withdrawing import VersionChanged
from reviews.models import QueueEntry, Reply
from reviews.replying import reply_of, text_of

MOST, USUAL = 200, 50
DATE = re.compile(
    r"(eq|ge|gt|le|lt|sa|eb)?(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d(?:\.\d{1,6})?))?(Z|[+-]\d\d:\d\d))?"
)
PASSED_OVER = ("_format", "_pretty")
SHOWN = (
    *{event for moves in MOVES.values() for event in moves.values()},
    *("case.held", "case.resumed", "case.information_requested", "case.information_given"),
)
"""The events that change what a Task shows."""


class TasksView(FhirView):
    """The client's Tasks."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    def get(self, request: Request) -> Response:
        """Finds Tasks, newest first, a page at a time."""
        client = client_of(request)
        limit, after, conditions = read_search(request.query_params)
        found = tasks_of(client).filter(*conditions).order_by("-id")
        if after is not None:
            found = found.filter(pk__lt=after)
        rows = list(found[: limit + 1])
        shown = [shown_task(case) for case in rows[:limit]]
        base = base_of(request)
        following = None
        if len(rows) > limit:
            query = request.query_params.copy()
            query["_cursor"] = cursor_of(rows[limit - 1].pk)
            following = f"{base}/Task?{query.urlencode()}"
        here = f"{base}/Task?{request.query_params.urlencode()}".rstrip("?")
        return Response(searchset(shown, base=base, self_url=here, next_url=following))


class TaskView(FhirView):
    """One Task."""

    scopes: ClassVar = {"GET": Scope.CASES_READ, "PUT": Scope.CASES_WRITE}

    def get(self, request: Request, case_id: str) -> Response:
        """Shows what becomes of a message."""
        case = found_task(request, case_id)
        tag = weak(version_of(case))
        known = {
            f'W/"{each}"'
            for _, each in ENTITY_TAG.findall(request.headers.get("If-None-Match", ""))
        }
        if tag in known or "*" in known:
            return Response(status=304, headers={"ETag": tag})
        finding.tell_read(case, client_of(request), "task")
        return Response(shown_task(case, outputs=reply_outputs(case)), headers={"ETag": tag})

    def put(self, request: Request, case_id: str) -> Response:
        """Cancels a Task, if it is still as the client saw it: nothing else of it is the client's."""
        case = found_task(request, case_id)
        check_cancelling(body_of(request), case)
        check_seen(request.headers.get("If-Match"), case)
        withdrawing.withdraw(case, versions={case.version}, by=client_of(request).actor)
        case = found_task(request, case_id)
        return Response(shown_task(case), headers={"ETag": weak(version_of(case))})


def tasks_of(client: ApiClient) -> QuerySet[Case]:
    """A client's cases of the pipelines that take messages in FHIR, with what a Task tells of them."""
    events = Event.objects.filter(case_id=OuterRef("pk"), type__in=SHOWN)
    latest = events.order_by("-id").values("at")[:1]
    held = QueueEntry.objects.filter(case=OuterRef("pk"), hold__isnull=False)
    return (
        finding.cases_of(client)
        .filter(pipeline__current__content__has_key="fhir")
        .annotate(changed_at=Subquery(latest, output_field=DateTimeField()), on_hold=Exists(held))
    )


def found_task(request: Request, text: str) -> Any:
    """The client's case of that id, with what a Task tells of it; raises Http404 or DoesNotExist."""
    return tasks_of(client_of(request)).get(pk=read_id(text))


def shown_task(case: Any, *, outputs: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The Task of a case that `tasks_of` found."""
    changed_at = case.changed_at or case.created_at
    return task_of(case, changed_at=changed_at, on_hold=case.on_hold, outputs=outputs)


def reply_outputs(case: Case) -> list[dict[str, Any]]:
    """What the person is to be told: the appointment, and the words where it is the client who sends them.

    Words that somebody says in person or writes in a letter are not the client's to send.
    """
    reply = reply_of(case.current[0]) if case.current else None
    if reply is None:
        return []
    found = [output("contact", "CodeableConcept", contact_of(reply))]
    if reply.slot is not None:
        period = {"start": instant(reply.slot.starts_at), "end": instant(reply.slot.ends_at)}
        slot = {"reference": f"Slot/{reply.slot.source_id}", "display": reply.slot.service}
        found += [output("appointment", "Period", period), output("slot", "Reference", slot)]
    if reply.contact == Reply.Contact.AUTOMATED and case.erased_at is None:
        found.append(output("reply", "String", text_of(reply, vault.of(case.pk))))
    return found


def contact_of(reply: Reply) -> dict[str, Any]:
    """How the person is told."""
    contact = Reply.Contact(reply.contact)
    return coded("urn:countersign:contact", contact.value, str(contact.label))


def version_of(case: Any) -> str:
    """The version of the Task of a case that `tasks_of` found."""
    return task_version(case, on_hold=case.on_hold)


# ---------------------------------------------------------------- cancelling


def check_cancelling(body: Any, case: Case) -> None:
    """Raises InvalidInput where an update is anything else than cancelling this Task."""
    if not isinstance(body, dict) or body.get("resourceType") != "Task":
        raise InvalidInput(Fault("Task", "structure", "must be a Task"))
    faults = list(faults_of_shape(body, "Task"))
    if body.get("id") != str(case.pk):
        faults.append(Fault("Task.id", "invalid", "must be the id in the address"))
    if faults:
        raise InvalidInput(*faults)
    if body["status"] != "cancelled":
        fault = Fault(
            "Task.status", "not-supported", "can be set to cancelled, and to nothing else"
        )
        raise InvalidInput(fault)


def check_seen(header: str | None, case: Case) -> None:
    """Checks If-Match, whose tags are weak in FHIR; raises VersionChanged and what a bad one is."""
    if not header:
        raise PreconditionMissing
    tags = {tag for _, tag in ENTITY_TAG.findall(header)}
    if not tags:
        raise PreconditionMalformed
    if version_of(case) not in tags:
        raise VersionChanged


# ---------------------------------------------------------------- searching


def read_search(query: QueryDict) -> tuple[int, Any, list[Q]]:
    """How many, after which place, and by which conditions; raises InvalidQuery with all that is wrong."""
    wrong: list[Fault] = []
    limit, after, conditions = USUAL, None, []
    for name, texts in query.lists():
        for text in texts:
            try:
                if name == "_count":
                    limit = count(text)
                elif name == "_cursor":
                    after = place(text)
                elif name in READERS:
                    conditions.append(READERS[name](text))
                elif name not in PASSED_OVER:
                    raise ValueError(f"is no parameter; these are: {', '.join(READERS)}, _count")
            except ValueError as error:
                wrong.append(Fault(words_of(name), "invalid", str(error)))
    if wrong:
        raise InvalidQuery(*wrong)
    return limit, after, conditions


def count(text: str) -> int:
    """How many a page may hold at most; a server may give fewer (R4, 3.1.1.5.9)."""
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text)):
        raise ValueError("must be a whole number from 1")
    return min(int(text), MOST)


def place(text: str) -> Any:
    """A place in the list."""
    try:
        return read_cursor(text)
    except BadCursor:
        raise ValueError("is none that a page's link gave") from None


def by_id(text: str) -> Q:
    """Of these ids; what is no id finds nothing."""
    ids = []
    for part in text.split(","):
        try:
            ids.append(UUID(part))
        except ValueError:
            continue
    return Q(pk__in=ids)


def by_identifier(text: str) -> Q:
    """Under one of these identifiers; a value by itself is of any system, `|value` of none."""
    found = Q(pk__in=[])
    for part in text.split(","):
        system, bar, value = part.rpartition("|")
        if system or not bar:
            found |= Q(reference=part)
        if not bar and fit_text(value):
            found |= Q(reference__endswith=f"|{value}")
        elif not system:
            found |= Q(reference=value)
    return found


def by_status(text: str) -> Q:
    """In one of these statuses; one that R4 has and we never give finds nothing."""
    found = Q(pk__in=[])
    for part in text.split(","):
        if part not in STATUSES:
            raise ValueError(f"must be one of: {', '.join(STATUSES)}")
        if part == ON_HOLD:
            found |= Q(on_hold=True)
        own = [status for status, shown in TASK_STATUSES.items() if shown == part]
        found |= Q(status__in=own, on_hold=False)
    return found


STATUSES = (
    *("draft", "requested", "received", "accepted", "rejected", "ready", "cancelled"),
    *("in-progress", ON_HOLD, "failed", "completed", "entered-in-error"),
)
"""https://hl7.org/fhir/R4/valueset-task-status.html"""


def by_time(text: str) -> Q:
    """Changed then: a date or a time stands for all of it, to the precision it is written in."""
    match = DATE.fullmatch(text)
    if match is None:
        raise ValueError("must be a date or a time with an offset, as ge2026-03-01T09:30:00Z")
    comparison, start, end = match[1] or "eq", *span(match)
    return {
        "eq": Q(changed_at__gte=start, changed_at__lt=end),
        "ge": Q(changed_at__gte=start),
        "gt": Q(changed_at__gte=end),
        "sa": Q(changed_at__gte=end),
        "le": Q(changed_at__lt=end),
        "lt": Q(changed_at__lt=start),
        "eb": Q(changed_at__lt=start),
    }[comparison]


def span(match: re.Match[str]) -> tuple[datetime, datetime]:
    """From when until when a written time is; raises ValueError where there is no such time."""
    _, day, minute, second, zone = match.groups()
    if minute is None:
        start, length = f"{day}T00:00:00+00:00", timedelta(days=1)
    elif second is None:
        start, length = f"{day}T{minute}:00{zone}", timedelta(minutes=1)
    else:
        digits = len(second.partition(".")[2])
        start, length = f"{day}T{minute}:{second}{zone}", timedelta(microseconds=10 ** (6 - digits))
    try:
        begin = datetime.fromisoformat(start).astimezone(UTC)
        return begin, begin + length
    except (ValueError, OverflowError):
        raise ValueError("is no time that there is") from None


READERS: dict[str, Callable[[str], Q]] = {
    "_id": by_id,
    "identifier": by_identifier,
    "status": by_status,
    "_lastUpdated": by_time,
}
