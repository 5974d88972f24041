"""What comes after the decisions: notices and a contest, an emergency, holds and erasures, exports.

So that the trail has something to show when the house opens. All by the same acts as everybody's.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from accounts.models import User
from cases.models import Case, Decision, Pipeline
from config.demo import loans, messages
from config.demo.acting import staff, waiting_of
from config.demo.history import CLIENT
from config.demo.seeding import BY, PORTALS
from reviews.adverse.contests import contest_decision
from reviews.adverse.notices import escalate_due, mark_sent, owe_notice
from reviews.breakglass import break_glass
from reviews.disposals import approve, ask_for_cases
from reviews.legalholds import place_hold
from reviews.models import AdverseNotice, Export
from reviews.rights import rights_of
from reviews.trail.exportjobs import ask_export
from reviews.trail.selecting import Selection

CAME = (28.5, 23.0, 16.0, 9.0, 6.0, 3.0)
"""Days since those applications came of whose decline a notice is owed: the first is late soon."""
SENT = (AdverseNotice.Channel.POST, AdverseNotice.Channel.UPSTREAM)
"""How the notices of the last went out."""
RECENT = timedelta(days=14)
MATTER = "Landgericht Musterstadt, 4 O 126/26"
EMERGENCY = (
    "Rang from the emergency department: just brought in, and they can't reach the practice. They need "
    "to know what was written to us, and the conditions and medicines on record."
)
CONTESTED = (
    "I do not agree with this answer. The payslip that I sent is of a month with unpaid leave: all the "
    "others are about 400 higher, and my account shows that too. I ask that somebody looks at it again, "
    "and can send the slips of the whole year."
)


def follow_up() -> None:
    """One round of those who answer for the decisions; a house without a past has less to show."""
    people = staff("chidi", "ines", "lucia", "mats", "emil")
    pipeline = Pipeline.objects.select_related("current").get(slug=loans.PIPELINE)
    past = Case.objects.filter(client__name=CLIENT).order_by("created_at")
    write_letters(past, people["chidi"])
    take_contest(past, people["chidi"])
    break_in(people["ines"])
    keep_and_erase(pipeline, past, people["lucia"], people["mats"])
    ask_exports(pipeline, people["emil"])


@transaction.atomic
def write_letters(past: QuerySet[Case], chidi: User) -> None:
    """Notices of declines in the past: the last went out, and for the oldest it is pressed."""
    owed = []
    for days in CAME:
        decision = declined(past.filter(created_at__gte=now() - timedelta(days=days))).first()
        notice = owe_notice(decision, decision.case, by=BY) if decision else None
        owed += [notice] if notice else []
    for notice, channel in zip(owed[-len(SENT) :], SENT, strict=False):
        mark_sent(notice.pk, channel=channel, sender=chidi, by=chidi.actor)
    escalate_due(by=BY)


def declined(cases: QuerySet[Case]) -> QuerySet[Decision]:
    """The declines that stand, of which no notice is owed, the oldest case first."""
    found = Decision.objects.filter(case__in=cases, adverse=True, superseded_at=None, notice=None)
    return found.select_related("case__pipeline_version", "case__pipeline").order_by(
        "case__created_at"
    )


def take_contest(past: QuerySet[Case], chidi: User) -> None:
    """Somebody contests a decline: one of today's where there is one, since its papers are there."""
    today = Case.objects.filter(client__name=PORTALS[loans.PIPELINE])
    owed = AdverseNotice.objects.filter(case__in=today, sent_at=None, dropped_at=None).first()
    decision = owed.decision if owed else declined(past).last()
    if decision is not None:
        contest_decision(decision.case_id, CONTESTED, taken_by=chidi, by=chidi.actor)


def break_in(ines: User) -> None:
    """Somebody of another desk opens a message in an emergency, which its supervisors are to look at."""
    entry = waiting_of(messages.PIPELINE).order_by("due_at").first()
    if entry is not None:
        break_glass(entry.case, EMERGENCY, person=ines, rights=rights_of(ines), by=ines.actor)


def keep_and_erase(pipeline: Pipeline, past: QuerySet[Case], lucia: User, mats: User) -> None:
    """Two persons are erased on request; of three whose request waits one is held for a court."""
    oldest = list(past.values_list("pk", flat=True)[:5])
    if len(oldest) == 5:
        place_hold(pipeline, case_id=oldest[4], matter=MATTER, by=lucia)
        asked = ask_for_cases(pipeline, oldest[:2], by=lucia)
        approve(asked.pk, by=mats)
        ask_for_cases(pipeline, oldest[2:], by=lucia)


def ask_exports(pipeline: Pipeline, emil: User) -> None:
    """The auditor takes the overrides of two weeks, and who saw personal data."""
    recent = Selection(pipeline, since=(now() - RECENT).date())
    ask_export(recent, kind=Export.Kind.OVERRIDES, format=Export.Format.CSV, by=emil)
    ask_export(recent, kind=Export.Kind.ACCESS, format=Export.Format.CSV, by=emil)
