"""Of what is said in a message: is it so now, of the person it is about? Pure; for English.

After NegEx (W. Chapman et al., A simple algorithm for identifying negated findings and diseases in
discharge summaries, J Biomed Inform 2001;34:301) and ConText (H. Harkema et al., ConText: an algorithm
for determining negation, experiencer, and temporal status from clinical reports, J Biomed Inform
2009;42:839): words that deny, date or attribute a finding have a scope, which words such as "but" end.

Unlike these it reads people who are unwell, not discharge summaries, and what it takes for absent may
cost a life. So a scope is as short as can be: between the word and the finding may stand nothing but
words that are known to change nothing ("no sign of any"), or a list whose last item is joined by "or".
Everything else, and so all that is unclear, is said of the person now. The person is whoever the message
is about: the writer, a child, somebody cared for. Another one is who had something in the past.
"""

import re
from collections.abc import Set
from datetime import date

from inference.contextwords import (
    AFTER_DENIALS,
    ANSWERS,
    ASKED_WITH,
    ASKING,
    BORDER,
    CLAUSE_WORDS,
    DENIALS,
    DURATIONS,
    EVENTS,
    FAMILY,
    FILLERS,
    HAVING,
    HISTORY,
    KIN,
    LIST_WORDS,
    LONG_AGO,
    NEGATIVES,
    OF_KIN,
    OTHERS_PRONOUNS,
    OWN,
    PAST_FOLLOWERS,
    PAST_FRAME,
    PAST_VERBS,
    POSSIBILITIES,
    PRESENT_VERBS,
    RECENTLY,
    RULED_OUT,
    SELF,
    TERMINATORS,
    UNLIKE,
    UNTIL_NOW,
    YEAR,
)
from inference.phrases import Phrase, Place, Text, finds, number

PRESENT, NEGATED, OTHER, PAST, HYPOTHETICAL = "present", "negated", "other", "past", "hypothetical"

REACH = 40
"""How many words away a word can be that tells how another is meant, at most."""


def status_of(
    text: Text, place: Place, phrase: Phrase, on: date, others: Set[int] = frozenset()
) -> str:
    """How some words of a text are meant: one of the five; `on` is the day that it was written.

    `others` are words that the phrase has in other places: they say what is there and deny nothing.
    """
    if is_negated(text, place, phrase, others):
        return NEGATED
    if is_of_another(text, place, on):
        return OTHER
    if is_past(text, place, on):
        return PAST
    if is_possible(text, place):
        return HYPOTHETICAL
    return PRESENT


def clause(text: Text, place: Place) -> Place:
    """The clause around a place: as far as no sentence, no bracket and no "but" ends it."""
    first, last = place
    while first > max(0, place[0] - REACH) and not is_border(text, first):
        first -= 1
    while last < min(len(text.words), place[1] + REACH) and not is_border(text, last):
        last += 1
    return first, last


def is_border(text: Text, index: int) -> bool:
    """Whether a clause begins with a word."""
    return (
        text.sentence[index] != text.sentence[index - 1]
        or text.words[index] in TERMINATORS
        or BORDER.search(text.before[index]) is not None
    )


def after_comma(text: Text, index: int) -> bool:
    """Whether a comma or the like stands before a word."""
    return any(mark in text.before[index] for mark in ",/&+")


def back_over(text: Text, index: int, first: int, words: frozenset[str]) -> int:
    """The first of the words before `index` that are all among `words`, with no comma between."""
    while index > first and not after_comma(text, index) and text.words[index - 1] in words:
        index -= 1
    return index


def comes_after(text: Text, phrases: tuple[Phrase, ...], start: int, end: int) -> bool:
    """Whether one of the phrases is said between two words."""
    return any(
        start <= place[0] and place[1] <= end
        for phrase in phrases
        for place in finds(phrase, text)[0]
    )


