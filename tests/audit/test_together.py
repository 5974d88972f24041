"""No change without its event: where the event can't be written, the act leaves nothing behind."""

import copy
import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house_settings
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError
from django.test import override_settings

from accounts.keys import make_client, make_key, revoke_key, rotate_keys
from accounts.models import ApiClient, User
from accounts.roles import Role, give_role, grant, take_role, withdraw
from audit import vault
from audit.actors import Actor
from cases import announcing, intake, lifecycle, webhooks
from cases.catalogue import apply_pipeline
from cases.models import Pipeline, Priority, Status
from inference.reading import save_fields
from inference.registry import register_model
from inference.scoring import score_case
from reviews import claims, routes
from reviews.committing import commit_verdict
from reviews.models import Export, PolicyVersion, Queue
from reviews.policies import activate_policy
from reviews.proposing import (
    change_proposal,
    discard_proposal,
    draft_proposal,
    recall_request,
    refuse_proposal,
    request_signature,
    roll_back,
    sign_proposal,
)
from reviews.rights import rights_of
from reviews.setting_up import open_to_roles, set_up_review
from reviews.settling import settle_review
from reviews.trail import exportjobs, exportruns
from reviews.trail.bundles import Bundle
from reviews.trail.exportruns import Job
from reviews.trail.sealedfiles import SealedWriter
from reviews.trail.selecting import Selection
from reviews.undoing import undo_review
from tests.casefiles import (
    DECLINE,
    decided_case,
    expire,
    found,
    give,
    held,
    quarantined_case,
    read_case,
    received_case,
    scored_case,
    waiting_case,
)
from tests.cases.loans import DATA, KINDS, pdf
from tests.proposals import drafted, requested, stricter


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


Acts = dict[str, Callable[[], object]]


def in_transaction(act: Callable[[], object]) -> Callable[[], object]:
    return transaction.atomic(act)


def acts_on_accounts(client: ApiClient, person: User, queue: Queue, by: Actor) -> Acts:
    key = client.keys.get()
    return {
        "make_client": lambda: make_client("new", pipelines=["loan"], by=by),
        "make_key": lambda: make_key(client, by=by),
        "rotate_keys": lambda: rotate_keys(client, by=by),
        "revoke_key": lambda: revoke_key(key, by=by),
        "give_role": in_transaction(lambda: give_role(Role.AUDITOR, to=person, by=by)),
        "take_role": in_transaction(
            lambda: take_role(Role.SENIOR_REVIEWER, away_from=person, by=by)
        ),
        "grant": in_transaction(lambda: grant("supervise", on=queue, to=person, by=by)),
        "withdraw": in_transaction(
            lambda: withdraw("review", on=queue, to=person.groups.get(), by=by)
        ),
        "a changed name": lambda: User(pk=person.pk, username="else", password="x").save(),
    }


def acts_of_setting_up(loan: Pipeline, release: Path, by: Actor) -> Acts:
    assert loan.current is not None
    definition = loan.current.definition
    content = copy.deepcopy(loan.current.content)
    content["version"] += 1
    other = copy.deepcopy(loan.current.content)
    other["slug"] = "lease"
    text = json.dumps(other).replace('"loan-', '"lease-')
    lease = apply_pipeline(json.loads(text), by=by)
    return {
        "apply_pipeline": lambda: apply_pipeline(content, by=by),
        "set_up_review": lambda: set_up_review(lease, by=by),
        "open_to_roles": lambda: open_to_roles(lease, by=by),
        "activate_policy": lambda: activate_policy(
            loan, definition.policy, definition=definition, by=by
        ),
        "register_model": lambda: register_model(release, by=by),
    }


def acts_on_policies(loan: Pipeline, one: User, other: User) -> Acts:
    draft, asked = drafted(loan, one), requested(loan, one)
    first = PolicyVersion.objects.get(pipeline=loan, active=True)
    sign_proposal(requested(loan, one).pk, revision=1, by=other)
    content = stricter(loan, 0.9)
    less = draft_proposal(loan, content, title="Less", by=one)
    return {
        "draft_proposal": lambda: drafted(loan, one),
        "change_proposal": lambda: change_proposal(
            draft.pk, content, title="Less", reason="", revision=1, by=one
        ),
        "request_signature": lambda: request_signature(less.pk, revision=1, by=one),
        "recall_request": lambda: recall_request(asked.pk, by=one),
        "sign_proposal": lambda: sign_proposal(asked.pk, revision=1, by=other),
        "refuse_proposal": lambda: refuse_proposal(asked.pk, revision=1, answer="No.", by=other),
        "discard_proposal": lambda: discard_proposal(draft.pk, by=one),
        "roll_back": lambda: roll_back(first, reason="Too strict", by=one),
    }


