"""A contest beside its case: the person's words and what was decided before, for who may know of it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cases.models import Case, Status
from reviews.adverse.contests import words_of
from reviews.casefile import CaseFile
from reviews.models import Contest, Queue
from reviews.presenting.masks import masked_judgements
from reviews.presenting.papers import page_numbers
from reviews.presenting.record import Judgement, Ruling, judgements, ruling
from reviews.recorded import reviews_of
from reviews.rights import Rights


@dataclass(frozen=True, slots=True)
class Contested:
    """A contest in words. `words` are empty where what is personal is masked for the reader.

    `before` are the judgements that led to the decision, `reasons` those that it was given.
    """

    words: str
    at: datetime
    taken_by: str
    ruling: Ruling
    reasons: tuple[str, ...]
    answered: str
    before: tuple[Judgement, ...] = ()


def contests_of(file: CaseFile) -> list[Contested]:
    """All contests of a case, the first one first."""
    rows = Contest.objects.filter(case=file.case).select_related("decision", "answer", "taken_by")
    return [contested(row, file) for row in rows]


def contest_at_work(file: CaseFile, *, independent: bool) -> Contested | None:
    """The contest that the case waits for an answer to, with its history.

    Nothing of it for an `independent` judge: it tells what was decided.
    """
    if independent or file.entry is None or not file.entry.fresh:
        return None
    rows = Contest.objects.filter(case=file.case, answer=None)
    row = rows.select_related("decision", "answer", "taken_by").last()
    if row is None:
        return None
    numbers = page_numbers(file.documents)
    said = judgements(reviews_of(file.case), file.definition, file.opened, numbers)
    return contested(row, file, tuple(masked_judgements(said, file.hidden)))


def contested(row: Contest, file: CaseFile, before: tuple[Judgement, ...] = ()) -> Contested:
    """One contest in words."""
    texts = {reason.code: reason.text for reason in file.definition.reasons}
    answer = file.definition.outcome(row.answer.outcome).label if row.answer else ""
    return Contested(
        words="" if file.hidden else words_of(row),
        at=row.contested_at,
        taken_by=row.taken_by.shown_name if row.taken_by else "",
        ruling=ruling(row.decision, file.definition),
        reasons=tuple(_(texts[code]) for code in row.decision.reason_codes if code in texts),
        answered=_(answer) if answer else "",
        before=before,
    )


def may_contest(case: Case, mine: Rights) -> bool:
    """Whether the person may take a contest down: the case is settled, and they supervise a queue of its."""
    queues = mine.queues.get("supervise", frozenset())
    settled = case.status in (Status.DECIDED, Status.ANNOUNCED)
    return settled and Queue.objects.filter(pk__in=queues, pipeline=case.pipeline_id).exists()
