"""What every page may show of the house itself."""

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, object]:
    """Whether this is the demo, so that its pages can say so."""
    return {"demo": settings.DEMO}
