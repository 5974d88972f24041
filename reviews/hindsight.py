"""What came about in a case one after the other, so that what was known at any moment can be told."""

from dataclasses import dataclass

from django.db.models import Prefetch

from inference.models import Prediction
from reviews.casefile import CaseFile
from reviews.models import Claim, Correction, Hold, Review, Route


@dataclass(frozen=True, slots=True)
class Past:
    """The rows that never change once they are there, oldest first; each says since when it is."""

    predictions: tuple[Prediction, ...]
    routes: tuple[Route, ...]
    claims: tuple[Claim, ...]
    holds: tuple[Hold, ...]
    reviews: tuple[Review, ...]


def load_past(file: CaseFile, *, independent: bool) -> Past:
    """The past of a case; of an `independent` judge's no prediction, and no verdict, is even read."""
    predictions = Prediction.objects.select_related("model_version__model")
    reviews = Review.objects.select_related("reviewer", "reply__slot").prefetch_related(
        Prefetch("corrections", Correction.objects.select_related("review"))
    )
    routes = Route.objects.select_related("policy_version", "queue")
    of_case = {"case": file.case}
    return Past(
        predictions=() if independent else tuple(predictions.filter(**of_case).order_by("id")),
        routes=tuple(routes.filter(**of_case).order_by("id")),
        claims=tuple(Claim.objects.select_related("reviewer").filter(**of_case).order_by("id")),
        holds=tuple(Hold.objects.select_related("held_by").filter(**of_case).order_by("id")),
        reviews=() if independent else tuple(reviews.filter(**of_case).order_by("id")),
    )
