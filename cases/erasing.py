"""Erasing a case: what of it stands in this app's tables, and its files.

When that may be, and what else goes with it, is for `reviews.erasing` to say.
"""

from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.http import Http404

from audit.models import ClockTimestamp
from cases.idempotency import erase_answers
from cases.models import Case, Document, IdempotentRequest, Page, Status

CLOSED = (Status.DECIDED, Status.ANNOUNCED, Status.WITHDRAWN)
"""Where a case can be erased from, once the system has no step of it left to take."""

NAMELESS = """
    UPDATE cases_delivery SET body = jsonb_set(body, '{data,reference}', to_jsonb(%s::text), false)
    WHERE case_id = %s
"""


class CaseErased(Http404):
    """What is asked for was erased with its case; the case itself tells when that was."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"case {case.pk} was erased")
        self.case = case


def refuse_erased(case: Case) -> None:
    """Raises CaseErased for a case of which nothing personal is left to be read or written."""
    if case.erased_at is not None:
        raise CaseErased(case)


def nameless(case_id: UUID) -> str:
    """What stands for the upstream's own id, which may tell whose case it was."""
    return f"erased-{case_id.hex[-12:]}"


def empty_case(case: Case) -> None:
    """Empties the case's row, its papers, and what was answered and is told of it.

    Messages that are still to be sent go out with ids alone. Must run in a transaction, after the key
    was destroyed: the database refuses it otherwise.
    """
    case.reference, case.sealed_data, case.step_error = nameless(case.pk), b"", ""
    Case.objects.filter(pk=case.pk).update(
        reference=case.reference,
        sealed_data=b"",
        step_error="",
        erased_at=ClockTimestamp(),
        version=F("version") + 1,
    )
    case.refresh_from_db(fields=["erased_at", "version"])
    Document.objects.filter(case=case).update(sealed_name=b"", blob="", digest="")
    papers = Page.objects.filter(document__case=case)
    papers.update(blob="", thumb="", screen="", digest="", quality={})
    erase_answers(answers_about(case))
    with connection.cursor() as cursor:
        cursor.execute(NAMELESS, [case.reference, case.pk])


def answers_about(case: Case) -> QuerySet[IdempotentRequest]:
    """The answers kept for repeated requests that tell of the case, their keys included."""
    told = Q(headers__Location__endswith=str(case.pk)) | Q(body__contains=str(case.pk))
    return IdempotentRequest.objects.filter(
        told | Q(route__contains=str(case.pk)), client=case.client_id
    )
