"""Stopping: automatic decisions of a pipeline, of a model or of the whole house, until somebody lifts it.

Exact and not only likely: whatever decides by itself shares a lock as long as its transaction runs, and
a stop takes that lock alone. Once `stop` has returned nothing that it stops can be decided any more, and
all that was decided before has a time before the stop's. A trigger (migration 0003) holds to the same.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.roles import Role, has_role
from audit import vault
from audit.events import record
from audit.models import ClockTimestamp
from cases.models import Pipeline
from inference.models import Model, ModelVersion
from reviews.models import Stop
from reviews.rights import Rights, rights_of

log = structlog.get_logger("countersign.stopping")

HOUSE = gettext_noop("the whole house")
LOCK = (1937010544, 0)
"""The advisory lock of all that decides by itself; migration 0003 names the same two numbers."""
PATIENCE = "2s"
"""How long a stop waits for decisions that are being made: each takes milliseconds."""
LONGEST = 1000
"""Characters of a reason."""
KEEPERS = (Role.OPERATOR, Role.PLATFORM_ADMIN)
"""Who keeps the house running may stop anything in it, and lift that."""
HOLDERS = """
SELECT pg_terminate_backend(pid, 1000) FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid <> pg_backend_pid()
"""


class MayNot(Exception):
    """The person may not stop that, or not lift it."""


class NothingSaid(ValueError):
    """Nothing is stopped or lifted without a reason, of LONGEST characters at most."""


class Changed(Exception):
    """Somebody else was quicker: it is stopped, or lifted, already."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a stop stops: a pipeline, a model, or, with neither, the whole house."""

    pipeline: Pipeline | None = None
    model: Model | None = None

    @property
    def key(self) -> str:
        """The scope in a form and on a command line: `house`, `pipeline:loan`, `model:scorecard`."""
        if self.pipeline:
            return f"pipeline:{self.pipeline.slug}"
        return f"model:{self.model.name}" if self.model else "house"

    @property
    def name(self) -> str:
        """What it is called."""
        if self.pipeline:
            return self.pipeline.name
        return self.model.name if self.model else HOUSE


def scope_of(stop: Stop) -> Scope:
    """What a stop stops."""
    return Scope(stop.pipeline, stop.model)


def read_scope(key: str) -> Scope:
    """The scope that a key names; raises LookupError where there is none."""
    kind, _, name = key.partition(":")
    pipeline = Pipeline.objects.filter(slug=name).first() if kind == "pipeline" else None
    model = Model.objects.filter(name=name).first() if kind == "model" else None
    if key != "house" and pipeline is None and model is None:
        raise LookupError(key)
    return Scope(pipeline, model)


# ---------------------------------------------------------------- what is stopped


def what_is_stopped(
    pipeline: Pipeline, model_version: ModelVersion | None, at: datetime | None = None
) -> str:
    """What of a case's way is stopped, or was `at` a time: the widest, by its name; empty: nothing."""
    scopes = Q(pipeline=None, model=None) | Q(pipeline=pipeline)
    if model_version is not None:
        scopes |= Q(model=model_version.model_id)
    widest = live_stops(at).filter(scopes).first()
    return scope_of(widest).name if widest else ""


def live_stops(at: datetime | None = None) -> QuerySet[Stop]:
    """The stops that hold, or held `at` a time, the widest first."""
    widest = (F("pipeline").asc(nulls_first=True), F("model").asc(nulls_first=True))
    holds = Q(lifted_at=None)
    if at is not None:
        holds = Q(stopped_at__lte=at) & (holds | Q(lifted_at__gt=at))
    stops = Stop.objects.filter(holds).order_by(*widest)
    return stops.select_related("pipeline", "model", "stopped_by")


def stops_of(pipelines: Collection[int], stops: Iterable[Stop]) -> list[Stop]:
    """Those of the stops that hold any of the pipelines' cases back, through their models too."""
    return [stop for stop in stops if concerns(scope_of(stop), pipelines)]


def concerns(scope: Scope, pipelines: Collection[int]) -> bool:
    """Whether a scope has to do with any of the pipelines."""
    if scope.pipeline:
        return scope.pipeline.pk in pipelines
    return scope.model is None or not users_of(scope.model).isdisjoint(pipelines)


def models_of(pipelines: Collection[int]) -> list[Model]:
    """The models that score the pipelines' cases, by their present definitions."""
    current = Pipeline.objects.filter(pk__in=pipelines).select_related("current")
    specs = [each.current.definition.model for each in current if each.current]
    return list(Model.objects.filter(name__in={spec.name for spec in specs if spec}))


