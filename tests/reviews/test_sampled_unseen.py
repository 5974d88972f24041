"""A sampled case is to who may judge it what any case is that is judged blind: byte for byte.

Three houses are alike but for why a case waits: it was decided and drawn, the gate held it back, or the
model was not sure. Before the first answer nothing tells them apart; after it, when the model's view is
shown, nothing tells the decided one from the one that was held back.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from accounts.roles import Role
from audit.actors import system
from audit.events import record
from cases import lifecycle
from cases.models import Case, Decision, Pipeline, Status
from reviews.models import QueueEntry, Route, Sample
from reviews.policies import activate_policy
from reviews.replying import announce
from reviews.routes import route_case
from tests.casefiles import TESTER, found
from tests.conftest import copied_database
from tests.gates import open_gates
from tests.loans import READ
from tests.reviews.two_houses import ONE, MakePerson, Scenario, scored
from tests.reviews.walks import Walk, alike

DAYS = 30
DECLINE = {
    "verdict": "decline",
    "reason:decline": ["income_insufficient"],
    "explanation": "As I see it.",
    "commits": "yes",
    "confirmed": "yes",
}
CLEAR = {name: replace(read, value=read.value or "4.9", confidence=0.97, mismatch="")
         for name, read in READ.items()}  # fmt: skip


@dataclass(frozen=True)
class Why:
    """Why a case waits to be judged blind."""

    confidence: float
    gate_open: bool
    kind: str = ""


WHY = {
    "decided and drawn": Why(0.93, gate_open=True, kind="automatic"),
    "held back by the gate": Why(0.93, gate_open=False, kind="held"),
    "not sure enough": Why(0.71, gate_open=True),
}


def build(why: Why, make_person: MakePerson) -> tuple[Case, User]:
    """A house's one case, and who is to judge it."""
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    assert loan.current is not None
    definition = loan.current.definition
    measured = {"blind_share": 1.0, "samples": {"share": 1.0}, "gate": {"days": DAYS}}
    activate_policy(loan, {**definition.policy, **measured}, definition=definition, by=TESTER)
    if why.gate_open:
        open_gates(loan, days=DAYS)
    me = make_person(Role.SENIOR_REVIEWER, username="me", first_name="Ada", last_name="Byron")
    said = replace(ONE, confidence=why.confidence)
    case = scored(loan, Scenario(Role.SENIOR_REVIEWER, 0, 8450), said, read=CLEAR)
    route_case(case, lifecycle.take_step(case.pk, Status.SCORED))
    case = found(case)
    if not why.gate_open:
        open_gates(loan, days=DAYS)  # that it was closed is no secret
    if case.status == Status.DECIDED:
        announce(case, lifecycle.take_step(case.pk, Status.DECIDED))
        with transaction.atomic():
            record("webhook.delivered", by=system("webhooks"), case_id=case.pk, pipeline="loan")
    kinds = Sample.objects.values_list("kind", flat=True)
    assert [*kinds] == ([why.kind] if why.kind else [])
    assert QueueEntry.objects.get().route.blind
    return found(case), me


LOOKED_AT = (
    "home", "palette", "board", "board_now", "giving", "sharing", "case", "entry", "colleagues", "guidance",
    "receipt", "trail_notices", "trail_replay",
)  # fmt: skip
ASKED = (
    "status=in_review",
    "status=announced",
    "outcome=approve",
    "deadline=today",
    "sort=deadline",
)


def look(walked: Walk) -> None:
    """Everywhere that a case shows."""
    for name in LOOKED_AT:
        for address in walked.addresses(name)[:6]:
            walked.get(address)
    for query in ("", *ASKED):
        walked.get(f"/cases/?{query}")
    walked.post("trail_export_ask", {"pipeline": "loan", "format": "csv"})
    walked.post("ahead", {"known": ""})


def walk(case: Case, me: User, client: Client, *, answers: bool) -> tuple[Walk, int]:
    """What a reviewer can ask and do, and how much of it came before their answer, if they give one."""
    client.force_login(me)
    walked = Walk(client, case, me)
    look(walked)
    walked.post("claim", {})
    look(walked)
    before = len(walked.answers)
    if not answers:
        return walked, before
    walked.post("verdict", DECLINE)
    look(walked)
    walked.post("rescore", {})
    walked.post("verdict", {"keeps": "yes", "verdict": "decline"})
    look(walked)
    walked.post("undo", {})
    walked.get(f"/cases/{case.pk}/")
    return walked, before


def test_nothing_tells_a_sampled_case_from_others(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    make_person: MakePerson,
    settings: Any,
) -> None:
    settings.UNDO_SECONDS = 600
    walks, decided = {}, {}
    for name, why in WHY.items():
        with copied_database(django_db_blocker):
            case, me = build(why, make_person)
            walks[name], before = walk(case, me, Client(), answers=bool(why.kind))
            decided[name] = Decision.objects.count(), Route.objects.count()
    assert [*decided.values()] == [(1, 2), (0, 1), (0, 1)], "they do differ"
    sampled, held, unsure = (walked.answers for walked in walks.values())
    for there in (held, unsure):
        for (asked, one), (also, other) in zip(sampled[:before], there[:before], strict=True):
            assert asked == also
            alike(asked, one, other)
    assert len(sampled) == len(held)
    for (asked, one), (also, other) in zip(sampled, held, strict=True):
        assert asked == also
        alike(f"after the answer: {asked}", one, other)
    assert not any("0.93" in text for _, text in sampled[:before])
    assert any("0.93" in text for _, text in sampled[before:]), "the model's view is shown then"
