"""Independence: from whom what the model and earlier reviewers said is hidden, and until when.

Every answer to a reviewer asks here; a test compares them byte for byte.
"""

from accounts.models import User
from cases.models import Status
from reviews.casefile import CaseFile
from reviews.models import Commitment, Route, Stage
from reviews.rights import Rights

UNROUTED = frozenset({Status.RECEIVED, Status.READ, Status.SCORED, Status.QUARANTINED})
"""Where nobody knows yet who is to judge the case, and how."""


def commitment_by(reviewer: User, file: CaseFile) -> Commitment | None:
    """What the reviewer has committed to in this round of the case, where it is judged blind."""
    if file.entry is None or file.route is None or not file.route.blind:
        return None
    return Commitment.objects.filter(
        case=file.case, round=file.entry.round, reviewer=reviewer
    ).first()


def judges_blind(reviewer: User, file: CaseFile) -> bool:
    """Whether it is all hidden from who holds the case, or is to.

    So it is at every stage after the first, and at the first where the route is blind, until they
    have committed themselves.
    """
    if file.entry is None:
        return False
    if file.entry.stage != Stage.FIRST:
        return True
    blind = file.route is not None and file.route.blind
    return blind and commitment_by(reviewer, file) is None


def may_give_second(rights: Rights, route: Route | None) -> bool:
    """Whether the route asks for a second review that the person may be the one to give."""
    later = route.second_review_queue_id if route else None
    return later is not None and rights.may_review(later, Stage.SECOND)


def may_judge_later(reviewer: User, rights: Rights, file: CaseFile) -> bool:
    """Whether it is all hidden from who merely looks at the case: they may yet be asked.

    At the first stage those are who can give the second review that the route asks for, and who can
    give the first where it is blind; from then on everybody but who audits the pipeline and can't
    give the judgement that the case waits for.
    """
    entry = file.entry
    if entry is None:
        return file.case.status in UNROUTED and file.case.pipeline_id in rights.worked_on
    if entry.stage == Stage.FIRST:
        if may_give_second(rights, file.route):
            return True
        asked = rights.may_judge(entry) or rights.may_review(entry.queue_id, Stage.FIRST)
        return asked and judges_blind(reviewer, file)
    auditor = rights.may_pipeline("audit", file.case.pipeline_id)
    return not auditor or rights.may_review(entry.queue_id, entry.stage)
