"""The app's start."""

from django.apps import AppConfig
from django.conf import settings

from cases.seclusion import hide_own_memory


class ConfigConfig(AppConfig):
    """Start-up checks and management commands of the whole house."""

    name = "config"

    def ready(self) -> None:
        """Registers the checks; in production, hides the keys from what else this user runs."""
        from config import checks  # noqa: F401  # importing it registers the checks

        # The demo's supervisor knows what a killed demo left running by its environment.
        if settings.PRODUCTION:
            hide_own_memory()
