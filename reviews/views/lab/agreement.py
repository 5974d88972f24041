"""Agreement: how far people judge alike, and how far the model's view moves them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from reviews import sampled
from reviews.presenting.lab import agreement as presenting
from reviews.views.lab.frame import lab_page, pipeline_for
from reviews.views.lab.samples import PERIODS, labels_of, period


@require_safe
@login_required
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    """Agreement between people and with what was decided, over a period."""
    page = pipeline_for(request, slug)
    days = period(request)
    labels = labels_of(page.pipeline)
    pairs = sampled.pairs_of(page.pipeline, days)
    people = User.objects.filter(
        username__in={name for pair in pairs for name in (pair.one, pair.other)}
    )
    names = {person.username: person.shown_name for person in people}
    context = {
        "pairs": len(pairs),
        "together": presenting.together(pairs, [*labels]),
        "by_pair": presenting.by_pair(pairs, [*labels], names),
        "by_outcome": presenting.by_outcome(pairs, labels),
        "against": [presenting.against(sampled.samples_against(page.pipeline, days), [*labels])],
        "swayed": presenting.swayed(sampled.swayed_in(page.pipeline, days)),
        "periods": PERIODS,
        "days": days,
    }
    return lab_page(request, "reviews/lab/agreement.html", page, "agreement", context)
