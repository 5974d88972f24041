"""What a case's record names: the people in it, its reviews, and the decisions that were superseded."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.models import User
from audit.models import Event
from cases.definition import Definition
from cases.models import Case, Decision
from reviews.casefile import CaseFile
from reviews.models import Queue, Reopening, ReopeningCase, Review
from reviews.presenting.histories import Names
from reviews.presenting.masks import masked_told
from reviews.presenting.record import Told, told
from reviews.replying import reply_of
from reviews.veiling import veiled_reviews


def names_in(file: CaseFile) -> Names:
    """What the ids in a case's history are called."""
    return names_of(file.case, file.definition, file.events)


def names_of(case: Case, definition: Definition, events: Sequence[Event]) -> Names:
    """What the ids in these events of a case are called."""
    people = {int(event.actor_id) for event in events if event.actor_kind == "user"}
    people |= {event.data["for"] for event in events if "for" in event.data}
    queues = Queue.objects.filter(pipeline=case.pipeline_id)
    return Names(
        definition=definition,
        people={str(user.pk): user.shown_name for user in User.objects.filter(pk__in=people)},
        clients={str(case.client_id): case.client.name},
        queues={key: _(queue.name) for queue in queues for key in (str(queue.pk), queue.slug)},
    )


def reviews_of(found: Case) -> list[Review]:
    """The reviews of a case that its reader may know of, in order."""
    given = Review.objects.filter(case=found, undone_at=None)
    loaded = given.select_related("reviewer", "reply__slot", "route", "signature")
    return [*veiled_reviews(loaded.prefetch_related("corrections__review").order_by("id"), found)]


def superseded_in(found: Case) -> tuple[list[Decision], list[Reopening]]:
    """The case's decisions that reopenings superseded, and these, in order; contests stand by themselves."""
    gone = Decision.objects.filter(case=found, superseded_at__isnull=False, contest=None)
    decisions = gone.order_by("id")
    rows = ReopeningCase.objects.select_related("reopening__opened_by").order_by("done_at")
    done = rows.filter(case=found, result=ReopeningCase.Result.REOPENED)
    return list(decisions), [row.reopening for row in done]


def sent_by_itself(decision: Decision, file: CaseFile) -> Told | None:
    """What the person was told with a decision that no person made."""
    if not file.definition.replies or decision.made_by != Decision.MadeBy.POLICY:
        return None
    reply = reply_of(decision)
    return masked_told(told(reply, file.opened), file.hidden) if reply else None
