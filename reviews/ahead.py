"""The next case, looked at before it is claimed: which it would be, and whether it is as it was.

Nothing is locked and nothing taken: who gets the case is settled when somebody claims it.
"""

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from cases.models import Case
from reviews.claims import NEXT
from reviews.free import asked
from reviews.rights import Rights

HEAD = NEXT.format(lock="")
"""As the claim picks its case, so that a million waiting cost what a thousand do."""

STATE = """
SELECT concat_ws('.', entry.case_id, held.version, entry.route_id, entry.stage,
                 (SELECT max(last.id) || '.' || count(*) FROM audit_event last
                  WHERE last.case_id = entry.case_id
                    AND last.type NOT IN ('case.fetched_ahead', 'document.fetched_ahead',
                                          'case.read_by_client')
                    AND (last.type <> 'case.claimed' OR last.data ->> 'claim' <> %(fence)s)),
                 (SELECT extract(epoch FROM draft.saved_at) FROM reviews_draft draft
                  WHERE draft.case_id = entry.case_id AND draft.reviewer_id = %(reviewer)s))
FROM reviews_queueentry entry
JOIN cases_case held ON held.id = entry.case_id
WHERE entry.case_id = %(case)s
"""


def next_waiting(*, reviewer: User, rights: Rights) -> UUID | None:
    """The case that claiming would give the reviewer at this moment, or None."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD, asked(rights, reviewer))
        row = cursor.fetchone()
    return row[0] if row else None


def state_of(case_id: UUID, *, reviewer: User, fence: int = 0) -> str:
    """What a case's page depends on, as one word: the same word, the same page for the reviewer.

    Whatever changes a case is an event of it, save the reviewer's own draft. The claim `fence`, under
    which the page is shown, is no change. Keyed, since what it is made of would tell of the case. Empty
    for a case that is in no queue.
    """
    given: dict[str, Any] = {"case": case_id, "reviewer": reviewer.pk, "fence": str(fence)}
    with connection.cursor() as cursor:
        cursor.execute(STATE, given)
        row = cursor.fetchone()
    return vault.house_digest("case_state", row[0].encode()) if row else ""


@transaction.atomic
def note_fetched(case: Case, *, by: Actor) -> None:
    """Records that a reviewer's browser was given a case's data before they claimed it."""
    record("case.fetched_ahead", by=by, case_id=case.pk, pipeline=case.definition.slug)
