"""No change without its event: where the event can't be written, the act leaves nothing behind."""

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError

from accounts.keys import make_client, make_key, revoke_key, rotate_keys
from accounts.models import ApiClient, User
from accounts.roles import Role, give_role, grant
from audit.actors import Actor
from cases import lifecycle
from cases.catalogue import apply_pipeline
from cases.models import Case, Pipeline, Status
from inference.registry import register_model
from inference.scoring import score_case
from reviews import claims, routes
from reviews.models import Queue
from reviews.policies import activate_policy
from reviews.reviewing import submit_review
from reviews.rights import rights_of
from tests.casefiles import (
    DECLINE,
    expire,
    found,
    held,
    quarantined_case,
    read_case,
    received_case,
    scored_case,
    waiting_case,
)


def everything() -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest of all of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            rows = f"SELECT t::text FROM {table} t"  # noqa: S608  # names of our own
            cursor.execute(
                f"SELECT count(*), md5(string_agg(t, ' ' ORDER BY t)) FROM ({rows})"  # noqa: S608  # as above
            )
            found[table] = cursor.fetchone()
    return found


@pytest.fixture
def broken_log() -> Iterator[Callable[[], None]]:
    """Breaks the event log from the moment that it is called."""

    def break_it() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT broken CHECK (false) NOT VALID")

    yield break_it


def acts(
    loan: Pipeline, client: ApiClient, people: list[User], release: Path
) -> dict[str, Callable[[], object]]:
    """Each act on a case of its own, ready to be done."""
    reviewer, other, idle, third = people
    by: Actor = reviewer.actor
    rights = rights_of(reviewer)
    key = client.keys.get()
    open_case = received_case(loan, client)
    failed = lifecycle.take_step(open_case.pk, Status.RECEIVED)
    to_score = read_case(loan, client)
    scoring = lifecycle.take_step(to_score.pk, Status.READ)
    to_decide = scored_case(loan, client, predicted="approve", confidence=0.99)
    deciding = lifecycle.take_step(to_decide.pk, Status.SCORED)
    to_queue = scored_case(loan, client)
    queueing = lifecycle.take_step(to_queue.pk, Status.SCORED)
    to_person = quarantined_case(loan, client)
    handing = lifecycle.take_step(to_person.pk, Status.QUARANTINED)
    one, two, withdrawn = (waiting_case(loan, client) for _ in range(3))
    claim, gone, _ = held(one, reviewer), held(two, other), held(withdrawn, third)
    expire(gone)
    with transaction.atomic():
        lifecycle.move(found(withdrawn), Status.WITHDRAWN, by=client.actor)
    closing = lifecycle.take_step(withdrawn.pk, Status.WITHDRAWN)
    chosen = waiting_case(loan, client)
    assert loan.current is not None
    definition = loan.current.definition
    content = copy.deepcopy(loan.current.content)
    content["version"] += 1

    def in_transaction(act: Callable[[], object]) -> Callable[[], object]:
        return transaction.atomic(act)

    return {
        "make_client": lambda: make_client("new", pipelines=["loan"], by=by),
        "make_key": lambda: make_key(client, by=by),
        "rotate_keys": lambda: rotate_keys(client, by=by),
        "revoke_key": lambda: revoke_key(key, by=by),
        "give_role": in_transaction(lambda: give_role(Role.AUDITOR, to=other, by=by)),
        "grant": in_transaction(
            lambda: grant("supervise", on=Queue.objects.all()[0], to=other, by=by)
        ),
        "apply_pipeline": lambda: apply_pipeline(content, by=by),
        "activate_policy": lambda: activate_policy(
            loan, definition.policy, definition=definition, by=by
        ),
        "begin": lambda: received_case(loan, client),
        "move": in_transaction(
            lambda: lifecycle.move(found(open_case), Status.WITHDRAWN, by=client.actor)
        ),
        "fail_step": lambda: lifecycle.fail_step(failed, error="RuntimeError"),
        "score_case": lambda: score_case(found(to_score), scoring),
        "route_case to a decision": lambda: routes.route_case(found(to_decide), deciding),
        "route_case to a queue": lambda: routes.route_case(found(to_queue), queueing),
        "queue_quarantined_case": lambda: routes.queue_quarantined_case(found(to_person), handing),
        "claim_next": lambda: claims.claim_next(reviewer=idle, rights=rights, by=by),
        "claim_case": lambda: claims.claim_case(chosen.pk, reviewer=idle, rights=rights, by=by),
        "release": lambda: claims.release(claim.pk, reviewer=reviewer, by=by),
        "take_over": lambda: claims.take_over(claim.pk, by=by),
        "return_expired": lambda: claims.return_expired(by=by),
        "close_withdrawn": lambda: claims.close_withdrawn(found(withdrawn), closing),
        "submit_review": lambda: submit_review(
            fence=claim.pk,
            case_version=found(one).version,
            verdict=DECLINE,
            reviewer=reviewer,
            rights=rights_of(reviewer),
            by=by,
        ),
        "register_model": lambda: register_model(release, by=by),
    }


def another_release(directory: Path) -> Path:
    """A release that is not registered yet."""
    release = directory / "another"
    shutil.copytree(settings.MODEL_DIR / "german-credit-scorecard" / "1", release)
    facts = json.loads((release / "model.json").read_text())
    (release / "model.json").write_text(json.dumps({**facts, "name": "another"}))
    return release


def test_acts_leave_nothing_behind_when_their_event_cannot_be_written(
    own_database: str,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Any],
    broken_log: Callable[[], None],
    tmp_path: Path,
) -> None:
    client = make_upstream().client
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    people = [make_person(Role.SENIOR_REVIEWER) for _ in range(4)]
    ready = acts(loan, client, people, another_release(tmp_path))
    broken_log()
    before = everything()
    for name, act in ready.items():
        with pytest.raises(IntegrityError, match="broken"):
            act()
        after = everything()
        changed = {table for table in before if before[table] != after[table]}
        assert not changed, name
    assert Case.objects.filter(status=Status.IN_REVIEW).count() == 3
