"""What people said of past cases, as numbers: of what models predicted, and of what was read.

Only of cases that people saw: those that went to them, each for itself, and of automatic decisions
the sampled ones, each for as many as it stands for. Of fields there is a word only where a
reviewer gave one. Half of the cases, by a keyed draw of their ids, is for fitting calibrations.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import F, QuerySet

from audit import vault
from cases.models import Pipeline, PipelineVersion
from inference.figures import Labels, Truth, right_or_wrong
from inference.models import FieldRead, ModelVersion
from inference.quality import is_poor
from reviews.models import Basis, Correction

FOLDS = 3
"""Of the half that is fitted on, one in so many is kept back where two methods are compared."""


@dataclass(frozen=True, slots=True)
class Told:
    """Labels with their `groups` by name, whether each is of the half to be fitted on, and of its fold.

    `at` is when each was said; `queues` where its case waited, empty for an automatic decision. `unseen`
    are those that were said without the model's view in sight.
    """

    labels: Labels
    groups: tuple[str, ...]
    learnt: Truth
    fold: Truth
    at: Sequence[datetime]
    queues: Sequence[str]
    unseen: Truth

    def unused(self, until: datetime | None) -> Truth:
        """Those that a calibration of labels `until` then was not fitted on; all where there is none."""
        if until is None:
            return np.ones(len(self.labels), bool)
        later: Truth = np.array([each > until for each in self.at], np.bool_)
        return np.logical_or(~self.learnt, later)


def drawn(cases: Sequence[UUID]) -> tuple[Truth, Truth]:
    """Which cases are of the half to be fitted on, and which of its fold; the same each time."""
    digests = [vault.house_digest("calibration_half", case.bytes) for case in cases]
    learnt = np.array([int(digest[0], 16) % 2 == 0 for digest in digests], bool)
    fold = np.array([int(digest[1:9], 16) % FOLDS == 0 for digest in digests], bool)
    return learnt, fold


# ---------------------------------------------------------------- what was predicted


def labels_of(
    pipeline: Pipeline, model_version: ModelVersion, since: datetime, until: datetime
) -> Told:
    """What people said in a time of what a model version had predicted."""
    outcomes = outcomes_of(pipeline)
    orders = {
        version.pk: [place_of(name, version) for name in outcomes]
        for version in PipelineVersion.objects.filter(pipeline=pipeline)
    }
    rows = [
        row
        for row in labelled(pipeline, model_version, since, until)
        if row.predicted in outcomes and row.label in outcomes
    ]
    probabilities = [ordered(row.probabilities, orders[row.pipeline_version_id]) for row in rows]
    predicted = np.array([outcomes.index(row.predicted) for row in rows], np.int64)
    outcome = np.array([outcomes.index(row.label) for row in rows], np.int64)
    labels = Labels(
        stated=np.array([row.confidence for row in rows], np.float64),
        right=predicted == outcome,
        weight=np.array([row.weight for row in rows], np.float64),
        group=predicted,
        probabilities=np.array(probabilities, np.float64).reshape(len(rows), len(outcomes)),
        outcome=outcome,
    )
    return Told(
        labels,
        outcomes,
        *drawn([row.case_id for row in rows]),
        [row.labelled_at for row in rows],
        [row.queue or "" for row in rows],
        np.array([row.label_kind != Basis.Label.REVIEW for row in rows], bool),
    )


def labelled(
    pipeline: Pipeline, model_version: ModelVersion, since: datetime, until: datetime
) -> Iterator[Any]:
    """The labelled bases, as named tuples."""
    rows = Basis.objects.filter(
        pipeline=pipeline,
        model_version=model_version,
        labelled_at__gt=since,
        labelled_at__lte=until,
    )
    names = ("case_id", "pipeline_version_id", "predicted", "confidence", "probabilities")
    queued = rows.annotate(queue=F("route__queue__slug")).order_by("route")
    yield from queued.values_list(
        *names, "label", "label_kind", "weight", "labelled_at", "queue", named=True
    )


def outcomes_of(pipeline: Pipeline) -> tuple[str, ...]:
    """The names of the pipeline's outcomes, as it is now."""
    definition = pipeline.current.definition if pipeline.current else None
    return tuple(each.name for each in definition.outcomes) if definition else ()