def acts_on_the_way_to_a_person(loan: Pipeline, client: ApiClient) -> Acts:
    open_case = received_case(loan, client)
    failed = lifecycle.take_step(open_case.pk, Status.RECEIVED)
    to_read = received_case(loan, client)
    reading = lifecycle.take_step(to_read.pk, Status.RECEIVED)
    to_score = read_case(loan, client)
    scoring = lifecycle.take_step(to_score.pk, Status.READ)
    to_decide = scored_case(loan, client, predicted="approve", confidence=0.99)
    deciding = lifecycle.take_step(to_decide.pk, Status.SCORED)
    to_queue = scored_case(loan, client)
    queueing = lifecycle.take_step(to_queue.pk, Status.SCORED)
    to_person = quarantined_case(loan, client)
    handing = lifecycle.take_step(to_person.pk, Status.QUARANTINED)
    return {
        "open_case": lambda: open_case_of(client),
        "begin": lambda: received_case(loan, client),
        "move": in_transaction(
            lambda: lifecycle.move(found(open_case), Status.WITHDRAWN, by=client.actor)
        ),
        "fail_step": lambda: lifecycle.fail_step(failed, error="RuntimeError"),
        "save_fields": lambda: save_fields(found(to_read), [], [], vault.of(to_read.pk), reading),
        "score_case": lambda: score_case(found(to_score), scoring),
        "route_case to a decision": lambda: routes.route_case(found(to_decide), deciding),
        "route_case to a queue": lambda: routes.route_case(found(to_queue), queueing),
        "queue_quarantined_case": lambda: routes.queue_quarantined_case(found(to_person), handing),
    }


def open_case_of(client: ApiClient) -> object:
    return intake.open_case(
        client=client,
        pipeline_slug="loan",
        reference="SB-1",
        data=DATA,
        papers=[intake.SentPaper(kind, "paper.pdf", pdf()) for kind in KINDS],
        priority=Priority.NORMAL,
        by=client.actor,
    )


def acts_of_reviewers(loan: Pipeline, client: ApiClient, people: list[User]) -> Acts:
    reviewer, other, third = people
    by, rights = reviewer.actor, rights_of(reviewer)
    one, two, withdrawn, chosen = (waiting_case(loan, client) for _ in range(4))
    claim, gone, _ = held(one, reviewer), held(two, other), held(withdrawn, third)
    expire(gone)
    with transaction.atomic():
        lifecycle.move(found(withdrawn), Status.WITHDRAWN, by=client.actor)
    closing = lifecycle.take_step(withdrawn.pk, Status.WITHDRAWN)
    return {
        "claim_next": lambda: claims.claim_next(reviewer=other, rights=rights, by=by),
        "claim_case": lambda: claims.claim_case(chosen.pk, reviewer=other, rights=rights, by=by),
        "release": lambda: claims.release(claim.pk, reviewer=reviewer, by=by),
        "take_over": lambda: claims.take_over(claim.pk, case_id=one.pk, supervisor=other, by=by),
        "return_expired": lambda: claims.return_expired(by=by),
        "close_withdrawn": lambda: claims.close_withdrawn(found(withdrawn), closing),
    }


def acts_of_the_verdict(loan: Pipeline, client: ApiClient, people: list[User]) -> Acts:
    """A first answer, a verdict, its undoing, and what it leads to."""
    one, two, busy = people
    unseen = held(waiting_case(loan, client, blind=True), one)
    claim = held(waiting_case(loan, client), two)
    ends, leads_on, regretted = (
        give(held(waiting_case(loan, client, second_review=second), busy), DECLINE)
        for second in (None, "loan-second", None)
    )
    version, rights, by = found(unseen.case).version, rights_of(one), one.actor

    def undo() -> None:
        with override_settings(UNDO_SECONDS=600):
            undo_review(regretted.claim_id, reviewer=busy, rights=rights, by=by)

    return {
        "commit_verdict": lambda: commit_verdict(
            fence=unseen.pk,
            case_version=version,
            verdict=DECLINE,
            reviewer=one,
            rights=rights,
            by=by,
        ),
        "submit_review": lambda: give(claim, DECLINE),
        "settle_review to a decision": lambda: settle_review(ends.claim_id),
        "settle_review to a second one": lambda: settle_review(leads_on.claim_id),
        "undo_review": undo,
    }


