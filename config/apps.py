"""The app's start."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Start-up checks and management commands of the whole house."""

    name = "config"

    def ready(self) -> None:
        """Registers the checks."""
        from config import checks  # noqa: F401, PLC0415
