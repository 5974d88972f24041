"""Events and case keys."""

from django.db import models
from django.db.models import Func
from django.db.models.functions import Now


class CurrentTransaction(Func):
    """The number of the transaction that writes, for sequencing events once it is surely over."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()
    allowed_default = True


class ClockTimestamp(Now):
    """The database's clock at this very statement, not at the start of its transaction."""

    template = "clock_timestamp()"
    allowed_default = True

    def as_postgresql(self, compiler, connection, **extra):  # type: ignore[no-untyped-def]  # as Django's
        """Django's Now() would ask for the statement's time here."""
        return self.as_sql(compiler, connection, **extra)


class Event(models.Model):
    """An append-only fact, named in the past tense. Plain ids, so that it never blocks living data.

    `data` holds nothing personal. What is personal stands there as a commitment under the case's
    own key: whoever holds the value can prove it, and once the key is destroyed nobody can guess it.
    """

    at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    transaction = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    type = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=80)
    case_id = models.UUIDField(null=True)
    pipeline = models.CharField(max_length=60, default="")
    data = models.JSONField(default=dict)
    commitments = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=["case_id", "id"], name="event_of_case"),
            models.Index(fields=["type", "id"], name="event_by_type"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["user", "client", "system"]),
                name="event_actor_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(type__regex=r"^[a-z_]+\.[a-z_]+$"), name="event_type_shape"
            ),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.type}"


class CaseKey(models.Model):
    """The key of one case, wrapped by a master key; destroying it erases what it sealed."""

    case_id = models.UUIDField(primary_key=True)
    master_key = models.CharField(max_length=40)
    wrapped = models.BinaryField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | models.Q(wrapped__isnull=True, destroyed_at__isnull=False),
                name="case_key_lives_or_is_destroyed",
            ),
        )

    def __str__(self) -> str:
        return f"key of {self.case_id}"
