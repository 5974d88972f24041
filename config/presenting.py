"""What every page may show of the house itself."""

from django.conf import settings
from django.http import HttpRequest

from config.demo.accounts import PASSWORD, PEOPLE


def house(request: HttpRequest) -> dict[str, object]:
    """Whether this is the demo, so that its pages can say so, and who can sign in to it."""
    if not settings.DEMO:
        return {"demo": False}
    return {"demo": True, "demo_people": PEOPLE, "demo_password": PASSWORD}
