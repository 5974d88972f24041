"""The app's start."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Connects django-auditlog's entries with the event log."""

    name = "audit"

    def ready(self) -> None:
        """Both need loaded models, hence the imports here."""
        from auditlog.signals import post_log  # noqa: PLC0415

        from audit.configuration import record_change  # noqa: PLC0415

        post_log.connect(record_change, dispatch_uid="audit.configuration")
