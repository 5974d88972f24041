"""What came about in a case one after the other, so that what was known at any moment can be told."""

from dataclasses import dataclass

from django.db.models import Prefetch

from inference.models import Prediction
from reviews.casefile import CaseFile
from reviews.models import Claim, Correction, Hold, Review, Route
from reviews.veiling import told_since, veiled_reviews, veiled_routes


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
    predictions = Prediction.objects.select_related("model_version__model").filter(case=file.case)
    reviews = (
        Review.objects.select_related("reviewer", "reply__slot", "route", "signature")
        .prefetch_related(Prefetch("corrections", Correction.objects.select_related("review")))
        .filter(case=file.case)
    )
    routes = Route.objects.select_related("policy_version", "queue").filter(case=file.case)
    claims = Claim.objects.select_related("reviewer").filter(case=file.case)
    holds = Hold.objects.select_related("held_by").filter(case=file.case)
    if (since := told_since(file.case)) is not None:
        claims, holds = claims.filter(claimed_at__gte=since), holds.filter(held_at__gte=since)
    return Past(
        predictions=() if independent else tuple(predictions.order_by("id")),
        routes=tuple(veiled_routes(routes.order_by("id"), file.case)),
        claims=tuple(claims.order_by("id")),
        holds=tuple(holds.order_by("id")),
        reviews=() if independent else tuple(veiled_reviews(reviews.order_by("id"), file.case)),
    )
