"""What is said beside a case: comments, why it was set aside, what the upstream was asked and answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from audit.vault import Vault
from cases.definition import Definition
from reviews.asking import question_of
from reviews.commenting import MENTION, purpose_of
from reviews.holding import answer_of, words_of
from reviews.models import Comment, Hold


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; `mention` where it names somebody."""

    text: str
    mention: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A comment."""

    id: UUID
    who: str
    at: datetime
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """A time for which a case was set aside, or is; words that are not to be seen yet are empty.

    `about` are the papers and fields that a question concerns, in words.
    """

    question: bool
    who: str
    since: datetime
    until: datetime
    ended: str
    ended_at: datetime | None
    words: str
    about: tuple[str, ...]
    answer: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """All that is said beside a case. `hidden`: what others said is not to be seen yet."""

    comments: Sequence[Said]
    hidden: bool
    hold: Aside | None
    before: Sequence[Aside]
    may_take_up: bool


def said(comments: Sequence[Comment], opened: Vault) -> list[Said]:
    """Comments, opened."""
    return [
        Said(
            id=comment.pk,
            who=comment.author.shown_name,
            at=comment.written_at,
            parts=parts(opened.open(purpose_of(comment), comment.sealed_text).decode()),
        )
        for comment in comments
    ]


def parts(text: str) -> tuple[Part, ...]:
    """A text with the names after an @ set apart."""
    found, at = [], 0
    for match in MENTION.finditer(text):
        found += [Part(text[at : match.start()], False), Part(match[0], True)]
        at = match.end()
    found.append(Part(text[at:], False))
    return tuple(part for part in found if part.text)


def aside(
    hold: Hold, definition: Definition, opened: Vault, *, reader: User, independent: bool
) -> Aside:
    """A hold in words: somebody else's say nothing to an `independent` judge."""
    hidden = independent and hold.held_by_id != reader.pk
    question = hold.kind == Hold.Kind.QUESTION
    words, answer, about = "", "", tuple[str, ...]()
    if not hidden:
        words = opened.open_json(words_of(hold.pk), hold.sealed_words)["text"]
        about = concerned(hold, definition, opened) if question else ()
        if hold.sealed_answer:
            answer = opened.open_json(answer_of(hold.pk), hold.sealed_answer)["text"]
    return Aside(
        question=question,
        who=hold.held_by.shown_name,
        since=hold.held_at,
        until=hold.follow_up_at,
        ended=hold.ended,
        ended_at=hold.ended_at,
        words=words,
        about=about,
        answer=answer,
        hidden=hidden,
    )


def concerned(hold: Hold, definition: Definition, opened: Vault) -> tuple[str, ...]:
    """The papers and fields that a question concerns, by their names for people."""
    question = question_of(hold, opened)
    papers = [spec.name for spec in definition.documents if spec.kind in question.documents]
    fields = [spec.label for spec in definition.fields if spec.name in question.fields]
    return (*papers, *fields)
