"""Events, the seals over them, case keys and what was erased."""

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
            models.Index(fields=["transaction", "id"], name="event_to_sequence"),
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


class Leaf(models.Model):
    """An event's place in the log, and the hash of its line (RFC 6962, 2.1): given once, for good.

    `event_id` is a plain id: where an event's time to be kept is over, its leaf stays.
    """

    position = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField()

    class Meta:
        ordering = ("position",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(position__gte=0), name="leaf_position_counts_from_zero"
            ),
        )

    def __str__(self) -> str:
        return f"leaf {self.position}"


class Subtree(models.Model):
    """The hash over a full subtree of the log: `number` counts those of `level` from the left.

    Level 8 spans 256 leaves, level 16 spans 256 of these, and so on: a proof reads a few hundred
    hashes of a log of any size.
    """

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["level", "number"], name="one_subtree_a_place"),
            models.CheckConstraint(
                condition=models.Q(level__in=[8, 16, 24, 32]), name="subtree_level_is_kept"
            ),
        )

    def __str__(self) -> str:
        return f"subtree {self.level}/{self.number}"


class Checkpoint(models.Model):
    """The log's size and root at a time, and the signed note that says so (C2SP tlog-checkpoint).

    `frontier` are the hashes of the full subtrees that make up the root, largest first, 32 bytes each.
    All events of transactions below `below` are in the log.
    """

    size = models.BigIntegerField()
    root = models.BinaryField()
    frontier = models.BinaryField()
    below = models.BigIntegerField()
    note = models.TextField()
    made_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["size"], name="checkpoint_by_size"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(size__gte=0), name="checkpoint_size_is_none_or_more"
            ),
        )

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"


class Publication(models.Model):
    """A checkpoint that goes to a place outside; `receipt` is what that answered, such as a timestamp.

    `place` names the place without its secrets.
    """

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="publications")
    place = models.CharField(max_length=200)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, db_default=ClockTimestamp())
    published_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, default="", blank=True)
    receipt = models.BinaryField(default=b"")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["checkpoint", "place"], name="one_publication_a_place"),
        )
        indexes = (
            models.Index(
                fields=["due_at"],
                name="publication_due",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(fields=["place", "-id"], name="publication_of_place"),
        )

    def __str__(self) -> str:
        return f"{self.checkpoint_id} at {self.place}"


class Tombstone(models.Model):
    """A case that was erased: whatever brings its key back, the key goes again."""

    case_id = models.UUIDField(primary_key=True)
    erased_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    def __str__(self) -> str:
        return f"{self.case_id} was erased"
