"""What of a case is contested now, and what the answer to a contest was."""

from audit.actors import Actor
from audit.events import record
from cases.announcing import Told, tell
from cases.models import Case, Decision
from reviews.colleagues import able_of, holders
from reviews.models import Contest, Review, Route


def is_contested(case: Case) -> bool:
    """Whether the person contests what was decided, and has no answer yet."""
    return open_contest(case) is not None


def open_contest(case: Case) -> Contest | None:
    """The contest that waits for its answer, with the decision that it is about."""
    return (
        Contest.objects.filter(case=case, answer=None).select_related("decision", "taken_by").last()
    )


def who_is_left(case: Case, route: Route) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    """Who has not judged the case: seniors of its queue, its reviewers, and who can give a second review."""
    judged = frozenset(
        Review.objects.filter(case=case, undone_at=None).values_list("reviewer", flat=True)
    )
    queues = [each for each in (route.queue_id, route.second_review_queue_id) if each is not None]
    able = holders(queues)
    return (
        able_of(able, route.queue_id, "second_review") - judged,
        able_of(able, route.queue_id, "review") - judged,
        able_of(able, route.second_review_queue_id, "second_review") - judged,
    )


def is_for_seniors(case: Case, route: Route) -> bool:
    """Whether a contested case waits by right for a senior: there is one left, or nobody else is."""
    senior, first, _ = who_is_left(case, route)
    return bool(senior) or not first


def answer_contest(decision: Decision, case: Case, *, by: Actor) -> Contest | None:
    """Keeps a new decision as the answer to the contest that asked for it; None where none did.

    Must run in the decision's transaction.
    """
    found = open_contest(case)
    if found is None:
        return None
    Contest.objects.filter(pk=found.pk, answer=None).update(answer=decision)
    data = {
        "contest": found.pk,
        "decision": decision.pk,
        "outcome": decision.outcome,
        "changed": decision.outcome != found.decision.outcome,
    }
    record("contest.answered", by=by, case_id=case.pk, pipeline=case.definition.slug, data=data)
    tell(case, Told("contest.answered", f"contest:{found.pk}", decision.decided_at, data))
    return found
