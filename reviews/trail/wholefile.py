"""A case's whole file: all that its record shows, for who audits it, loaded once.

Comments are left out: they are no part of the record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from accounts.models import User
from audit.models import CaseKey, Checkpoint, Event, Leaf
from cases.models import Case, Decision
from reviews.casefile import CaseFile, load, visible_case
from reviews.contested import Contested, contests_of
from reviews.independence import may_judge_later
from reviews.masking import hidden_from
from reviews.models import AdverseNotice, PolicyVersion, Review, Signature
from reviews.presenting.casepage import CasePage, case_page
from reviews.presenting.histories import Entry, history
from reviews.presenting.masks import NOTHING, Hidden, masked_judgements
from reviews.presenting.papers import page_numbers
from reviews.presenting.record import (
    Judgement,
    Ruling,
    Superseded,
    Told,
    judgements,
    ruling,
    superseded,
    words_on_fields,
)
from reviews.presenting.trail.looking import Looked, looked
from reviews.recorded import names_in, names_of, reviews_of, sent_by_itself, superseded_in
from reviews.rights import rights_of
from reviews.veiling import told_since


class MayHaveToJudge(Exception):
    """The person may yet be asked to judge the case, and its whole file would tell them what others said."""


class Erased(Exception):
    """The case was erased: nothing personal is left of it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a case's events stand in the log: how many there are, and how many of them are sealed.

    `position` is the place of the last sealed one, `checkpoint` the first over all of these.
    """

    events: int
    sealed: int
    position: int | None
    checkpoint: Checkpoint | None


@dataclass(frozen=True, slots=True)
class WholeFile:
    """All of it, for one reader; `rulings` are the decisions in order, the last one in force first."""

    file: CaseFile
    page: CasePage
    ruling: Ruling | None
    superseded: Sequence[Superseded]
    sent: Told | None
    judgements: Sequence[Judgement]
    looked: Sequence[Looked]
    signatures: Sequence[Signature]
    policy: PolicyVersion | None
    notices: Sequence[AdverseNotice]
    contests: Sequence[Contested]
    placed: Placed


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of an erased case: what was decided and what happened, nothing of the person."""

    case: Case
    erased_at: datetime
    ruling: Ruling | None
    history: Sequence[Entry]
    placed: Placed


def whole_file(case_id: UUID, *, reader: User, purpose: str = "") -> WholeFile:
    """The file of a case as `reader` may see it; of masks a `purpose` of the pipeline's takes them away.

    Raises Http404 where they may not see it at all, MayHaveToJudge, Erased, and CannotOpen where a
    master key is missing.
    """
    return assembled(whole_case(case_id, reader=reader, purpose=purpose))


def whole_case(case_id: UUID, *, reader: User, purpose: str = "") -> CaseFile:
    """A case for who audits it; raises as `whole_file` does."""
    rights = rights_of(reader)
    case = visible_case(case_id, rights)
    if erased_at(case_id) is not None:
        raise Erased(str(case_id))
    file = load(case, reader, hidden=hidden_for(case, reader, purpose))
    if may_judge_later(reader, rights, file) or told_since(case) is not None:
        raise MayHaveToJudge(str(case_id))
    return file


def hidden_for(case: Case, reader: User, purpose: str) -> Hidden:
    """What stays masked for a reader who said what they need the file for."""
    hidden, masking = hidden_from(reader, case), case.definition.masking
    return NOTHING if hidden and purpose and purpose in masking.purposes else hidden


def assembled(file: CaseFile) -> WholeFile:
    """The file with what belongs to its decisions."""
    case, numbers = file.case, page_numbers(file.documents)
    reviews = reviews_of(case)
    words = {"fields": words_on_fields(reviews, file.opened, numbers)}
    page = case_page(file, words, names_in(file), independent=False, whom="a person")
    decision = Decision.objects.filter(case=case, superseded_at=None).first()
    said = judgements(reviews, file.definition, file.opened, numbers)
    return WholeFile(
        file=file,
        page=page,
        ruling=ruling(decision, file.definition) if decision else None,
        superseded=superseded(*superseded_in(case), file.definition),
        sent=sent_by_itself(decision, file) if decision else None,
        judgements=masked_judgements(said, file.hidden),
        looked=[looked(each, page.sheets, file.definition) for each in with_claims(reviews)],
        signatures=[*Signature.objects.filter(review__in=reviews).order_by("id")],
        policy=file.route.policy_version if file.route else None,
        notices=[*AdverseNotice.objects.filter(case=case).order_by("id")],
        contests=contests_of(file),
        placed=placed(case.pk),
    )


def with_claims(reviews: Sequence[Review]) -> list[Review]:
    """The same reviews with their claims loaded."""
    loaded = Review.objects.filter(pk__in=[review.pk for review in reviews])
    return list(loaded.select_related("claim", "reviewer", "route").order_by("id"))


def placed(case_id: UUID) -> Placed:
    """Where the events of a case stand in the log."""
    events = Event.objects.filter(case_id=case_id)
    leaves = Leaf.objects.filter(event_id__in=events.values("pk"))
    count, sealed = events.count(), leaves.count()
    if not sealed:
        return Placed(count, 0, None, None)
    last = leaves.aggregate(last=Max("position"))["last"]
    over = Checkpoint.objects.filter(size__gt=last).order_by("id").first()
    return Placed(count, sealed, last, over)


# ---------------------------------------------------------------- erased


def erased_at(case_id: UUID) -> datetime | None:
    """When a case's key was destroyed; None while it lives."""
    key = CaseKey.objects.filter(case_id=case_id).first()
    return key.destroyed_at if key else None


def remains(case_id: UUID, *, reader: User) -> Remains:
    """What is left of an erased case for who may see it; raises Http404, MayHaveToJudge."""
    rights = rights_of(reader)
    case = visible_case(case_id, rights)
    if not rights.may_pipeline("audit", case.pipeline_id) or told_since(case) is not None:
        raise MayHaveToJudge(str(case_id))
    gone = erased_at(case_id)
    if gone is None:
        raise ValueError(f"case {case_id} was not erased")
    decision = Decision.objects.filter(case=case, superseded_at=None).first()
    events = tuple(Event.objects.filter(case_id=case_id).order_by("id"))
    return Remains(
        case=case,
        erased_at=gone,
        ruling=ruling(decision, case.definition) if decision else None,
        history=history(events, names_of(case, case.definition, events), independent=False),
        placed=placed(case_id),
    )
