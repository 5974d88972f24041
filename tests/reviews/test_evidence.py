"""Evidence of a period: the same bytes whatever happens after it, events proven, and the log checked."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from accounts.models import User
from accounts.roles import Role, give_role, grant, take_role, withdraw
from audit import verify
from audit.events import record
from audit.models import Checkpoint, Event, Leaf
from audit.sealing import seal
from audit.selfcheck import check_log
from cases.models import Pipeline
from reviews.calibrating import database_time
from reviews.stopping import lift_stop, stop
from reviews.trail.evidence import NotSealed, Packed, pack_evidence
from reviews.trail.rewinding import Access, rewind
from tests.casefiles import TESTER, decided_case
from tests.processes import eventually

AGO = timedelta(days=1)


def seal_all() -> None:
    """Seals all that happened, as soon as no transaction of before runs in the whole cluster."""

    def is_sealed() -> bool:
        seal(keys=settings.SEAL_KEYS)
        return Leaf.objects.count() == Event.objects.count()

    eventually(is_sealed, "everything to be sealed")


def packed(since: datetime, until: datetime, by: User) -> tuple[bytes, Packed]:
    """A pack and what was said of it."""
    file = io.BytesIO()
    found = pack_evidence(file, since, until, by=by)
    return file.getvalue(), found


def rows(content: bytes, name: str) -> list[dict[str, Any]]:
    """The rows of one of its tables."""
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        return [json.loads(line) for line in pack.read(f"{name}.jsonl").splitlines()]


def judged(
    content: bytes, path: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, str]:
    """What the verifier says of a file."""
    path.write_bytes(content)
    code = verify.main([str(path), *more])
    return code, capsys.readouterr().out


def test_a_period_is_packed_alike_whatever_happens_after_it(
    own_database: str,
    make_person: Callable[..., User],
    make_upstream: Callable[..., Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    emil, dora = make_person(Role.AUDITOR), make_person(Role.PIPELINE_ADMIN)
    karim, anna = make_person(Role.PIPELINE_ADMIN), make_person(username="anna")
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    since = database_time() - AGO
    with transaction.atomic():
        give_role(Role.REVIEWER, to=anna, by=TESTER)
        grant("audit", on=loan, to=anna, by=TESTER)
    client = make_upstream().client
    decided_case(loan, client)
    placed = stop(reason="Looking into it", by=dora)
    seal_all()
    until = database_time()
    with transaction.atomic():
        late = record("test.late", by=TESTER)
    with pytest.raises(NotSealed):
        packed(since, late.at + timedelta(microseconds=1), emil)
    first, found = packed(since, until, emil)
    with transaction.atomic():
        take_role(Role.REVIEWER, away_from=anna, by=TESTER)
        withdraw("audit", on=loan, to=anna, by=TESTER)
        give_role(Role.OPERATOR, to=anna, by=TESTER)
        make_person(Role.REVIEWER)
    lift_stop(placed.pk, reason="Nothing was found", by=karim)
    decided_case(loan, client)
    anna.is_active = False
    anna.save()
    seal_all()
    again, _ = packed(since, until, emil)
    assert again == first
    assert found.checked.holds

    people = {row["username"]: row for row in rows(first, "people")}
    assert (people["anna"]["roles"], people["anna"]["active"]) == (["reviewer"], True)
    mine = [row for row in rows(first, "rights") if row["to"] == f"user:{anna.pk}"]
    assert [(row["right"], row["called"]) for row in mine] == [("audit", "loan")]
    assert [row["lifted_at"] for row in rows(first, "stops")] == [None]
    types = {row["event"]["type"] for row in rows(first, "events")}
    assert {"account.role_given", "automation.stopped"} <= types
    assert "case.decided" not in types
    assert rows(first, "policies")[0]["pipeline"] == "loan"

    place = tmp_path / "evidence.zip"
    code, said = judged(first, place, capsys, "--manifest", found.manifest)
    assert code == 0, said
    assert judged(first, place, capsys, "--manifest", "00")[0] == 1
    code, said = judged(first, place, capsys)
    assert code == 2, "any export could pose as a pack"
    assert "evidence pack" in said
    assert found.manifest in said
    told = Event.objects.filter(type="evidence.packed").order_by("id").first()
    assert told is not None
    assert told.data["manifest"] == found.manifest
    changed = first.replace(b"people.jsonl", b"people.jsonx")
    assert judged(changed, tmp_path / "changed.zip", capsys)[0] == 1

    day, said_by_it = (until - 2 * AGO).date(), io.StringIO()
    given = {"since": day, "until": day, "to": tmp_path / "old.zip", "by": emil.username}
    call_command("evidence", **given, stdout=said_by_it)
    assert "leaves made anew" in said_by_it.getvalue()
    told = Event.objects.filter(type="evidence.packed").latest("id")
    old = (tmp_path / "old.zip").read_bytes()
    code, said = judged(old, tmp_path / "copy.zip", capsys, "--manifest", told.data["manifest"])
    assert code == 0, said
    with pytest.raises(CommandError, match="is there already"):
        call_command("evidence", **given)
    assert not [*tmp_path.glob(".old.zip*")]

    with connections["owner"].cursor() as cursor:  # who owns the tables can do that
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        cursor.execute("UPDATE audit_event SET data = '{}' WHERE type = 'automation.stopped'")
    checked = check_log(Checkpoint.objects.latest("id"))
    assert len(checked.wrong) == 1
    assert not checked.holds
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE type = 'automation.stopped'")
    checked = check_log(Checkpoint.objects.latest("id"))
    assert (checked.wrong, checked.disposed, checked.accounted) == ((), 1, 0)
    assert not checked.holds


def test_what_happened_since_is_taken_back_last_first() -> None:
    now = Access({(1, "auditor")}, {("user:1", "audit", "cases.pipeline:2")}, {1: False, 2: True})
    events: list[tuple[str, dict[str, Any]]] = [
        ("configuration.user_changed", {"id": "1", "changes": {"is_active": ["True", "False"]}}),
        ("account.role_given", {"user": 1, "role": "auditor"}),
        ("account.role_taken", {"user": 1, "role": "auditor"}),
        ("account.right_granted", {"to": "user:1", "right": "audit", "on": "cases.pipeline:2"}),
        ("account.right_withdrawn", {"to": "group:3", "right": "x", "on": "reviews.queue:1"}),
        ("configuration.user_changed", {"id": "2", "changes": {"is_staff": ["True", "False"]}}),
    ]
    before = rewind(now, events)
    assert before.roles == {(1, "auditor")}
    assert before.rights == {("group:3", "x", "reviews.queue:1")}
    assert before.active == {1: True, 2: True}


def test_the_command_says_why_it_does_not(
    db: None, make_person: Callable[..., User], tmp_path: Path
) -> None:
    make_person(Role.AUDITOR, username="emil")
    given = {"by": "emil", "to": tmp_path / "pack.zip"}
    day = date(2026, 10, 31)
    with pytest.raises(CommandError, match="ends before it begins"):
        call_command("evidence", since=day, until=date(2026, 10, 1), **given)
    with pytest.raises(CommandError, match="is not over"):
        call_command("evidence", since=day, until=date(2099, 10, 1), **given)
    with pytest.raises(CommandError, match="nobody called nobody"):
        call_command("evidence", since=day, until=day, **{**given, "by": "nobody"})
    make_person(Role.REVIEWER, username="rita")
    with pytest.raises(CommandError, match="may not audit every pipeline"):
        call_command("evidence", since=day, until=day, **{**given, "by": "rita"})
    assert [*tmp_path.glob("*")] == []
