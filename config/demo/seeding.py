"""Filling the demo: people who can sign in, and cases posted as an upstream system posts them."""

import base64
import json
import random
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.crypto import get_random_string

from accounts.keys import make_client, make_key, rotate_keys
from accounts.models import ApiClient, User
from accounts.roles import Role, give_role
from audit.actors import system
from cases.models import Case, PipelineVersion
from config.demo.accounts import PASSWORD, PEOPLE
from config.demo.applicants import applicant
from config.demo.papers import DemoPaper, papers, twelve_pages, unreadable_payslip
from inference.training.holdout import HeldOutRow, held_out_rows
from reviews.setting_up import open_to_roles

CLIENT = "Demo loan portal"
PRIORITIES: Mapping[str, float] = {"urgent": 0.08, "high": 0.2, "normal": 0.6, "low": 0.12}
BY = system("demo")

# Cases beside the others that show something: which row each is made from. No figure counts them.
LONG, UNREADABLE = "SB-2026-1001", "SB-2026-1002"
LARGE = ("SB-2026-1003", "SB-2026-1004", "SB-2026-1005")  # two people judge them
SHOWPIECES: Mapping[str, int] = dict(
    zip((LONG, UNREADABLE, *LARGE), (946, 809, 275, 833, 305), strict=True)
)


@dataclass(frozen=True, slots=True)
class DemoCase:
    """One case to post, with what is true of it: how the loan ended, what stands on the papers."""

    reference: str
    row: HeldOutRow
    data: Mapping[str, Any]
    papers: Sequence[DemoPaper]
    priority: str


def demo_cases(count: int) -> Iterator[DemoCase]:
    """The first `count` cases, made from rows that no training has seen; the same at every call."""
    rows = held_out_rows()
    random.Random("rows").shuffle(rows)  # an order, not a secret
    for row in rows[:count]:
        person = applicant(row.features, row.number)
        rng = random.Random(f"priority {row.number}")
        (priority,) = rng.choices(list(PRIORITIES), list(PRIORITIES.values()))
        reference = f"SB-2026-{row.number:04d}"
        yield DemoCase(reference, row, person.data, papers(person, row.number), priority)


def showpieces() -> Iterator[DemoCase]:
    """A statement of twelve pages, a payslip that can't be read, and loans for two people."""
    rows = {row.number: row for row in held_out_rows()}
    for reference, number in SHOWPIECES.items():
        row, seed = rows[number], int(reference[-4:])
        person = applicant(row.features, seed)
        sent = papers(person, seed)
        if reference == LONG:
            sent[2] = twelve_pages(person, seed)
        if reference == UNREADABLE:
            sent[1] = unreadable_payslip(person, seed)
        yield DemoCase(reference, row, person.data, sent, "normal")


@transaction.atomic
def make_people() -> None:
    """The demo's people, each once, with a password that everybody knows."""
    for person in PEOPLE:
        if not User.objects.filter(username=person.username).exists():
            user = User.objects.create_user(
                person.username,
                password=PASSWORD,
                first_name=person.first_name,
                last_name=person.last_name,
            )
            give_role(person.role, to=user, by=BY)
    version = PipelineVersion.objects.filter(pipeline__slug="loan").latest("number")
    if not Group.objects.get(name=Role.REVIEWER.value).groupobjectpermission_set.exists():
        open_to_roles(version, by=BY)


def demo_key() -> str:
    """A key for the demo's upstream system."""
    client = ApiClient.objects.filter(name=CLIENT).first()
    if client is not None:
        return rotate_keys(client, by=BY)
    return make_key(make_client(CLIENT, pipelines=["loan"], by=BY), by=BY)


def posted_references() -> set[str]:
    """References of the demo cases that are there already."""
    return set(Case.objects.filter(client__name=CLIENT).values_list("reference", flat=True))


def post(case: DemoCase, *, address: str, key: str) -> None:
    """Posts a case over HTTP; raises OSError where it is not taken."""
    body = {
        "pipeline": "loan",
        "reference": case.reference,
        "priority": case.priority,
        "data": case.data,
        "documents": [
            {
                "kind": paper.kind,
                "filename": paper.filename,
                "content": base64.b64encode(paper.blob).decode(),
            }
            for paper in case.papers
        ],
    }
    request = urllib.request.Request(  # noqa: S310  # the demo's own server
        f"{address}/api/v1/cases",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f'"{case.reference}-{get_random_string(8)}"',
        },
    )
    urllib.request.urlopen(request, timeout=60).close()  # noqa: S310  # the demo's own server


def remember_truth(case: DemoCase, file: Path) -> None:
    """Keeps what is true of a case beside the database, for the figures alone."""
    truth = {
        "reference": case.reference,
        "outcome": case.row.outcome,
        "papers": [
            {"kind": paper.kind, "grade": paper.grade, "truth": dict(paper.truth)}
            for paper in case.papers
        ],
    }
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(truth) + "\n")
