"""The supervisor's board in words: queues, cases that need somebody, people, and signs worth a talk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from reviews.board import CAP, QueueState, Work
from reviews.models import Claim, QueueEntry, Stage
from reviews.presenting.formats import count
from reviews.presenting.rates import ENOUGH, Share
from reviews.presenting.times import Due, due, span

FAR_BELOW = 0.5
"""A pace below this part of the colleagues' is a sign."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One queue's line; a count of none is empty."""

    slug: str
    name: str
    pinned: bool
    pipeline: str
    waiting: str
    late: str
    at_risk: str
    next_due: Due | None
    oldest: str
    in_progress: int
    on_hold: int
    escalated: int
    reserved: int
    later: str


@dataclass(frozen=True, slots=True)
class CaseAt:
    """A case that waits, kept for the person `kept` or nobody, or is held under the claim `fence`.

    `judged` while the verdict on it can still be undone.
    """

    case_id: UUID
    reference: str
    queue: str
    stage: str
    escalated: bool
    due: Due
    holder: str
    fence: int | None
    kept_for: str
    kept: int | None
    judged: bool


@dataclass(frozen=True, slots=True)
class AtWork:
    """Somebody's hands: the case they hold since when and for how long yet, and what is reserved for them."""

    name: str
    case_id: UUID | None
    reference: str
    queue: str
    since: str
    left: str
    fence: int | None
    reserved: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a case can be given to."""

    user_id: int
    name: str
    load: str


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did in the period."""

    name: str
    reviews: int
    pace: str
    overrides: Share
    corrected: Share
    agreed: Share
    switched: Share
    undone: int


@dataclass(frozen=True, slots=True)
class Sign:
    """Something about somebody's work that is worth a talk, with the numbers behind it."""

    name: str
    queue: str
    words: str


def counted(number: int) -> str:
    """A count that ends at the cap; empty for none."""
    if not number:
        return ""
    return f"{count(CAP)}+" if number >= CAP else count(number)


def seconds(length: float) -> str:
    """A pace in seconds, which compare at a glance."""
    return _("%(seconds)s s") % {"seconds": count(round(length))}


def queue_line(queue: QueueState) -> QueueLine:
    """A queue in words."""
    return QueueLine(
        slug=queue.slug,
        name=_(queue.name),
        pinned=queue.pinned,
        pipeline=_(queue.pipeline),
        waiting=counted(queue.waiting),
        late=counted(queue.late),
        at_risk=counted(queue.at_risk),
        next_due=due(queue.next_due, queue.now) if queue.next_due else None,
        oldest=span(queue.now - queue.oldest) if queue.oldest else "",
        in_progress=queue.in_progress,
        on_hold=queue.on_hold,
        escalated=queue.escalated,
        reserved=queue.reserved,
        later=counted(queue.later),
    )


def headline(queues: Sequence[QueueState]) -> str:
    """What waits in all queues, and how it stands."""
    late, risk = sum(queue.late for queue in queues), sum(queue.at_risk for queue in queues)
    waiting = sum(queue.waiting for queue in queues)
    words = [
        ngettext("%(count)s case waits", "%(count)s cases wait", waiting)
        % {"count": counted(waiting)}
        if waiting
        else _("No case waits")
    ]
    if late:
        words.append(_("%(count)s late") % {"count": counted(late)})
    if risk:
        words.append(_("%(count)s at risk") % {"count": counted(risk)})
    return ", ".join(words)


def case_at(entry: QueueEntry) -> CaseAt:
    """The line of an entry from `board.shown`."""
    stage = Stage(entry.stage)
    live = entry.claim if entry.claim and not entry.claim.ended else None
    return CaseAt(
        case_id=entry.pk,
        reference=entry.case.reference,
        queue=_(entry.queue.name),
        stage="" if stage is Stage.FIRST else str(stage.label),
        escalated=entry.escalated,
        due=due(entry.due_at, now_of(entry)),
        holder=live.reviewer.shown_name if live else "",
        fence=live.pk if live else None,
        kept_for=entry.reserved_for.shown_name if entry.reserved_for else "",
        kept=entry.reserved_for_id,
        judged=entry.claim is not None and live is None,
    )


def now_of(row: QueueEntry | Claim) -> datetime:
    """The database's clock, with which the board's rows are annotated."""
    now: datetime = getattr(row, "now")  # noqa: B009  # no field
    return now


def at_work(
    claims: Iterable[Claim],
    reserved: Mapping[int, int],
    names: Mapping[int, str],
) -> list[AtWork]:
    """Who holds what (the claims from `board.in_hands`), then those who only have cases reserved for them."""
    busy = {
        claim.reviewer_id: AtWork(
            name=claim.reviewer.shown_name,
            case_id=claim.case_id,
            reference=claim.case.reference,
            queue=_(claim.entry.queue.name),
            since=span(now_of(claim) - claim.claimed_at),
            left=span(claim.expires_at - now_of(claim)),
            fence=claim.pk,
            reserved=reserved.get(claim.reviewer_id, 0),
        )
        for claim in claims
    }
    others = [
        AtWork(names.get(person, ""), None, "", "", "", "", None, kept)
        for person, kept in reserved.items()
        if person not in busy
    ]
    return [*busy.values(), *sorted(others, key=lambda each: each.name)]