def is_negated(text: Text, place: Place, phrase: Phrase, others: Set[int]) -> bool:
    """Whether the words say that it is not there."""
    first, last = clause(text, place)
    if is_answered_no(text, place):
        return True
    inside = [
        index
        for index in range(place[0] + 1, place[1])
        if text.words[index] in DENIALS | NEGATIVES and text.words[index] not in phrase.letters
    ]
    if inside:
        return denies_to(text, inside[-1], place[1] - 1)
    denied = denied_by(text, place, first, last)
    if denied is None or denied in others:
        return False
    if comes_after(text, UNTIL_NOW, place[0], min(place[1] + 6, end_of(text, place))):
        return False
    if denied == first:
        return text.words[denied] not in ASKED_WITH
    return text.words[denied - 1] not in DENIALS | NEGATIVES | {"cant", "cannot"}


def denies_to(text: Text, denied: int, last: int) -> bool:
    """Whether a word that denies in the midst of what is said denies it to its last word.

    "my chest doesn't hurt", but also what begins anew behind a comma: "my chest is fine, no back pain".
    """
    if back_over(text, last, denied + 1, FILLERS) == denied + 1 and not after_comma(text, last):
        return True
    rest = range(denied + 1, last + 1)
    return (
        text.words[denied] in DENIALS
        and after_comma(text, denied)
        and len(rest) <= 4
        and not any(after_comma(text, index) for index in rest)
        and not any(text.words[index] in CLAUSE_WORDS | TERMINATORS for index in rest)
    )


def end_of(text: Text, place: Place) -> int:
    """The index after the last word of the sentence."""
    last = place[1]
    while (
        last < min(len(text.words), place[1] + REACH)
        and text.sentence[last] == text.sentence[place[1] - 1]
    ):
        last += 1
    return last


def is_answered_no(text: Text, place: Place) -> bool:
    """Whether the words are a question or heading with "no" behind it, or said to be ruled out."""
    end = place[1]
    if any(found[0] - end in (0, 1) for found in finds(RULED_OUT, text)[0]):
        return True
    if end >= len(text.words) or text.words[end] not in ANSWERS:
        return False
    behind = text.before[end + 1].strip(" ")
    return re.search(r"[:?=–-]", text.before[end]) is not None and (
        behind[:1] in {",", ".", ";", "!", "\n", ")"} or end + 1 == len(text.words)
    )


def denied_by(text: Text, place: Place, first: int, last: int) -> int | None:
    """The word that denies what is said, if one does."""
    at = back_over(text, place[0], first, FILLERS)
    joined = at > first and text.words[at - 1] in LIST_WORDS
    if at > first and not after_comma(text, at) and not joined:
        return at - 1 if text.words[at - 1] in DENIALS | NEGATIVES else None
    if at <= first or not (joined or is_joined_later(text, place[1], last)):
        return None
    return list_denied_by(text, at - 1 if joined else at, first)


def is_joined_later(text: Text, start: int, last: int) -> bool:
    """Whether a list goes on behind a comma, and "or" joins its last item."""
    length = 0
    for index in range(start, last):
        if text.words[index] in LIST_WORDS:
            return True
        length = 0 if after_comma(text, index) else length + 1
        if text.words[index] in CLAUSE_WORDS or length > 4 or (index == start and length):
            return False
    return False


def list_denied_by(text: Text, at: int, first: int) -> int | None:
    """The word that denies the list whose items stand before `at`, if one does."""
    length = 0
    while at > first:
        word = text.words[at - 1]
        if word in HAVING or word == "any":
            at = back_over(text, at, first, FILLERS)
            return at - 1 if at > first and text.words[at - 1] in DENIALS | NEGATIVES else None
        if word in DENIALS:
            empty = after_comma(text, at) or text.words[at] in AFTER_DENIALS
            return None if empty else at - 1
        if word in CLAUSE_WORDS | NEGATIVES or length > 4:
            return None
        length = 0 if word in LIST_WORDS or after_comma(text, at) else length + 1
        at -= 1
    return None


def is_past(text: Text, place: Place, on: date) -> bool:
    """Whether the words say that it was long ago, and nothing that it is so now."""
    first, last = clause(text, place)
    if is_recent(text, first, last):
        return False
    at = back_over(text, place[0], first, FILLERS)
    for start, end in [each for phrase in HISTORY for each in finds(phrase, text)[0]]:
        if at <= end <= place[0] and (start == 0 or text.words[start - 1] not in DURATIONS):
            return True
    return any(dates(text, place, long_ago, first, last) for long_ago in long_ago_in(text, on))


