"""The demo's people at work while the papers are read, so that the house is alive when it opens.

They take cases, judge them, ask, set aside and pass on by the same acts as everybody. The last event of
a shift, `demo.worked`, says that it was the demo, and that it need not be done again.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from accounts.models import User
from audit import vault
from audit.events import record
from audit.models import Event
from cases.definition import at_pointer
from cases.models import Case
from config.demo import saying
from config.demo.acting import borne_out, claimed, judged, waiting_of
from config.demo.loans import LARGE, LONG, PIPELINE, SHOWPIECES
from config.demo.seeding import BY, PORTALS
from inference.models import FieldRead
from reviews.asking import Question, request_information
from reviews.commenting import comment_on
from reviews.escalating import escalate
from reviews.holding import hold_case
from reviews.models import Claim, Correction, QueueEntry, Stage
from reviews.reserving import reserve
from reviews.rights import Rights, rights_of
from reviews.verdicts import FieldVerdict, Verdict

WORKED = "demo.worked"
STAFF = ("ada", "bruno", "chidi", "freya")
SECONDS = (10.0, 40.0)  # that a person has a case in hand
DOUBTFUL = 0.8  # confidence below which they have a word on a field
RELIED_ON = ("net_income", "closing_balance")  # the figures that a decline rests on


@dataclass(frozen=True, slots=True)
class InHand:
    """A case that somebody works on, until when by the monotonic clock."""

    claim: Claim
    until: float


@dataclass(slots=True)
class Shift:
    """The people at work; `left` is how many more cases they take."""

    left: int
    rng: random.Random = field(default_factory=lambda: random.Random("shift"))
    people: dict[str, User] = field(default_factory=dict)
    rights: dict[str, Rights] = field(default_factory=dict)
    hands: dict[str, InHand] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = {
            person.username: person for person in User.objects.filter(username__in=STAFF)
        }
        self.rights = {name: rights_of(person) for name, person in self.people.items()}

    def look(self) -> None:
        """One look round: whose case is done gives a verdict, whose hands are empty takes a case."""
        for name in STAFF:
            hand = self.hands.get(name)
            if hand is not None and time.monotonic() >= hand.until:
                self.judge(name)
            elif hand is None and self.left:
                self.take(name)

    def close(self) -> None:
        """The end of the shift: what is in hand is judged, and much is left for others to see."""
        for name in list(self.hands):
            self.judge(name)
        for days, why in saying.HOLDS:
            self.set_aside(days, why)
        self.ask()
        self.pass_on()
        self.give()
        self.remark()
        with transaction.atomic():
            record(WORKED, by=BY, data={"people": [person.pk for person in self.people.values()]})

    # ------------------------------------------------------------ cases taken and judged

    def take(self, name: str) -> None:
        """Takes a case in hand, where there is one that suits."""
        entry = self.rng.choice(list(self.suiting(name)[:4]) or [None])
        claim = self.claimed(name, entry)
        if claim is not None:
            self.left -= 1
            self.hands[name] = InHand(claim, time.monotonic() + self.rng.uniform(*SECONDS))

    def suiting(self, name: str) -> QuerySet[QueueEntry]:
        """What somebody may take: the large loans first, so that second reviews come of them.

        One blind case and one second review at least are left waiting.
        """
        kept = [reference for reference in SHOWPIECES if reference not in LARGE]
        entries = waiting().exclude(case__reference__in=kept)
        entries = entries.exclude(case__fields_read__mismatch="differs")
        later = entries.filter(stage=Stage.SECOND, queue__in=self.rights[name].queues["review"])
        later = later.exclude(case__reviews__reviewer=self.people[name])
        if "second_review" in self.rights[name].queues and later.count() > 1:
            return later
        blind = entries.filter(stage=Stage.FIRST, route__blind=True)
        if name == "freya" and blind.count() > 1:
            return blind
        open_to_sight = entries.filter(stage=Stage.FIRST, route__blind=False)
        large = open_to_sight.filter(case__reference__in=LARGE)
        return large if large.exists() else open_to_sight

    def claimed(self, name: str, entry: QueueEntry | None) -> Claim | None:
        """Somebody's claim on a case; None where a visitor of the demo was first."""
        return claimed(self.people[name], entry)

    def judge(self, name: str) -> None:
        """Gives the verdict on the case in hand, where it is blind after having committed to it."""
        person, claim = self.people[name], self.hands.pop(name).claim
        entry = QueueEntry.objects.select_related("case", "route__prediction").get(pk=claim.case_id)
        independent = entry.stage != Stage.FIRST or entry.route.blind
        predicted = entry.route.prediction.outcome if entry.route.prediction else None
        needed = self.rng.choice((True, True, False, None))
        told = saying.opinions(loan_of(entry.case), None if independent else predicted)
        verdicts = (self.verdict(each, entry, independent, needed) for each in told)
        verdict = next(each for each in verdicts if borne_out(entry, each))
        judged(person, claim, entry, verdict)

    def verdict(
        self, told: saying.Opinion, entry: QueueEntry, independent: bool, needed: bool | None
    ) -> Verdict:
        """The verdict that says an opinion, with a word on the figures that a decline rests on."""
        predicted = entry.route.prediction.outcome if entry.route.prediction else None
        plain = told.outcome == predicted == "approve" and not independent
        relied_on = () if told.outcome == "approve" else RELIED_ON
        confirmed = dict.fromkeys(relied_on, FieldVerdict(Correction.Kind.CONFIRMED))
        return Verdict(
            told.outcome,
            () if plain else (told.reason,),
            "" if plain else told.words,
            fields=confirmed | dict(words_on_fields(entry.case)),
            needed_person=needed,
        )

    # ------------------------------------------------------------ cases left as they are

    def in_hands_of(self, name: str, entry: QueueEntry | None) -> tuple[Claim, User] | None:
        """A case in somebody's hands, or a colleague's where a visitor works under their name."""
        for each in (name, *STAFF):
            claim = self.claimed(each, entry)
            if claim is not None:
                return claim, self.people[each]
        return None

    def set_aside(self, days: int, why: str) -> None:
        """Sets a case on hold."""
        taken = self.in_hands_of("bruno" if days < 4 else "ada", plain_cases().first())
        if taken is not None:
            claim, person = taken
            day = now() + timedelta(days=days)
            hold_case(why, fence=claim.pk, follow_up_at=day, reviewer=person, by=person.actor)

    def ask(self) -> None:
        """Asks the upstream about a payslip."""
        differing = waiting().filter(
            case__fields_read__mismatch="differs", case__fields_read__name="net_income"
        )
        entry = differing.filter(route__blind=False, stage=Stage.FIRST).first()
        words = saying.QUESTION if entry else saying.QUESTION_OF_ANY
        taken = self.in_hands_of("ada", entry or plain_cases().first())
        if taken is not None:
            claim, person = taken
            request_information(
                Question(words, ("payslip",), ("net_income",)),
                fence=claim.pk,
                follow_up_at=now() + timedelta(days=7),
                reviewer=person,
                by=person.actor,
            )

    def pass_on(self) -> None:
        """Escalates the case whose instalment weighs most."""
        loan, entry = max(
            ((loan_of(entry.case), entry) for entry in plain_cases()),
            key=lambda each: each[0].instalment / each[0].income,
            default=(None, None),
        )
        taken = self.in_hands_of("bruno", entry)
        if loan is not None and taken is not None:
            claim, person = taken
            escalate(claim.pk, note=saying.escalation(loan), reviewer=person, by=person.actor)

    def give(self) -> None:
        """Gives a case to somebody, as supervisors do."""
        entry, freya = plain_cases().last(), self.people["freya"]
        if entry is not None:
            reserve(
                entry.case_id,
                person=self.people["bruno"],
                seen=None,
                supervisor=freya,
                by=freya.actor,
            )

    def remark(self) -> None:
        """Leaves words for colleagues."""
        entry = plain_cases().first()
        if entry is not None:
            for name, text in saying.REMARKS:
                self.say(text, entry.case, name)
        for case in Case.objects.filter(client__name=PORTALS[PIPELINE], reference=LONG):
            self.say(saying.LONG_STATEMENT, case, "chidi")

    def say(self, text: str, case: Case, name: str) -> None:
        """Somebody's comment on a case."""
        person = self.people[name]
        comment_on(case, text, author=person, by=person.actor)


