"""Comments: a word to colleagues beside the case, and who is told of it by an @mention.

No part of the decision's record: what is to stand there is quoted into an explanation.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit import vault
from audit.actors import Actor
from audit.events import record
from cases.models import Case
from reviews.colleagues import holders
from reviews.models import Comment, Notice, Queue, QueueEntry
from reviews.notices import tell

LONGEST = 2000
"""Characters of a comment."""
MENTION = re.compile(r"(?<![\w@.+-])@(?!@)([\w.@+-]+)")
"""A user name (Django's own characters for it) after an @ that no word or address runs into."""
WORKING = ("review", "second_review", "supervise")


@dataclass(frozen=True, slots=True)
class Written:
    """A comment that was kept, whom it mentions, and the names in it that are nobody's here."""

    comment: Comment
    mentioned: tuple[User, ...]
    unknown: tuple[str, ...]


@transaction.atomic
def comment_on(case: Case, text: str, *, author: User, by: Actor) -> Written:
    """Keeps a comment, sealed, and tells those whom it mentions and who may work on the case."""
    comment = Comment(case=case, author=author)
    purpose, opened = purpose_of(comment), vault.of(case.pk)
    comment.sealed_text = opened.seal(purpose, text.encode())
    comment.save(force_insert=True)
    known = {person.username.lower(): person for person in colleagues_on(case)}
    mentioned, unknown = mentions(text, known)
    told = [person for person in mentioned if person != author]
    tell(told, Notice.Kind.MENTIONED, case.pk, about=author, comment=comment)
    record(
        "comment.written",
        by=by,
        case_id=case.pk,
        pipeline=case.pipeline.slug,
        data={"comment": str(comment.pk), "mentioned": [person.pk for person in mentioned]},
        commitments={purpose: opened.commitment(purpose, text)},
    )
    return Written(comment, tuple(mentioned), tuple(unknown))


def purpose_of(comment: Comment) -> str:
    """What a comment's text is sealed for."""
    return f"comment:{comment.pk}"


def mentions(text: str, known: Mapping[str, User]) -> tuple[list[User], list[str]]:
    """The people that a text mentions, each once, and the names in it that nobody has.

    A name may end in a dot that ends the sentence instead.
    """
    people: dict[int, User] = {}
    unknown: list[str] = []
    for name in MENTION.findall(text):
        person = known.get(name.lower()) or known.get(name.rstrip(".+-@").lower())
        if person is not None:
            people[person.pk] = person
        else:
            unknown.append(name.rstrip(".+-@"))
    return list(people.values()), [name for name in dict.fromkeys(unknown) if name]


def colleagues_on(case: Case) -> QuerySet[User]:
    """Those who may work on a case: on its queue, or once it has left that on its pipeline's."""
    waiting = QueueEntry.objects.filter(case=case).select_related("route").first()
    if waiting is None:
        queues = list(Queue.objects.filter(pipeline=case.pipeline_id).values_list("pk", flat=True))
    else:
        both = (waiting.queue_id, waiting.route.second_review_queue_id)
        queues = [queue for queue in both if queue is not None]
    granted = holders(queues).items()
    ids = {person for (_, right), people in granted if right in WORKING for person in people}
    return User.objects.filter(pk__in=ids).order_by("first_name", "last_name", "username")


def comments_on(case: Case) -> list[Comment]:
    """The comments on a case, the first one first."""
    return list(Comment.objects.filter(case=case).select_related("author").order_by("id"))
