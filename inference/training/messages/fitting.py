"""Fitting a text model: multinomial logistic regression over terms, and its temperature.

Beside the terms themselves the regression sees how many words of a message have a meaning in common
(concepts.toml). What it learns of a meaning is then added to each of its words, so that the model that
is written is a table of words alone: it knows words that no message of the training part had.
"""

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from inference.runtimes.terms import DENIED, folded, stem, terms_of, words_of
from inference.training.messages.making import URGENCIES, Message

PENALTY: Final = 5.0
"""Of the squared weights (L2)."""
LEAST: Final = 3
"""In how many wordings two words have to follow one another for that to count as a term."""
DIGITS: Final = 3
"""To which the weights are rounded."""
MEANING: Final = "~"
TEMPERATURES: Final = tuple(step / 20 for step in range(8, 61))

Weights = dict[str, tuple[float, ...]]
"""A term's weights by outcome, in the order of URGENCIES; the empty term has the intercepts."""


@cache
def lexicon() -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
    """The meanings of each stem, and the stems that say nothing."""
    read = tomllib.loads(Path(__file__).with_name("concepts.toml").read_text(encoding="utf-8"))
    meanings: dict[str, set[str]] = defaultdict(set)
    for meaning, words in read["means"].items():
        for word in words.split():
            meanings[stem(folded(word))].add(meaning)
    empty = frozenset(stem(folded(word)) for word in read["empty"].split()) - meanings.keys()
    return {word: tuple(sorted(each)) for word, each in meanings.items()}, empty


def bag(text: str) -> dict[str, int]:
    """The terms of a text, each once, and how many of its words have each meaning."""
    meanings, empty = lexicon()
    counted: dict[str, int] = defaultdict(int)
    for term in {term for term, _ in terms_of(words_of(text))}:
        stems = [each.removeprefix(DENIED) for each in term.split()]
        if all(each in empty for each in stems):
            continue
        counted[term] = 1
        if len(stems) == 1:
            for meaning in meanings.get(stems[0], ()):
                counted[meant(term, meaning)] += 1
    return counted


def meant(term: str, meaning: str) -> str:
    """A meaning as a term, denied as the word is that has it."""
    return (DENIED if term.startswith(DENIED) else "") + MEANING + meaning


def fit(messages: Sequence[Message]) -> Weights:
    """The weights that messages teach; those of meanings already added to their words."""
    bags = [bag(message.text) for message in messages]
    kept = frequent(messages, bags)
    rows = DictVectorizer()
    inputs = rows.fit_transform(
        [{term: each[term] for term in each if term in kept} for each in bags]
    )
    truth = [URGENCIES.index(message.urgency) for message in messages]
    fitted = LogisticRegression(C=1 / PENALTY, solver="newton-cg", tol=1e-6, max_iter=200)
    fitted.fit(inputs, truth)
    columns = zip(rows.feature_names_, fitted.coef_.T.tolist(), strict=True)
    learnt = {"": tuple(fitted.intercept_.tolist())} | {
        term: tuple(weights) for term, weights in columns
    }
    stems = {word.stem for message in messages for word in words_of(message.text)}
    return by_word(learnt, stems)


def frequent(messages: Sequence[Message], bags: Sequence[Mapping[str, int]]) -> set[str]:
    """The terms that count: every word, and two in a row that several wordings have."""
    seen: dict[str, set[str]] = defaultdict(set)
    for message, each in zip(messages, bags, strict=True):
        for term in each:
            seen[term].add(message.wording)
    return {term for term, wordings in seen.items() if " " not in term or len(wordings) >= LEAST}


def by_word(learnt: Weights, stems: Iterable[str]) -> Weights:
    """The weights with those of meanings added to their words; each known word has some, if only 0."""
    meanings, empty = lexicon()
    nothing = (0.0,) * len(URGENCIES)
    told = {term: weights for term, weights in learnt.items() if MEANING not in term}
    for word in sorted({*stems, *meanings, *empty}):
        for term in (word, DENIED + word):
            parts = [learnt.get(meant(term, each), nothing) for each in meanings.get(word, ())]
            parts.append(told.get(term, nothing))
            told[term] = tuple(math.fsum(column) for column in zip(*parts, strict=True))
    return told


def points(weights: Weights, heat: float) -> Weights:
    """The weights at a temperature as points to a few digits, which add up to 0 but for rounding.

    A term without any points stays only where it is a word by itself: it is then known.
    """
    short = {term: moved([each / heat for each in weights[term]]) for term in weights}
    return {
        term: each
        for term, each in sorted(short.items())
        if any(each) or (" " not in term and not term.startswith(DENIED))
    }


def moved(weights: Sequence[float]) -> tuple[float, ...]:
    """The weights, moved so that they add up to nothing, which changes no odds; rounded."""
    mean = math.fsum(weights) / len(weights)
    return tuple(round(each - mean, DIGITS) + 0.0 for each in weights)


def temperature(logits: Sequence[Sequence[float]], truth: Sequence[int]) -> float:
    """What the logits have to be divided by so that the truth is likeliest under them."""
    return min(TEMPERATURES, key=lambda each: surprise(logits, truth, each))


def surprise(logits: Sequence[Sequence[float]], truth: Sequence[int], heat: float) -> float:
    """The mean negative log-likelihood of the truth under logits divided by `heat`."""
    total = 0.0
    for row, true in zip(logits, truth, strict=True):
        scaled = [each / heat for each in row]
        largest = max(scaled)
        total += largest + math.log(math.fsum(math.exp(each - largest) for each in scaled))
        total -= scaled[true]
    return total / len(truth)
