"""Picking the next case: what it costs, and that many who do it at once get none twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiClient, User
from accounts.roles import Role, grant
from audit.models import ClockTimestamp, Event
from cases.models import Pipeline
from reviews.ahead import next_waiting
from reviews.claims import (
    PICK,
    claim_next,
    return_expired,
)
from reviews.free import asked
from reviews.models import Claim, Queue, QueueEntry, Stage
from reviews.rights import rights_of
from tests.casefiles import (
    TESTER,
    expire,
    held,
    many_waiting,
    start,
    started,
    waiting_case,
)
from tests.threads import in_threads, wait_for_lock


def test_a_claim_takes_at_most_twelve_statements_whatever_the_rights(
    loan: Pipeline,
    bank: ApiClient,
    reviewer: User,
    senior: User,
    make_person: Callable[..., User],
) -> None:
    counts = []
    for person in (reviewer, senior):
        for _ in range(3):
            waiting_case(loan, bank)
        with CaptureQueriesContext(connection) as queries:
            assert start(person)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
    other = make_person(Role.REVIEWER)
    with CaptureQueriesContext(connection) as queries:
        held(QueueEntry.objects.filter(claim=None)[0].case, other)
    assert len(queries) <= 12


def plan_of(reviewer: User) -> dict[str, Any]:
    """How the database picks, with figures of what it really did."""
    with connection.cursor() as cursor:
        given = asked(rights_of(reviewer), reviewer)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {PICK}", given)
        plan: dict[str, Any] = cursor.fetchone()[0][0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in nodes(child))]


def test_picking_reads_a_handful_of_rows_however_many_wait_are_held_or_are_somebody_elses(
    own_database: str, make_person: Callable[..., User], make_upstream: Callable[..., Any]
) -> None:
    client, reviewer = make_upstream().client, make_person(Role.REVIEWER)
    for queue in Queue.objects.all():
        many_waiting(queue, client, 7000)
    hold_most_urgent(500)
    give_away_most_urgent(500, reserved_for=make_person(Role.REVIEWER))
    give_away_most_urgent(500, escalated=True)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    seen = nodes(plan_of(reviewer))
    on_entries = [node for node in seen if node.get("Relation Name") == "reviews_queueentry"]
    assert {node.get("Index Name") for node in on_entries} == {
        "entry_waiting",
        "entry_reserved",
    }
    assert max(node["Actual Rows"] for node in seen) <= 3
    assert sum(node.get("Rows Removed by Filter", 0) for node in seen) <= 3
    sorts = [node for node in seen if node["Node Type"] == "Sort"]
    assert all(node["Actual Rows"] <= 3 for node in sorts)


def test_picking_a_later_judgement_looks_at_the_claims_of_one_case_alone(
    own_database: str, make_person: Callable[..., User], make_upstream: Callable[..., Any]
) -> None:
    client, senior = make_upstream().client, make_person(Role.SENIOR_REVIEWER)
    for queue in Queue.objects.all():
        many_waiting(queue, client, 3000)
    held_once(senior, 1000)
    QueueEntry.objects.filter(queue__slug="loan-second").update(stage=Stage.SECOND)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    seen = nodes(plan_of(senior))
    on_claims = [node for node in seen if node.get("Alias", "").startswith("looked")]
    assert on_claims
    assert {node["Node Type"] for node in on_claims} <= {"Index Scan", "Bitmap Heap Scan"}
    assert sum(node["Actual Loops"] for node in on_claims) <= 3
    assert sum(node.get("Rows Removed by Filter", 0) for node in seen) <= 3


def held_once(person: User, count: int) -> None:
    """Claims that ended, of one person, on the `count` most urgent cases."""
    later = ClockTimestamp() + timedelta(hours=1)
    ended = {"ended_at": ClockTimestamp(), "ended": Claim.Ended.RELEASED}
    Claim.objects.bulk_create(
        Claim(case_id=case_id, reviewer=person, stage=Stage.SECOND, expires_at=later, **ended)
        for case_id in QueueEntry.objects.order_by("due_at").values_list("pk", flat=True)[:count]
    )


def hold_most_urgent(count: int) -> None:
    """Claims for the `count` most urgent cases, each by somebody else, by one statement."""
    people = User.objects.bulk_create(User(username=f"crowd {n}") for n in range(count))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH urgent AS (
                SELECT case_id, row_number() OVER (ORDER BY due_at) AS place
                FROM reviews_queueentry ORDER BY due_at LIMIT %s),
            made AS (
                INSERT INTO reviews_claim (case_id, reviewer_id, stage, expires_at, ended)
                SELECT case_id, (%s::bigint[])[place], 'first', now() + interval '1 hour', ''
                FROM urgent
                RETURNING id, case_id)
            UPDATE reviews_queueentry entry SET claim_id = made.id
            FROM made WHERE made.case_id = entry.case_id
            """,
            [count, [person.pk for person in people]],
        )


def give_away_most_urgent(count: int, **how: Any) -> None:
    """Makes the `count` most urgent cases that the reviewer could have somebody else's."""
    urgent = QueueEntry.objects.filter(claim=None, reserved_for=None, senior=False)
    keys = list(urgent.order_by("due_at").values_list("pk", flat=True)[:count])
    QueueEntry.objects.filter(pk__in=keys).update(**how)


