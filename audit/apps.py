"""The app's start."""

from django.apps import AppConfig
from django.db.models.signals import pre_save


class AuditConfig(AppConfig):
    """Connects django-auditlog's entries with the event log."""

    name = "audit"

    def ready(self) -> None:
        """All need loaded models, hence the imports here."""
        from auditlog.models import LogEntry
        from auditlog.signals import post_log

        from audit.configuration import keep_ids_alone, record_change

        pre_save.connect(keep_ids_alone, sender=LogEntry, dispatch_uid="audit.ids_alone")
        post_log.connect(record_change, dispatch_uid="audit.configuration")
