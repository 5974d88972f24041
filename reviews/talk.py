"""What is said beside a case, told as far as the reader may know it.

All of it is events of the case, which are known already: where there is none, nothing is asked for.
"""

from accounts.models import User
from reviews.casefile import CaseFile
from reviews.commenting import comments_on
from reviews.holding import EVENTS, holds_of, may_take_up
from reviews.presenting.talking import Talk, aside, said
from reviews.rights import Rights
from reviews.veiling import told_since


def talk_beside(file: CaseFile, reader: User, rights: Rights, *, independent: bool) -> Talk:
    """The comments and holds of a case. An `independent` judge is told nothing that others said."""
    since = told_since(file.case)
    happened = {event.type for event in file.events}
    comments = [
        comment
        for comment in (comments_on(file.case) if "comment.written" in happened else ())
        if (not independent or comment.author_id == reader.pk)
        and (since is None or comment.written_at > since)
    ]
    asides = [
        aside(hold, file.definition, file.opened, reader=reader, independent=independent)
        for hold in (holds_of(file.case) if happened.intersection(EVENTS.values()) else ())
        if since is None or hold.held_at > since
    ]
    return Talk(
        comments=said(comments, file.opened),
        hidden=independent,
        hold=next((each for each in asides if not each.ended), None),
        before=[each for each in asides if each.ended],
        may_take_up=file.entry is not None and may_take_up(file.entry, reader, rights),
    )