def candidate(user: User, reference: str, kept: int) -> Candidate:
    """Somebody who could have a case, and what they have in hand."""
    load = [_("works on %(reference)s") % {"reference": reference}] if reference else []
    if kept:
        words = ngettext(
            "%(count)d case is reserved for them", "%(count)d cases are reserved for them", kept
        )
        load.append(words % {"count": kept})
    return Candidate(user.pk, user.shown_name, ", ".join(load))


def shared(given: int, left: int) -> str:
    """What sharing out did, in words."""
    words = [
        ngettext(
            "%(count)d case is reserved for them now.",
            "%(count)d cases are reserved for them now.",
            given,
        )
        % {"count": given}
        if given
        else _("Nothing was moved.")
    ]
    if left:
        stays = ngettext(
            "%(count)d of the most urgent stays as it was: reserved for somebody or not theirs to judge.",
            "%(count)d of the most urgent stay as they were: reserved for somebody or not theirs to judge.",
            left,
        )
        words.append(stays % {"count": left})
    return " ".join(words)


def done(work: Iterable[Work], names: Mapping[int, str]) -> list[Done]:
    """What people did on all of the supervisor's queues, by name."""
    lines = [
        Done(
            name=names.get(each.reviewer_id, ""),
            reviews=each.reviews,
            pace=seconds(each.median) if each.median is not None else "",
            overrides=Share(each.overrides, each.settled),
            corrected=Share(each.corrected, each.spoken),
            agreed=Share(each.agreed, each.compared),
            switched=Share(each.switched, each.blind),
            undone=each.undone,
        )
        for each in work
        if each.queue_id is None
    ]
    return sorted(lines, key=lambda line: line.name)


# ---------------------------------------------------------------- signs


def signs(work: Sequence[Work], names: Mapping[int, str], queues: Mapping[int, str]) -> list[Sign]:
    """Signs of a rubber stamp, each on one queue and beside the colleagues there.

    Only of people with ENOUGH settled cases, beside as many of colleagues.
    """
    found = []
    for mine in work:
        if mine.queue_id is None or not enough_on_queue(mine):
            continue
        others = [
            each
            for each in work
            if each.queue_id == mine.queue_id and each.reviewer_id != mine.reviewer_id
        ]
        name, queue = names.get(mine.reviewer_id, ""), queues.get(mine.queue_id, "")
        for words in (hardly_overrides(mine, others), far_quicker(mine, others)):
            if words:
                found.append(Sign(name, queue, words))
    return sorted(found, key=lambda sign: (sign.name, sign.queue))


def hardly_overrides(mine: Work, others: Sequence[Work]) -> str:
    """Where somebody's overrides are surely rarer than those of colleagues: both with their intervals."""
    own = Share(mine.overrides, mine.settled)
    theirs = Share(sum(each.overrides for each in others), sum(each.settled for each in others))
    if not theirs.enough or own.between[1] >= theirs.between[0]:
        return ""
    return _(
        "Overrides hardly ever: %(part)s of %(whole)s cases (%(range)s); colleagues %(their_part)s of"
        " %(their_whole)s (%(their_range)s)."
    ) % {
        "part": count(own.part),
        "whole": count(own.whole),
        "range": own.range,
        "their_part": count(theirs.part),
        "their_whole": count(theirs.whole),
        "their_range": theirs.range,
    }


def far_quicker(mine: Work, others: Sequence[Work]) -> str:
    """Where somebody's median time is far below the median of colleagues' medians."""
    paces = [each.median for each in others if each.settled >= ENOUGH and each.median is not None]
    if not paces or mine.median is None or mine.median >= FAR_BELOW * median(paces):
        return ""
    return ngettext(
        "Far quicker: %(pace)s a case over %(whole)s cases; %(count)d colleague takes %(their_pace)s.",
        "Far quicker: %(pace)s a case over %(whole)s cases; %(count)d colleagues take %(their_pace)s.",
        len(paces),
    ) % {
        "whole": count(mine.settled),
        "pace": seconds(mine.median),
        "count": len(paces),
        "their_pace": seconds(median(paces)),
    }


def too_few(work: Sequence[Work]) -> str:
    """Of how many people too little is known for a word on them."""
    everybody = {each.reviewer_id for each in work}
    few = len(everybody - {each.reviewer_id for each in work if enough_on_queue(each)})
    if not few:
        return ""
    return ngettext(
        "Of %(count)d person there are too few settled cases to say: under %(enough)d on each queue.",
        "Of %(count)d people there are too few settled cases to say: under %(enough)d on each queue.",
        few,
    ) % {"count": few, "enough": ENOUGH}


def enough_on_queue(work: Work) -> bool:
    """Whether somebody has settled enough cases on one queue to say something."""
    return work.queue_id is not None and work.settled >= ENOUGH
