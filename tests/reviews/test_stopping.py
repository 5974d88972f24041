"""Stopping: once a stop has returned nothing that it stops is decided by itself, whatever is under way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, OperationalError

from accounts.models import ApiClient, User
from accounts.roles import Role
from audit.models import Event
from cases import lifecycle
from cases.models import Case, Decision, Pipeline, Status
from inference.models import Model
from reviews import stopping
from reviews.models import QueueEntry, Route, Stop
from reviews.routes import route_case
from reviews.stopping import Changed, MayNot, NothingSaid, hold_stops_off, lift_stop, stop
from tests.casefiles import decided_case, found, scored_case
from tests.threads import in_threads, wait_for_lock

SCORECARD = "german-credit-scorecard"


@pytest.fixture
def admin(db: None, make_person: Callable[..., User]) -> User:
    return make_person(Role.PIPELINE_ADMIN)


def clear_case(loan: Pipeline, bank: ApiClient) -> Case:
    return scored_case(loan, bank, predicted="approve", confidence=0.97)


def routed(case: Case) -> Route:
    route_case(case, lifecycle.take_step(case.pk, Status.SCORED))
    return Route.objects.get(case=case)


def codes(route: Route) -> list[str]:
    return [reason["code"] for reason in route.reasons]


# ---------------------------------------------------------------- scopes and people


@pytest.mark.parametrize(
    ("scope", "says"),
    [("house", "the whole house"), ("pipeline", "Small-business loan"), ("model", SCORECARD)],
)
def test_what_is_stopped_goes_to_people_until_it_is_lifted(
    loan: Pipeline, bank: ApiClient, admin: User, make_person: Any, scope: str, says: str
) -> None:
    what: dict[str, Any] = {
        "house": {},
        "pipeline": {"pipeline": loan},
        "model": {"model": Model.objects.get(name=SCORECARD)},
    }
    made = stop(**what[scope], reason="The bureau is down", by=admin)
    held = routed(clear_case(loan, bank))
    assert codes(held) == ["stopped"]
    assert held.reasons[0]["text"] == f"Automatic decisions are stopped: {says}"
    assert QueueEntry.objects.filter(case=held.case).exists()
    lift_stop(made.pk, reason="It is up again", by=make_person(Role.PIPELINE_ADMIN))
    assert codes(routed(clear_case(loan, bank))) == ["confident"]
    stopped, resumed = Event.objects.filter(type__startswith="automation.")
    assert (stopped.type, stopped.actor_id) == ("automation.stopped", str(admin.pk))
    assert resumed.type == "automation.resumed"
    assert "bureau" not in str(stopped.data)
    assert stopped.commitments["reason"] != resumed.commitments["reason"]


def test_a_stop_leaves_other_pipelines_and_models_alone(
    loan: Pipeline, bank: ApiClient, admin: User
) -> None:
    other = Pipeline.objects.create(slug="other", name="Other")
    Stop.objects.create(pipeline=other, reason="Theirs", stopped_by=admin)
    Stop.objects.create(model=Model.objects.create(name="others"), reason="x", stopped_by=admin)
    assert codes(routed(clear_case(loan, bank))) == ["confident"]


def test_who_may_stop_and_who_may_lift(loan: Pipeline, admin: User, make_person: Any) -> None:
    reviewer, operator = make_person(Role.SENIOR_REVIEWER), make_person(Role.OPERATOR)
    scorecard = Model.objects.get(name=SCORECARD)
    for what in ({}, {"pipeline": loan}, {"model": scorecard}):
        with pytest.raises(MayNot):
            stop(**what, reason="No", by=reviewer)
    other = Pipeline.objects.create(slug="other", name="Other", current=loan.current)
    made = stop(model=scorecard, reason="Odd scores", by=admin)
    with pytest.raises(MayNot):  # it scores a pipeline that is not theirs, too
        lift_stop(made.pk, reason="Fine again", by=admin)
    Pipeline.objects.filter(pk=other.pk).update(current=None)
    lift_stop(made.pk, reason="Fine again", by=admin)
    whole = stop(reason="Night", by=operator)
    with pytest.raises(MayNot):
        lift_stop(whole.pk, reason="Morning", by=operator)
    lift_stop(whole.pk, reason="Morning", by=admin)
    with pytest.raises(Changed):
        lift_stop(whole.pk, reason="Again", by=admin)


def test_a_stop_says_why_and_is_there_once(loan: Pipeline, admin: User) -> None:
    for reason in ("", "  \0", "x" * (stopping.LONGEST + 1)):
        with pytest.raises(NothingSaid):
            stop(pipeline=loan, reason=reason, by=admin)
    stop(pipeline=loan, reason="Why", by=admin)
    with pytest.raises(Changed):
        stop(pipeline=loan, reason="Why", by=admin)
    stop(reason="All of it", by=admin)


# ---------------------------------------------------------------- exactly


def test_the_database_itself_refuses_an_automatic_decision(
    loan: Pipeline, bank: ApiClient, admin: User
) -> None:
    case = decided_case(loan, bank)
    Decision.objects.update(superseded_at="2100-01-01T00:00Z")
    stop(model=Model.objects.get(name=SCORECARD), reason="Odd scores", by=admin)
    facts = {"case": case, "outcome": "approve", "adverse": False, "route_id": case.routes.get().pk}
    with pytest.raises(IntegrityError, match="stopped"), transaction.atomic():
        Decision.objects.create(made_by=Decision.MadeBy.POLICY, **facts)
    Decision.objects.create(made_by=Decision.MadeBy.REVIEW, **facts)


def test_a_stop_among_cases_that_pour_in_is_exact(
    own_database: str, make_upstream: Any, make_person: Callable[..., User]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    bank, admin = make_upstream().client, make_person(Role.PIPELINE_ADMIN)
    cases = [clear_case(loan, bank) for _ in range(24)]
    begun = Signal()

    def work(number: int) -> None:
        if number == 3:
            begun.wait()
            stop(pipeline=loan, reason="Odd scores", by=admin)
            return
        for case in cases[number::3]:
            routed(found(case))
            begun.set()

    in_threads(4, work)
    stopped_at = Stop.objects.get().stopped_at
    before = Decision.objects.filter(decided_at__lt=stopped_at).count()
    assert Decision.objects.count() == before >= 1
    assert Route.objects.filter(kind=Route.Kind.REVIEW).count() == len(cases) - before > 0
    assert {str(codes(route)) for route in Route.objects.filter(queue__isnull=False)} == {
        "['stopped']"
    }


def test_a_decision_under_way_is_before_the_stop_or_not_at_all(
    own_database: str,
    make_upstream: Any,
    make_person: Callable[..., User],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    bank, admin = make_upstream().client, make_person(Role.PIPELINE_ADMIN)
    case, hung = clear_case(loan, bank), clear_case(loan, bank)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            routed(case)
            stops = threads.submit(in_threads, 1, lambda _: stop(reason="Now", by=admin))
            wait_for_lock()
        (made,) = stops.result()
    assert Decision.objects.get(case=case).decided_at < made.stopped_at
    lift_stop(made.pk, reason="Go on", by=make_person(Role.PIPELINE_ADMIN))
    with pytest.raises(OperationalError), ThreadPoolExecutor(1) as threads, transaction.atomic():
        routed(hung)  # a worker that is frozen before it commits
        monkeypatch.setattr(stopping, "PATIENCE", "100ms")
        threads.submit(in_threads, 1, lambda _: stop(reason="Now", by=admin)).result()
        hold_stops_off()
    connection.close()
    assert not Decision.objects.filter(case=hung).exists()
    assert found(hung).status == Status.SCORED
