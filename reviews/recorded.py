"""What a case's record names: the people in it, its reviews, and the decisions that were superseded."""

from django.utils.translation import gettext as _

from accounts.models import User
from cases.models import Case, Decision
from reviews.casefile import CaseFile
from reviews.models import Queue, Reopening, ReopeningCase, Review
from reviews.presenting.histories import Names
from reviews.veiling import veiled_reviews


def names_in(file: CaseFile) -> Names:
    """What the ids in a case's history are called."""
    people = {int(event.actor_id) for event in file.events if event.actor_kind == "user"}
    people |= {event.data["for"] for event in file.events if "for" in event.data}
    queues = Queue.objects.filter(pipeline=file.case.pipeline_id)
    return Names(
        definition=file.definition,
        people={str(user.pk): user.shown_name for user in User.objects.filter(pk__in=people)},
        clients={str(file.case.client_id): file.case.client.name},
        queues={key: _(queue.name) for queue in queues for key in (str(queue.pk), queue.slug)},
    )


def reviews_of(found: Case) -> list[Review]:
    """The reviews of a case that its reader may know of, in order."""
    given = Review.objects.filter(case=found, undone_at=None)
    loaded = given.select_related("reviewer", "reply__slot", "route")
    return [*veiled_reviews(loaded.prefetch_related("corrections__review").order_by("id"), found)]


def superseded_in(found: Case) -> tuple[list[Decision], list[Reopening]]:
    """The case's superseded decisions and the reopenings that did it, in order."""
    decisions = Decision.objects.filter(case=found, superseded_at__isnull=False).order_by("id")
    rows = ReopeningCase.objects.select_related("reopening__opened_by").order_by("done_at")
    done = rows.filter(case=found, result=ReopeningCase.Result.REOPENED)
    return list(decisions), [row.reopening for row in done]
