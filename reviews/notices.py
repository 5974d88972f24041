"""Notices: what a person should hear of, until they have seen it."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from audit.models import ClockTimestamp
from reviews.models import Comment, Notice


def tell(
    people: Iterable[User],
    kind: Notice.Kind,
    case_id: UUID,
    *,
    about: User | None = None,
    comment: Comment | None = None,
) -> None:
    """Puts a notice into each person's list; `about` is who did it. Must run in a transaction."""
    Notice.objects.bulk_create(
        Notice(person=person, kind=kind, case_id=case_id, by=about, comment=comment)
        for person in people
    )


def unseen(person: User) -> list[Notice]:
    """What the person has not seen yet, newest first, each with its case's place in a queue."""
    found = Notice.objects.filter(person=person, seen_at=None)
    return list(
        found.select_related("case__queue_entry__route", "by").defer("case__sealed_data")[:100]
    )


def unseen_count(person: User) -> int:
    """How many there are of them; counted to a hundred."""
    return Notice.objects.filter(person=person, seen_at=None)[:100].count()


def see_all(*, person: User) -> None:
    """Takes everything from the person's list."""
    Notice.objects.filter(person=person, seen_at=None).update(seen_at=ClockTimestamp())


def see(case_id: UUID, *, person: User) -> None:
    """Takes what is told of a case from the person's list: they have opened it."""
    mine = Notice.objects.filter(person=person, case_id=case_id, seen_at=None)
    mine.update(seen_at=ClockTimestamp())
