"""Nothing personal is anywhere in clear: not in the database, the broker, the files or the logs."""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
from django.conf import settings as house_settings
from django.contrib.sessions.models import Session
from django.db import connection

from accounts.models import User
from accounts.roles import Role
from cases.models import Delivery, IdempotentRequest
from cases.webhooks import make_webhook
from config.demo.loans import LoanCase
from reviews.models import Draft
from tests.conftest import TESTER, Upstream
from tests.journey.browsing import Visitor, post_case, until
from tests.journey.test_journey import EXPLANATION, declined_by_the_model
from tests.processes import House

END = "that was all"


@contextmanager
def overheard() -> Iterator[list[str]]:
    """All that is said to Redis while the block runs, complete once it has ended."""
    client = redis.from_url(house_settings.REDIS_URL)
    said: list[str] = []
    with client.monitor() as monitor:  # type: ignore[no-untyped-call]  # untyped in redis-py

        def listen() -> None:
            for command in monitor.listen():
                said.append(str(command["command"]))
                if END in said[-1]:
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield said
        finally:
            client.echo(END)
            listener.join()
            client.close()


def unpacked(commands: list[str]) -> str:
    """What is said, with the bodies of Celery's messages as they are under their base64."""
    bodies = re.findall(r'\\*"body\\*": *\\*"([A-Za-z0-9+/=]+)', " ".join(commands))
    return " ".join([*commands, *(base64.b64decode(body).decode() for body in bodies)])


def rows() -> Iterator[tuple[str, str]]:
    """Each row of each table, as text; its bytes stand there in hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} t")  # noqa: S608  # names of our own
            yield from ((table, row) for (row,) in cursor.fetchall())


def personal(loan: LoanCase) -> list[str]:
    """What says who the applicant is, and what was written about them."""
    person, employer = loan.data["applicant"], loan.data["employment"]["employer"]
    street, _, town = person["address"].partition(", ")
    return [
        person["name"],
        person["name"].split()[-1],
        person["id_number"],
        person["date_of_birth"],
        loan.data["finances"]["iban"],
        street,
        town,
        employer,
        EXPLANATION,
        *(paper.filename for paper in loan.papers),
    ]


def disguises(secret: str) -> set[str]:
    """A secret as it may stand in text, in JSON, in PostgreSQL's bytes and in base64."""
    raw = secret.encode()
    shifted = {base64.b64encode(bytes(by) + raw).decode()[4:-4] for by in range(3)}
    return {secret, json.dumps(secret)[1:-1], raw.hex(), *(some for some in shifted if some[8:])}


def found_in(text: str, secrets: list[str]) -> list[str]:
    return [secret for secret in secrets if any(shape in text for shape in disguises(secret))]


def test_nothing_personal_is_in_clear_anywhere(
    house: House,
    make_upstream: Callable[[], Upstream],
    make_person: Callable[..., User],
    settings: Any,
) -> None:
    upstream, reviewer = make_upstream(), make_person(Role.REVIEWER)
    loan = declined_by_the_model()
    secrets = personal(loan)
    settings.WEBHOOK_LOOPBACK = True
    make_webhook(upstream.client, "http://127.0.0.1:9/", by=TESTER)  # nobody listens: it stays
    house.start_web()
    with overheard() as said:
        case_id = journey(house, upstream, reviewer, loan)
    told = unpacked(said)
    assert case_id in told
    assert found_in(told, secrets) == []
    leaks = {(table, secret) for table, row in rows() for secret in found_in(row, secrets)}
    assert leaks == set()
    assert Delivery.objects.exists()
    assert IdempotentRequest.objects.exists()
    assert any(loan.reference in row for table, row in rows() if table == "cases_case")
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert sessions
    assert found_in(str(sessions), secrets) == []
    written = "".join(path.read_text() for path in house.logs.glob("*.log"))
    assert '"event": "request"' in written
    assert found_in(written, secrets) == []
    files = [path for path in (house.logs / "media").rglob("*") if path.is_file()]
    assert files
    for path in files:
        kept = path.read_bytes() + str(path).encode()
        assert not [secret for secret in secrets if secret.encode() in kept]


def journey(house: House, upstream: Upstream, reviewer: User, loan: LoanCase) -> str:
    """A case with all that belongs to one: posted, read, opened, drafted, reviewed, announced."""
    answer = post_case(
        house.url, upstream, data=loan.data, papers=loan.papers, reference=loan.reference
    )
    case_id = str(answer.json()["id"])
    house.start_worker(COUNTERSIGN_WEBHOOK_LOOPBACK="allowed")
    until(house.url, upstream, case_id, "in_review")
    visitor = Visitor(house.url, reviewer.username)
    visitor.get("/")
    visitor.send("/start/")
    form = {name: visitor.hidden(name) for name in ("fence", "version")}
    words = {"reason:approve": "collateral_sufficient", "explanation": EXPLANATION}
    visitor.send(f"/cases/{case_id}/draft/", **form, verdict="approve", **words)
    assert Draft.objects.exists()
    visitor.send(f"/cases/{case_id}/verdict/", **form, verdict="approve", **words, confirmed="yes")
    until(house.url, upstream, case_id, "announced")
    visitor.get(f"/cases/{case_id}/")
    return case_id