def place_of(name: str, version: PipelineVersion) -> int | None:
    """The place of an outcome among those of a pipeline's version; None where that has no such."""
    names = [each.name for each in version.definition.outcomes]
    return names.index(name) if name in names else None


def ordered(probabilities: Sequence[float], order: Sequence[int | None]) -> list[float]:
    """Probabilities in another order of outcomes; 0 of what was not said."""
    found = [0.0 if place is None else probabilities[place] for place in order]
    return [float(np.nan_to_num(each)) for each in found]


# ---------------------------------------------------------------- what was read


def field_labels_of(pipeline: Pipeline, since: datetime, until: datetime) -> Told:
    """What reviewers said in a time of fields that were found: groups are type and page quality.

    A field that was corrected or is illegible was read wrong. Of several words the last one counts.
    """
    types = types_of(pipeline)
    versions = PipelineVersion.objects.in_bulk(pipeline.versions.values_list("pk", flat=True))
    words = list(last_words(pipeline, since, until))
    read = fields_read(pipeline, since, until)
    found = [
        (word, row, group_of(types[base], poor=is_read_poorly(row, word, base, versions)))
        for word in words
        if (row := read.get((word.case_id, word.field))) is not None
        and (base := word.field.partition("-")[0]) in types
    ]
    groups = tuple(sorted({group for _, _, group in found}))
    labels = right_or_wrong(
        np.array([row.confidence for _, row, _ in found], np.float64),
        np.array([word.kind == Correction.Kind.CONFIRMED for word, _, _ in found], bool),
        np.array([groups.index(group) for _, _, group in found], np.int64),
    )
    return Told(
        labels,
        groups,
        *drawn([word.case_id for word, _, _ in found]),
        [word.said_at for word, _, _ in found],
        [""] * len(found),
        np.zeros(len(found), bool),
    )


def group_of(kind: str, *, poor: bool) -> str:
    """What the map of a type of field is called, on poor pages or on clear ones."""
    return f"{kind}:{'poor' if poor else 'clear'}"


def last_words(pipeline: Pipeline, since: datetime, until: datetime) -> Iterator[Any]:
    """The last word on each field of each case, as named tuples."""
    said = words_of(pipeline, since, until).annotate(
        case_id=F("review__case_id"),
        said_at=F("review__reviewed_at"),
        version=F("review__route__basis__pipeline_version_id"),
        poor=F("review__route__basis__fields_poor"),
    )
    names = ("field", "kind", "case_id", "said_at", "version", "poor")
    words = said.order_by("review_id").values_list(*names, named=True)
    yield from {(word.case_id, word.field): word for word in words}.values()


def words_of(pipeline: Pipeline, since: datetime, until: datetime) -> QuerySet[Correction]:
    """What reviewers said in a time of fields, and did not take back."""
    return Correction.objects.filter(
        review__case__pipeline=pipeline,
        review__undone_at=None,
        review__reviewed_at__gt=since,
        review__reviewed_at__lte=until,
    )


def fields_read(
    pipeline: Pipeline, since: datetime, until: datetime
) -> Mapping[tuple[UUID, str], Any]:
    """The fields that were found in the cases of these words, with the quality of their pages.

    The database looks the cases up itself: more of them than a statement can name may have words.
    """
    cases = words_of(pipeline, since, until).values("review__case")
    rows = FieldRead.objects.filter(case__in=cases, found=True)
    names = ("case_id", "name", "confidence", "page_id", "quality")
    read = rows.annotate(quality=F("page__quality")).values_list(*names, named=True)
    return {(row.case_id, row.name): row for row in read}


def is_read_poorly(row: Any, word: Any, base: str, versions: Mapping[int, PipelineVersion]) -> bool:
    """Whether a field was read from a poor page: by its page or, where none is kept, by its route's basis."""
    if row.page_id is not None or word.version is None:
        return is_poor(row.quality or {})
    names = [spec.name for spec in versions[word.version].definition.fields]
    return base in names and not math.isnan(word.poor[names.index(base)])


def types_of(pipeline: Pipeline) -> dict[str, str]:
    """The types of the pipeline's fields by their names."""
    definition = pipeline.current.definition if pipeline.current else None
    return {spec.name: spec.type for spec in definition.fields} if definition else {}
