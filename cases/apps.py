"""The app's start."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Registers what django-auditlog watches."""

    name = "cases"

    def ready(self) -> None:
        """Models are loaded only now."""
        from auditlog.registry import auditlog

        from cases.models import Pipeline, PipelineVersion, Webhook

        auditlog.register(Pipeline)
        auditlog.register(PipelineVersion, exclude_fields=["content"])
        auditlog.register(Webhook, exclude_fields=["sealed_secrets"])
