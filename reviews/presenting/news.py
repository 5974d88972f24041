"""What a person should hear of, and the cases that they have set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from cases.models import Case, Status
from reviews.models import Hold, Notice, Stage


@dataclass(frozen=True, slots=True)
class News:
    """One notice in words, around the link to its case."""

    case_id: UUID
    reference: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SetAside:
    """A case that the person has set aside: since when, and until when at most."""

    case_id: UUID
    reference: str
    question: bool
    since: datetime
    until: datetime


WORDS: dict[str, str | Promise] = {
    Notice.Kind.MENTIONED: lazy("%(who)s mentioned you in a comment"),
    Notice.Kind.TAKEN_OVER: lazy("%(who)s took the case over from you"),
    Notice.Kind.TOOK_OVER: lazy("You took the case over"),
    Notice.Kind.RESERVED: lazy("%(who)s gave you the case"),
    Notice.Kind.ESCALATED: lazy("%(who)s escalated the case"),
    Notice.Kind.ANSWERED: lazy("The upstream has answered"),
    Notice.Kind.FOLLOW_UP: lazy("The day of your follow-up has come; the case waits again"),
    Notice.Kind.WITHDRAWN: lazy("The upstream has withdrawn the case that you had set aside"),
    Notice.Kind.GLASS: lazy("%(who)s opened the case in an emergency, beyond their rights"),
    Notice.Kind.OVERDUE: lazy("The person is owed an answer soon: see that they get it"),
    Notice.Kind.CONTESTED: lazy(
        "Contested, and nobody is left who has not judged it: give somebody the right"
    ),
}
OVER = frozenset({Status.DECIDED, Status.ANNOUNCED, Status.WITHDRAWN})


def news(notices: Sequence[Notice]) -> list[News]:
    """Notices in words. Their cases must be loaded with their place in a queue and its route."""
    return [
        News(
            case_id=notice.case_id,
            reference=notice.case.reference,
            words=words_of(notice),
            at=notice.told_at,
        )
        for notice in notices
    ]


def words_of(notice: Notice) -> str:
    """A notice in words."""
    if notice.kind == Notice.Kind.MENTIONED and may_be_independent(notice.case):
        return _("You were mentioned in a comment")
    if notice.kind == Notice.Kind.ESCALATED and notice.by is None:
        return _("The case presses: see that somebody takes it now")
    who = notice.by.shown_name if notice.by else _("Somebody")
    return str(WORDS[notice.kind]) % {"who": who}


def may_be_independent(case: Case) -> bool:
    """Whether somebody may yet judge the case without knowing who said what before them."""
    entry = getattr(case, "queue_entry", None)
    if entry is None:
        return Status(case.status) not in OVER
    blind = entry.route.blind or entry.route.second_review_queue_id is not None
    return bool(entry.stage != Stage.FIRST or blind)


def set_aside(holds: Sequence[Hold]) -> list[SetAside]:
    """Holds as lines; their cases must be loaded."""
    return [
        SetAside(
            case_id=hold.case_id,
            reference=hold.case.reference,
            question=hold.kind == Hold.Kind.QUESTION,
            since=hold.held_at,
            until=hold.follow_up_at,
        )
        for hold in holds
    ]