def is_recent(text: Text, first: int, last: int) -> bool:
    """Whether words between two say that it is so now, or was a short while ago."""
    return comes_after(text, RECENTLY, first, last)


def long_ago_in(text: Text, on: date) -> list[Place]:
    """Where a text speaks of times long ago."""
    years = [
        (start, end)
        for start, end in finds(YEAR, text)[0]
        if number(text.words[end - 1]) < on.year and text.words[start] != "since"
    ]
    return years + [place for phrase in LONG_AGO for place in finds(phrase, text)[0]]


def dates(text: Text, place: Place, long_ago: Place, first: int, last: int) -> bool:
    """Whether a time that is said is when it was."""
    if place[1] <= long_ago[0] and long_ago[1] <= last:
        between = text.words[place[1] : long_ago[0]]
        before = text.words[max(first, place[0] - 4) : place[0]]
        commas = any(after_comma(text, index) for index in range(place[1], long_ago[0]))
        perfect = "had" in before
        now = set(before) & PRESENT_VERBS and not perfect
        return (
            len(between) <= 4
            and not commas
            and not set(between) & (UNLIKE | PRESENT_VERBS)
            and not now
        )
    if first <= long_ago[0] and long_ago[1] <= place[0]:
        between = text.words[long_ago[1] : place[0]]
        commas = any(after_comma(text, index) for index in range(long_ago[1] + 1, place[0] + 1))
        return bool(set(between) & PAST_VERBS) and set(between) <= PAST_FRAME and not commas
    return False


def is_of_another(text: Text, place: Place, on: date) -> bool:
    """Whether the words say that somebody else had it, and the message is not about them."""
    first, last = clause(text, place)
    end = end_of(text, place)
    start = place[0]
    while start > max(0, place[0] - REACH) and text.sentence[start - 1] == text.sentence[place[0]]:
        start -= 1
    if is_recent(text, start, end):
        return False
    if comes_after(text, FAMILY, first, last):
        return True
    who = next(
        (
            index
            for index in reversed(range(start, place[0]))
            if text.words[index] in KIN | OWN | OF_KIN | SELF
        ),
        None,
    )
    if who is None or text.words[who] in SELF or is_about_others(text, place):
        return False
    between = text.words[who + 1 : place[0]]
    if text.words[who] in OF_KIN and text.words[who] not in KIN:
        return set(between) <= FILLERS and set(text.words[place[0] : place[1]]) <= EVENTS
    if not (set(between) & PAST_VERBS and set(between) <= PAST_FRAME):
        return False
    died = set(text.words[start:end]) & {"died", "passed"}
    return text.words[who] in KIN or bool(died) or is_past(text, place, on)


def is_about_others(text: Text, place: Place) -> bool:
    """Whether a message speaks of others as they are now, or asks for help at once."""
    sentence = text.sentence[place[0]]
    for index, word in enumerate(text.words):
        after = set(text.words[index + 1 : index + 2])
        if word in OTHERS_PRONOUNS and not after & PAST_FOLLOWERS:
            return True
        if word in {"her", "them"} and text.sentence[index] != sentence:
            return True
        if word in KIN | OWN and after & (PRESENT_VERBS | {"isnt", "cant", "cannot", "wont"}):
            return True
    return bool(set(text.words) & {"help", "ambulance", "urgent", "urgently", "emergency"})


def is_possible(text: Text, place: Place) -> bool:
    """Whether the words speak of what could be one day, or of such things in general."""
    first, _ = clause(text, place)
    at = back_over(text, place[0], first, FILLERS | {"another"})
    for start, end in [each for phrase in POSSIBILITIES for each in finds(phrase, text)[0]]:
        before = text.words[start - 1] if start else ""
        asked = before in ASKING or (text.words[start] == "risk" and before == "at")
        if first <= start and at <= end <= place[0] and not asked:
            return True
    return False
