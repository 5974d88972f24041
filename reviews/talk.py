"""What is said beside a case, loaded in two statements and told as far as the reader may know it."""

from accounts.models import User
from reviews.casefile import CaseFile
from reviews.commenting import comments_on
from reviews.holding import may_take_up
from reviews.models import Hold
from reviews.presenting.talking import Talk, aside, said
from reviews.rights import Rights


def talk_beside(file: CaseFile, reader: User, rights: Rights, *, independent: bool) -> Talk:
    """The comments and holds of a case. An `independent` judge is told nothing that others said."""
    comments = [
        comment
        for comment in comments_on(file.case)
        if not independent or comment.author_id == reader.pk
    ]
    holds = Hold.objects.filter(case=file.case).select_related("held_by").order_by("id")
    asides = [
        aside(hold, file.definition, file.opened, reader=reader, independent=independent)
        for hold in holds
    ]
    return Talk(
        comments=said(comments, file.opened),
        hidden=independent,
        hold=next((each for each in asides if not each.ended), None),
        before=[each for each in asides if each.ended],
        may_take_up=file.entry is not None and may_take_up(file.entry, reader, rights),
    )
