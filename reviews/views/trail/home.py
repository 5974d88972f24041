"""The trail's first page: the seals over everything that happened."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.views.trail.frame import trail_page


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """What is sealed, and where it was published."""
    return trail_page(request, "reviews/trail/home.html", "home", {})
