"""Events by class: what they are about, and so how long they are kept. Pure."""

from collections.abc import Mapping

LEAST_MONTHS = 6
"""No event goes sooner (EU AI Act, Article 26(6): logs are kept at least six months)."""

CLASSES: Mapping[str, tuple[str, ...]] = {
    "access": (
        "case.opened",
        "case.fetched_ahead",
        "case.read_by_client",
        "case.unmasked",
        "document.opened",
        "document.fetched_ahead",
        "document.downloaded",
        "receipt.taken",
        "glass.broken",
        "glass.reviewed",
    ),
    "work": (
        "case.claimed",
        "claim.released",
        "claim.expired",
        "case.reserved",
        "case.reservation_ended",
        "comment.written",
    ),
    "delivery": (
        "webhook.delivered",
        "webhook.delivery_given_up",
    ),
}
"""Types by class; a type that no class names is of the class `record`."""

RECORD = "record"
"""What happened to cases, policies, models, people and rights, and to the trail itself: kept for good."""

DISPOSABLE = tuple(CLASSES)
"""The classes that a schedule may name."""


def class_of(type: str) -> str:
    """The class of a type of event."""
    return next((name for name, types in CLASSES.items() if type in types), RECORD)
