"""People and API clients."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.acting import present_actor
from audit.actors import Actor
from audit.events import record
from audit.models import ClockTimestamp


class Theme(models.TextChoices):
    """How the pages look; `system` follows the device."""

    SYSTEM = "system", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    """How much stands on a screen; the compact one is denser and leaves nothing out."""

    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


DETAILS = frozenset({"username", "first_name", "last_name", "email"})
WATCHED = DETAILS | {"password"}


class User(AbstractUser):
    """A person who signs in."""

    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(
        max_length=12,
        choices=Density,
        default=Density.COMFORTABLE,
        db_default=Density.COMFORTABLE,
    )
    locale = models.CharField(max_length=10, default="", db_default="", blank=True)
    time_zone = models.CharField(max_length=64, default="", db_default="", blank=True)
    keys = models.JSONField(default=dict, db_default={}, blank=True)
    single_keys = models.BooleanField(default=True, db_default=True)
    blur_papers = models.BooleanField(default=False, db_default=False)

    @transaction.atomic
    def save(self, *args: Any, **options: Any) -> None:
        """Together with the event of the change: Django's and allauth's forms know no acts."""
        known = User.objects.filter(pk=self.pk).values(*WATCHED).first() or {}
        super().save(*args, **options)
        fields = options.get("update_fields")
        written = WATCHED if fields is None else WATCHED & set(fields)
        changed = {name for name in written & known.keys() if known[name] != getattr(self, name)}
        record_changes(self, changed)

    @property
    def actor(self) -> Actor:
        """This person as the actor of an act."""
        return Actor("user", str(self.pk))

    @property
    def shown_name(self) -> str:
        """The name that colleagues read."""
        return self.get_full_name() or self.username


def record_changes(person: User, changed: set[str]) -> None:
    """Records what of a person was changed: by the fields' names, never by what stands in them."""
    by = present_actor()
    if "password" in changed:
        record("account.password_changed", by=by, data={"user": person.pk})
    if details := sorted(changed & DETAILS):
        data = {"user": person.pk, "fields": details}
        record("account.details_changed", by=by, data=data)


class Scope(models.TextChoices):
    """What a client's key may do."""

    CASES_WRITE = "cases:write", _("Post and withdraw cases")
    CASES_READ = "cases:read", _("Read its cases")
    WEBHOOKS = "webhooks:write", _("Manage its webhooks")
    POLICIES = "policies:write", _("Read and propose policies of its pipelines")
    TRAIL = "trail:read", _("Read checkpoints and proofs of the trail")


class ApiClient(models.Model):
    """An upstream system; it sees its own cases, of the pipelines it is granted, and nothing else."""

    name = models.CharField(max_length=100, unique=True)
    pipelines = ArrayField(models.CharField(max_length=60), default=list)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        """This client as the actor of an act."""
        return Actor("client", str(self.pk))


class ApiKey(models.Model):
    """A client's key: only its digest is kept. Two may live at once while one replaces the other."""

    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope))
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="api_key_expires_later"
            ),
        )

    def __str__(self) -> str:
        return f"{self.client}: {self.prefix}…"
