"""What the demo's people do with a case: take it and judge it, by the same acts as everybody."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from audit import vault
from cases.models import Status
from config.demo.seeding import PORTALS
from reviews.adverse.checking import check_grounds
from reviews.claims import NotWaiting, claim_case
from reviews.committing import commit_verdict
from reviews.locking import LateWrite
from reviews.models import Claim, QueueEntry, Signature, Stage
from reviews.reviewing import submit_review
from reviews.rights import rights_of
from reviews.signatures import Proof
from reviews.verdicts import IncompleteVerdict, Verdict

Staff = dict[str, User]


def staff(*names: str) -> Staff:
    """Some of the demo's people, by their names."""
    return {person.username: person for person in User.objects.filter(username__in=names)}


def waiting_of(pipeline: str) -> QuerySet[QueueEntry]:
    """The demo's cases of a pipeline that wait for anybody."""
    return (
        QueueEntry.objects.filter(claim=None, hold=None, reserved_for=None, escalated=False)
        .filter(case__client__name=PORTALS[pipeline], case__status=Status.IN_REVIEW)
        .select_related("case__pipeline", "case__pipeline_version", "queue", "route__prediction")
    )


def claimed(person: User, entry: QueueEntry | None) -> Claim | None:
    """Somebody's claim on a case; None where a visitor of the demo was first."""
    if entry is None:
        return None
    try:
        return claim_case(entry.case_id, reviewer=person, rights=rights_of(person), by=person.actor)
    except NotWaiting:
        return None


def in_hands(people: Iterable[User], entry: QueueEntry) -> tuple[User, Claim] | None:
    """The first of some people who can take a case, and the claim: a visitor may work under a name."""
    claims = ((person, claimed(person, entry)) for person in people)
    return next(((person, claim) for person, claim in claims if claim is not None), None)


def borne_out(entry: QueueEntry, verdict: Verdict) -> bool:
    """Whether the case bears out the reasons of a verdict on it, as is asked of everybody's."""
    unseen = entry.stage != Stage.FIRST or entry.route.blind
    try:
        opened = vault.of(entry.case_id)
        check_grounds(entry.case, entry.route_id, verdict, opened, unseen=unseen)
    except IncompleteVerdict:
        return False
    return True


def judged(person: User, claim: Claim, entry: QueueEntry, verdict: Verdict) -> None:
    """Somebody's verdict on the case in hand, where it is blind after having committed to it."""
    given: dict[str, Any] = {
        "fence": claim.pk,
        "case_version": entry.case.version,
        "verdict": verdict,
        "reviewer": person,
        "rights": rights_of(person),
        "by": person.actor,
    }
    try:
        if entry.stage == Stage.FIRST and entry.route.blind:
            commit_verdict(**given)
        proof = Proof(person, Signature.Method.PASSWORD)  # as they would, by the password of all
        submit_review(**given, proof=proof)
    except LateWrite:
        pass
