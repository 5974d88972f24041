"""A text model: log-odds of every outcome as a sum over a message's words, each with its share.

A multinomial logistic regression over the terms of `inference.runtimes.terms`. Its weights are a table
that a person can read (weights.tsv: a term and its points for each outcome); a term counts once, however
often it is said. Answers are plain sums of that table, so each word's share of them is exact.
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
    Contribution,
    Evidence,
    Score,
    direction,
    likeliest,
)
from inference.runtimes.answers import marked as _
from inference.runtimes.terms import DENIED, Word, terms_of, words_of

LONGEST: Final = 20_000
"""Characters of a text that are still read."""
SLIP_FROM: Final = 5
"""Letters from which on a stem may be a known one with a slip in it."""

Points = tuple[float, ...]
"""What something adds to each outcome, in the order of the model's outcomes; their sum is 0."""


@dataclass(frozen=True, slots=True)
class Category:
    """An input beside the text: one of some words. `points` are those of its values."""

    name: str
    label: str
    words: Mapping[str, str]
    points: Mapping[str, Points]


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
    categories: tuple[Category, ...]
    known_share: float
    sha256: str
    facts: Mapping[str, Any]

    def answer(self, features: Mapping[str, object], text: str = "") -> Score:
        """What the model says of a text and of what is known beside it.

        Raises BadFeatures for a text of which it knows too few words to say anything, and for a feature
        that it doesn't have or of the wrong type; BadScore where its sums are no probabilities.
        """
        unknown = features.keys() - {category.name for category in self.categories}
        if unknown:
            raise BadFeatures(f"the model has no feature {', '.join(sorted(unknown))}")
        words = self.understood(text)
        shares = self.shares(words)
        beside = [
            self.beside(category, features.get(category.name)) for category in self.categories
        ]
        probabilities = self.probabilities([self.intercept, *shares, *beside])
        outcome = likeliest(probabilities)
        place = self.outcomes.index(outcome)
        return Score(
            probabilities=probabilities,
            outcome=outcome,
            confidence=probabilities[outcome],
            contributions=tuple(
                contribution(category, features.get(category.name), round(points[place], 6))
                for category, points in zip(self.categories, beside, strict=True)
            ),
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
        if len(word.stem) < SLIP_FROM:
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
        for term, places in where.items():
            for place in places:
                for at, points in enumerate(self.points[term]):
                    shares[place][at] += points / len(places)
        return [tuple(share) for share in shares]

    def beside(self, category: Category, value: object) -> Points:
        """What a feature beside the text adds; nothing where it is absent or unknown."""
        if value is not None and not isinstance(value, str):
            raise BadFeatures(f"{category.name} has to be text")
        return category.points.get(value or "", (0.0,) * len(self.outcomes))

    def probabilities(self, parts: list[Points]) -> dict[str, float]:
        """The softmax of what all the parts add up to; raises BadScore where that is no number."""
        sums = [math.fsum(column) for column in zip(*parts, strict=True)]
        if not all(map(math.isfinite, sums)):
            raise BadScore("the model answered with something that is no number")
        powers = [math.exp(each - max(sums)) for each in sums]
        chances = [power / math.fsum(powers) for power in powers]
        return dict(zip(self.outcomes, chances, strict=True))


def from_files(facts: Mapping[str, Any], directory: Path) -> TextModel:
    """The text model of a directory with the weights that `facts` name; raises as `load` does."""
    return text_model(facts, (directory / facts["weights"]["file"]).read_bytes())


def text_model(facts: Mapping[str, Any], weights: bytes) -> TextModel:
    """The model that `facts` describe; raises BadScore where `weights` has another SHA-256."""
    digest = hashlib.sha256(weights).hexdigest()
    if digest != facts["weights"]["sha256"]:
        raise BadScore("the weights are not the file that model.json describes")
    header, *lines = weights.decode("utf-8").splitlines()
    outcomes = tuple(facts["outcomes"])
    if header.split("\t") != ["term", *outcomes]:
        raise BadScore("the weights are of other outcomes than model.json says")
    scale = 1 / float(facts["temperature"])
    points = {term: points_of(rest, scale) for term, rest in map(split, lines)}
    if any(len(each) != len(outcomes) for each in points.values()):
        raise BadScore("a term has not its points for each outcome")
    return TextModel(
        name=facts["name"],
        version=facts["version"],
        outcomes=outcomes,
        intercept=points.pop(""),
        categories=tuple(category(each, points) for each in facts["features"]),
        stems=tuple(sorted({each.lstrip(DENIED) for each in points if single(each)})),
        points=points,
        known_share=facts["known_share"],
        sha256=digest,
        facts=facts,
    )


def split(line: str) -> tuple[str, list[str]]:
    """A line's term and its weights."""
    term, *weights = line.split("\t")
    return term, weights


def points_of(weights: list[str], scale: float) -> Points:
    """Weights as points: scaled, and moved so that they add up to nothing, which changes no odds."""
    values = [float(weight) * scale for weight in weights]
    mean = math.fsum(values) / len(values)
    return tuple(value - mean for value in values)


def single(term: str) -> bool:
    """Whether a term is a word by itself."""
    return " " not in term and "=" not in term


def category(facts: Mapping[str, Any], points: Mapping[str, Points]) -> Category:
    """A feature beside the text; the points of its values stand in the table as `name=value`."""
    name = facts["name"]
    terms = {value: f"{name}={value}" for value in facts["words"]}
    return Category(
        name=name,
        label=facts["label"],
        words=facts["words"],
        points={value: points[term] for value, term in terms.items() if term in points},
    )


def contribution(feature: Category, value: object, points: float) -> Contribution:
    """What a feature beside the text adds to the outcome that the model answers with, in words."""
    missing = value not in feature.points
    said = feature.words.get(str(value), _("not known to the model"))
    fact = f"{feature.label} {said if value is not None else _('not given')}"
    return Contribution(
        feature=feature.name,
        label=feature.label,
        value=value,
        points=points,
        fact=fact,
        words=f"{fact}: {direction(points)}",
        missing=missing,
        outside_range=False,
    )
