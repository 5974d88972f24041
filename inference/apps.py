"""The app's start."""

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    """Registers what django-auditlog watches."""

    name = "inference"

    def ready(self) -> None:
        """Models are loaded only now."""
        from auditlog.registry import auditlog

        from inference.models import Model, ModelVersion

        auditlog.register(Model)
        auditlog.register(ModelVersion, exclude_fields=["facts"])
