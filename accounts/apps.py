"""The app's start."""

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class AccountsConfig(AppConfig):
    """Registers what django-auditlog watches, and watches second factors itself."""

    name = "accounts"

    def ready(self) -> None:
        """Models are loaded only now."""
        from allauth.mfa.models import Authenticator
        from auditlog.registry import auditlog

        from accounts.models import ApiClient, ApiKey, User
        from accounts.secondfactor import record_added, record_removed

        auditlog.register(User, include_fields=["is_active", "is_superuser", "is_staff"])
        auditlog.register(ApiClient)
        auditlog.register(ApiKey, exclude_fields=["digest", "last_used_at"])
        post_save.connect(record_added, sender=Authenticator, dispatch_uid="second_factor.added")
        post_delete.connect(
            record_removed, sender=Authenticator, dispatch_uid="second_factor.removed"
        )