# ---------------------------------------------------------------- at the same instant


def test_of_500_cases_64_reviewers_get_none_twice(
    own_database: str, make_person: Callable[..., User], make_upstream: Callable[..., Any]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    client = make_upstream().client
    queues = list(Queue.objects.filter(pipeline=loan).order_by("pk"))
    for number, queue in enumerate(queues):
        many_waiting(queue, client, (500 - len(queues) - number) // len(queues))
    while QueueEntry.objects.count() < 500:
        waiting_case(loan, client)
    people = [make_person(Role.REVIEWER) for _ in range(64)]
    rights = rights_of(people[0])

    def claim_all(number: int) -> list[Any]:
        person, got = people[number], []
        while claim := claim_next(reviewer=person, rights=rights, by=person.actor):
            got.append(claim.case_id)
            ended = {"ended_at": ClockTimestamp(), "ended": Claim.Ended.REVIEWED}
            Claim.objects.filter(pk=claim.pk).update(**ended)  # hands are free again
        return got

    got = Counter(case for cases in in_threads(64, claim_all) for case in cases)
    assert len(got) == 500
    assert set(got.values()) == {1}
    assert Claim.objects.count() == Event.objects.filter(type="case.claimed").count() == 500


def test_pressing_start_twice_claims_one_case(
    own_database: str, make_person: Callable[..., User], make_upstream: Callable[..., Any]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    client, reviewer = make_upstream().client, make_person(Role.REVIEWER)
    for _ in range(8):
        waiting_case(loan, client)
    rights = rights_of(reviewer)
    got = in_threads(8, lambda _: claim_next(reviewer=reviewer, rights=rights, by=reviewer.actor))
    assert len({claim.pk for claim in got}) == 1
    assert Claim.objects.count() == 1


def test_who_takes_a_case_holds_up_no_other_queues(
    own_database: str, make_person: Callable[..., User], make_upstream: Callable[..., Any]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    client = make_upstream().client
    one, two = (make_person(Role.REVIEWER) for _ in range(2))
    waiting_case(loan, client, queue="loan-review")
    left = waiting_case(loan, client, queue="loan-papers", due_in=timedelta(days=2))
    with transaction.atomic():
        assert start(one)
        (second,) = in_threads(1, lambda _: started(two))  # while the first has not committed
    assert second.pk == left.pk


def test_a_claim_renewed_in_time_does_not_expire(
    own_database: str, make_person: Callable[..., User], make_upstream: Callable[..., Any]
) -> None:
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    reviewer = make_person(Role.REVIEWER)
    claim = held(waiting_case(loan, make_upstream().client), reviewer)
    expire(claim)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Claim.objects.filter(pk=claim.pk).update(
                expires_at=ClockTimestamp() + timedelta(minutes=5)
            )
            sweeping = threads.submit(in_threads, 1, lambda _: return_expired(by=TESTER))
            wait_for_lock()
        sweeping.result()
    claim.refresh_from_db()
    assert claim.ended == ""
    assert not Event.objects.filter(type="claim.expired").exists()


# ---------------------------------------------------------------- pinned queues


def test_a_pinned_queue_comes_before_whatever_is_sooner_or_reserved(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    pinned = Queue.objects.get(slug="loan-papers")
    Queue.objects.filter(pk=pinned.pk).update(pinned=True)
    soon = waiting_case(loan, bank, due_in=timedelta(minutes=1))
    mine = waiting_case(loan, bank, due_in=timedelta(minutes=5))
    late, early = (
        waiting_case(loan, bank, queue=pinned.slug, due_in=timedelta(hours=hours))
        for hours in (30, 20)
    )
    mine_pinned = waiting_case(loan, bank, queue=pinned.slug, due_in=timedelta(hours=40))
    QueueEntry.objects.filter(pk__in=[mine.pk, mine_pinned.pk]).update(reserved_for=reviewer)
    for expected in (mine_pinned, early, late, mine, soon):
        assert next_waiting(reviewer=reviewer, rights=rights_of(reviewer)) == expected.pk
        assert started(reviewer) == expected
        finish(reviewer)
    assert start(reviewer) is None


def test_what_is_pinned_is_nobodys_who_has_no_right_there(
    loan: Pipeline, bank: ApiClient, make_person: Callable[..., User]
) -> None:
    Queue.objects.filter(slug="loan-papers").update(pinned=True)
    waiting_case(loan, bank, queue="loan-papers", due_in=timedelta(minutes=1))
    ordinary = waiting_case(loan, bank)
    somebody = make_person()
    grant("review", on=Queue.objects.get(slug="loan-review"), to=somebody, by=TESTER)
    assert started(somebody) == ordinary


def finish(reviewer: User) -> None:
    """Takes the case that somebody holds out of its queue."""
    claim = Claim.objects.get(reviewer=reviewer, ended_at=None)
    QueueEntry.objects.filter(pk=claim.case_id).delete()
    Claim.objects.filter(pk=claim.pk).update(ended_at=ClockTimestamp(), ended=Claim.Ended.REVIEWED)
