"""A text model: log-odds of every outcome as a sum over a message's words, each with its share.

A multinomial logistic regression over the terms of `inference.runtimes.terms`. It is a table that a person
can read (points.tsv: a term and its points for each outcome; the empty term is what is added for nothing).
A term counts once, however often it is said. Answers are plain sums, so each word's share of them is exact.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from inference.runtimes.answers import (
    BadFeatures,
    BadScore,
    Evidence,
    Score,
    likeliest,
)
from inference.runtimes.terms import DENIED, Word, terms_of, words_of

LONGEST: Final = 20_000
"""Characters of a text that are still read."""
SLIP_FROM: Final = 5
"""Letters from which on a known stem may have been written with a slip in it."""

Points = tuple[float, ...]
"""What something adds to each outcome, in the order of the model's outcomes."""


@dataclass(frozen=True, slots=True)
class TextModel:
    """One model version: its points, and `facts`, all that its model.json says.

    `stems` are the words that it knows. Of a text that consists of them by less than `known_share` it
    says nothing.
    """

    name: str
    version: int
    outcomes: tuple[str, ...]
    intercept: Points
    points: Mapping[str, Points]
    stems: tuple[str, ...]
    known_share: float
    sha256: str
    facts: Mapping[str, Any]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """None: it looks at a text alone."""
        return ()

    def answer(self, features: Mapping[str, object], text: str = "") -> Score:
        """What the model says of a text; it looks at nothing beside it.

        Raises BadFeatures for a text of which it knows too few words to say anything, and for features;
        BadScore where its sums are no probabilities.
        """
        if features:
            raise BadFeatures(f"the model has no feature {', '.join(sorted(features))}")
        words = self.understood(text)
        shares = self.shares(words)
        probabilities = self.probabilities(shares)
        outcome = likeliest(probabilities)
        return Score(
            probabilities=probabilities,
            outcome=outcome,
            confidence=probabilities[outcome],
            contributions=(),
            evidence=tuple(
                Evidence(word.start, word.end, dict(zip(self.outcomes, points, strict=True)))
                for word, points in zip(words, shares, strict=True)
                if any(points)
            ),
        )

    def understood(self, text: str) -> list[Word]:
        """The words of a text, those with a slip of the pen put right; raises BadFeatures."""
        if len(text) > LONGEST:
            raise BadFeatures("the text is too long")
        words = words_of(text)
        known = set(self.stems)
        read = [word if word.stem in known else self.put_right(word) for word in words]
        told = sum(word.stem in known for word in read)
        if not told or told < self.known_share * len(words):
            raise BadFeatures("the model knows too few words of the text")
        return read

    def put_right(self, word: Word) -> Word:
        """The word as the known one that it differs from by one letter, if there is one."""
        if len(word.stem) < SLIP_FROM - 1:
            return word
        near = process.extractOne(word.stem, self.stems, scorer=OSA.distance, score_cutoff=1)
        if near is None or len(near[0]) < SLIP_FROM:
            return word
        return Word(word.start, word.end, near[0], word.denied, word.clause)

    def shares(self, words: list[Word]) -> list[Points]:
        """What each word adds: its part of the points of every term that it belongs to."""
        where: dict[str, list[int]] = {}
        for term, places in terms_of(words):
            if term in self.points:
                where.setdefault(term, []).extend(places)
        shares = [[0.0] * len(self.outcomes) for _ in words]
        for term, found in where.items():
            for place in found:
                for at, earned in enumerate(self.points[term]):
                    shares[place][at] += earned / len(found)
        return [tuple(share) for share in shares]

    def probabilities(self, shares: list[Points]) -> dict[str, float]:
        """The softmax of all shares and the intercept; raises BadScore where that is no number."""
        sums = [math.fsum(column) for column in zip(self.intercept, *shares, strict=True)]
        if not all(map(math.isfinite, sums)):
            raise BadScore("the model answered with something that is no number")
        powers = [math.exp(each - max(sums)) for each in sums]
        chances = [power / math.fsum(powers) for power in powers]
        return dict(zip(self.outcomes, chances, strict=True))


def from_files(facts: Mapping[str, Any], directory: Path) -> TextModel:
    """The text model of a directory with the table that `facts` name; raises as `load` does."""
    return text_model(facts, (directory / facts["table"]["file"]).read_bytes())


def text_model(facts: Mapping[str, Any], table: bytes) -> TextModel:
    """The model that `facts` describe; raises BadScore where `table` has another SHA-256."""
    digest = hashlib.sha256(table).hexdigest()
    if digest != facts["table"]["sha256"]:
        raise BadScore("points.tsv is not the file that model.json describes")
    header, *lines = table.decode("utf-8").rstrip("\n").split("\n")
    outcomes = tuple(facts["outcomes"])
    if header.split("\t") != ["term", *outcomes]:
        raise BadScore("points.tsv is of other outcomes than model.json says")
    points = {term: tuple(map(float, rest)) for term, rest in map(split, lines)}
    if any(len(each) != len(outcomes) for each in points.values()):
        raise BadScore("a term has not its points for each outcome")
    return TextModel(
        name=facts["name"],
        version=facts["version"],
        outcomes=outcomes,
        intercept=points.pop(""),
        stems=tuple(sorted({each.lstrip(DENIED) for each in points if single(each)})),
        points=points,
        known_share=facts["known_share"],
        sha256=digest,
        facts=facts,
    )


def split(line: str) -> tuple[str, list[str]]:
    """A line's term and its points."""
    term, *points = line.split("\t")
    return term, points


def single(term: str) -> bool:
    """Whether a term is a word by itself."""
    return " " not in term