def worked() -> bool:
    """Whether there was a shift already."""
    return Event.objects.filter(type=WORKED).exists()


def waiting() -> QuerySet[QueueEntry]:
    """The loans that wait for anybody and were scored, the most urgent first."""
    return (
        waiting_of(PIPELINE).filter(route__prediction__isnull=False).order_by("due_at", "case_id")
    )


def blind_waits() -> bool:
    """Whether a case waits that is to be judged before the model's view is seen."""
    return waiting().filter(route__blind=True, stage=Stage.FIRST).exists()


def plain_cases() -> QuerySet[QueueEntry]:
    """Those that nothing special is shown on."""
    plain = waiting().filter(stage=Stage.FIRST, route__blind=False, route__second_review_queue=None)
    return plain.exclude(case__reference__in=SHOWPIECES).exclude(
        case__fields_read__mismatch="differs"
    )


def loan_of(case: Case) -> saying.Loan:
    """The figures of a case."""
    return saying.Loan.of(vault.of(case.pk).open_json("data", case.sealed_data))


def words_on_fields(case: Case) -> Iterator[tuple[str, FieldVerdict]]:
    """A word on each field that was not read surely; what stands on the papers is what was declared."""
    opened = vault.of(case.pk)
    data = opened.open_json("data", case.sealed_data)
    for row in FieldRead.objects.filter(case=case):
        spec = case.definition.field_spec(row.name)
        if not spec.declared or (row.found and row.confidence >= DOUBTFUL):
            continue
        declared = at_pointer(data, spec.declared)
        right = f"{declared:.2f}" if spec.type == "money" else str(declared)
        read = opened.open_json(f"field:{row.name}", row.sealed_value)["value"]
        if read == right or (row.found and not row.mismatch):
            yield row.name, FieldVerdict(Correction.Kind.CONFIRMED)
        elif row.found or spec.required:
            yield row.name, FieldVerdict(Correction.Kind.CORRECTED, right)