def users_of(model: Model) -> set[int]:
    """The pipelines whose cases a model scores."""
    current = Pipeline.objects.select_related("current")
    specs = [(each.pk, each.current.definition.model) for each in current if each.current]
    return {pk for pk, spec in specs if spec and spec.name == model.name}


# ---------------------------------------------------------------- who may


def may_stop(person: User, rights: Rights, scope: Scope) -> bool:
    """Whether the person may stop it: easily, since all that follows is that people decide.

    A pipeline and its model may be stopped by who configures it, the house by who configures anything.
    """
    configured = rights.pipelines.get("configure", frozenset())
    return (bool(configured) and concerns(scope, configured)) or has_role(person, *KEEPERS)


def may_lift(person: User, rights: Rights, stop: Stop) -> bool:
    """Whether the person may lift it: who may set loose all that it stops.

    A model's is lifted by who configures each pipeline that it scores. The house's takes another look:
    it is lifted by somebody else than who stopped it.
    """
    scope = scope_of(stop)
    if scope.model and not has_role(person, *KEEPERS):
        configured = rights.pipelines.get("configure", frozenset())
        return bool(configured) and users_of(scope.model) <= configured
    if scope == Scope() and stop.stopped_by_id == person.pk:
        return False
    return may_stop(person, rights, scope)


# ---------------------------------------------------------------- acts


@transaction.atomic
def stop(
    *, pipeline: Pipeline | None = None, model: Model | None = None, reason: str, by: User
) -> Stop:
    """Stops the automatic decisions of a pipeline, of a model or, with neither, of the house.

    When it has returned none is made any more, and none will be that is under way. Raises MayNot,
    NothingSaid, and Changed where that is stopped already.
    """
    scope = Scope(pipeline, model)
    if not may_stop(by, rights_of(by), scope):
        raise MayNot(scope.key)
    said = checked(reason)
    wait_for_decisions()
    try:
        with transaction.atomic():
            made = Stop.objects.create(pipeline=pipeline, model=model, reason=said, stopped_by=by)
    except IntegrityError as error:
        raise Changed(scope.key) from error
    tell("automation.stopped", made, said, by=by)
    return made


@transaction.atomic
def lift_stop(pk: int, *, reason: str, by: User) -> Stop:
    """Lets automatic decisions be made again, of cases that are routed from now on.

    Raises MayNot, NothingSaid, Stop.DoesNotExist, and Changed where it is lifted already.
    """
    found = Stop.objects.select_for_update(of=("self",)).get(pk=pk)
    if not may_lift(by, rights_of(by), found):
        raise MayNot(scope_of(found).key)
    if found.lifted_at is not None:
        raise Changed(scope_of(found).key)
    said = checked(reason)
    Stop.objects.filter(pk=pk).update(lifted_by=by, lifted_at=ClockTimestamp(), lifted_reason=said)
    found.refresh_from_db()
    tell("automation.resumed", found, said, by=by)
    return found


def checked(reason: str) -> str:
    """The reason as it is kept; raises NothingSaid."""
    said = reason.replace("\0", "").replace("\r\n", "\n").strip()
    if not said or len(said) > LONGEST:
        raise NothingSaid(str(len(said)))
    return said


def tell(event: str, stop: Stop, reason: str, *, by: User) -> None:
    """Records that something was stopped or lifted: why is kept with the stop, and bound to the event."""
    scope = scope_of(stop)
    record(
        event,
        by=by.actor,
        pipeline=scope.pipeline.slug if scope.pipeline else "",
        data={"stop": stop.pk, "scope": scope.key},
        commitments={"reason": vault.house_digest(f"{event}:{stop.pk}", reason.encode())},
    )
    log.warning(event.replace(".", "_"), stop=stop.pk, scope=scope.key)


# ---------------------------------------------------------------- the lock


def hold_stops_off() -> None:
    """Lets stops wait until this transaction ends, so that what it decides was decided before them.

    Whoever decides by itself calls it first and then asks what is stopped. Must run in a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", LOCK)


def wait_for_decisions() -> None:
    """Waits for the decisions that are being made, and lets none begin; one that hangs is broken off.

    Its transaction is undone whole, so that its step is taken again. Must run in a transaction.
    """
    try:
        with transaction.atomic():
            take_lock(PATIENCE)
    except OperationalError:
        with connection.cursor() as cursor:
            cursor.execute(HOLDERS, LOCK)
        take_lock(PATIENCE)


def take_lock(patience: str) -> None:
    """Takes the lock alone until the transaction ends; raises OperationalError after so long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
        cursor.execute("SELECT set_config('lock_timeout', '0', true)")
