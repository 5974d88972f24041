"""The app's start."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers what django-auditlog watches."""

    name = "accounts"

    def ready(self) -> None:
        """Models are loaded only now."""
        from auditlog.registry import auditlog  # noqa: PLC0415

        from accounts.models import ApiClient, ApiKey, User  # noqa: PLC0415

        auditlog.register(User, include_fields=["is_active", "is_superuser", "is_staff"])
        auditlog.register(ApiClient)
        auditlog.register(ApiKey, exclude_fields=["digest", "last_used_at"])