def acts_after_the_decision(loan: Pipeline, client: ApiClient, auditor: User) -> Acts:
    by = client.actor
    hook, _ = webhooks.make_webhook(client, "http://127.0.0.1:9/", by=by)
    told, untold = decided_case(loan, client), decided_case(loan, client)
    announcing.announce(told, lifecycle.take_step(told.pk, Status.DECIDED))
    (delivery,) = announcing.take_due()
    last = copy.copy(delivery)
    last.attempts = len(announcing.DELAYS)
    step = lifecycle.take_step(untold.pk, Status.DECIDED)

    return {
        "announce": lambda: announcing.announce(found(untold), step),
        "a delivery": lambda: announcing.note(delivery, 204),
        "a webhook that is gone": lambda: announcing.note(delivery, 410),
        "a delivery given up": lambda: announcing.note(last, 500),
        "make_webhook": lambda: webhooks.make_webhook(client, "http://127.0.0.1:9/", by=by),
        "rotate_secret": lambda: webhooks.rotate_secret(hook, by=by),
        "delete_webhook": lambda: webhooks.delete_webhook(hook, by=by),
    }


def acts_on_exports(loan: Pipeline, emil: User, other: User) -> Acts:
    def export(status: str, **facts: Any) -> Export:
        asked = {"kind": Export.Kind.DECISIONS, "format": Export.Format.CSV, **facts}
        made: Export = Export.objects.create(
            pipeline=loan, exported_by=emil, status=status, filter={"pipeline": "loan"}, **asked
        )
        return made

    def job() -> Job:
        found = exportruns.take(export(Export.Status.QUEUED).pk)
        assert found
        return found

    asked, refused, running = (export(Export.Status.ASKED) for _ in range(3))
    preparing, failing, finishing = (job() for _ in range(3))
    bundle = Bundle(SealedWriter(io.BytesIO(), bytes(32)), finishing.began, finishing.wrote)
    for each in (preparing, failing, finishing):
        each.line.close()
    return {
        "ask_export": lambda: exportjobs.ask_export(
            Selection(loan), kind=Export.Kind.DECISIONS, format=Export.Format.CSV, by=emil
        ),
        "approve_export": lambda: exportjobs.approve_export(asked.pk, by=other),
        "refuse_export": lambda: exportjobs.refuse_export(refused.pk, by=other),
        "cancel_export": lambda: exportjobs.cancel_export(running.pk, by=emil),
        "an export's manifest": lambda: exportruns.prepared(preparing, "00"),
        "an export's failure": lambda: exportruns.fail(failing, "The disk is full."),
        "an export's end": lambda: exportruns.finish(finishing, bundle, bytes(32), "exports/1"),
    }


def another_release(directory: Path) -> Path:
    """A release that is not registered yet."""
    release = directory / "another"
    shutil.copytree(house_settings.MODEL_DIR / "german-credit-scorecard" / "1", release)
    facts = json.loads((release / "model.json").read_text())
    (release / "model.json").write_text(json.dumps({**facts, "name": "another"}))
    return release


def test_acts_leave_nothing_behind_when_their_event_cannot_be_written(
    own_database: str,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Any],
    broken_log: Callable[[], None],
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.WEBHOOK_LOOPBACK = True
    client = make_upstream().client
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    auditor, *people = [make_person(Role.SENIOR_REVIEWER) for _ in range(7)]
    ready = {
        **acts_on_accounts(client, auditor, Queue.objects.all()[0], auditor.actor),
        **acts_of_setting_up(loan, another_release(tmp_path), auditor.actor),
        **acts_on_policies(loan, *(make_person(Role.PIPELINE_ADMIN) for _ in range(2))),
        **acts_on_the_way_to_a_person(loan, client),
        **acts_on_exports(loan, *(make_person(Role.AUDITOR) for _ in range(2))),
        **acts_of_reviewers(loan, client, people[:3]),
        **acts_of_the_verdict(loan, client, people[3:]),
        **acts_after_the_decision(loan, client, auditor),
    }
    broken_log()
    before, files = everything(), stored_files(tmp_path)
    for name, act in ready.items():
        with pytest.raises(IntegrityError, match="broken"):
            act()
        after = everything()
        changed = {table for table in before if before[table] != after[table]}
        assert not changed, name
        assert stored_files(tmp_path) == files, name


def stored_files(folder: Path) -> set[Path]:
    return {file for file in (folder / "media").rglob("*") if file.is_file()}
