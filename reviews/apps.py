"""The app's start."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Registers what django-auditlog watches."""

    name = "reviews"

    def ready(self) -> None:
        """Models are loaded only now."""
        from auditlog.registry import auditlog

        from reviews.models import PolicyVersion, Queue

        auditlog.register(Queue)
        auditlog.register(PolicyVersion, exclude_fields=["content", "activated_at"])
