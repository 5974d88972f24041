"""The demo's approvers: they compare receipts with claims, put right what was read wrongly, and judge.

What they find on a receipt is what was printed on it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.utils.timezone import now

from accounts.models import User
from audit import vault
from cases.definition import FieldSpec
from cases.models import Case
from config.demo.acting import borne_out, claimed, judged, staff, waiting_of
from config.demo.cases import DemoCase
from config.demo.expenses import AGAIN, LARGE, LONG, PIPELINE, TWICE
from config.demo.receipts import Receipt
from inference.models import FieldRead
from reviews.asking import Question, request_information
from reviews.holding import hold_case
from reviews.models import Correction, QueueEntry
from reviews.verdicts import FieldVerdict, Verdict

APPROVERS = ("ines", "jonas")
DOUBTFUL = 0.8  # confidence below which they have a word on a field
OVER_AGAIN = Verdict(
    "refuse",
    ("claimed_before",),
    "These are the very files of EX-2026-0001, which somebody else has claimed.",
)
FAR_ABOVE = Verdict(
    "refuse",
    ("above_limit", "sums_differ"),
    "5,400 is claimed for a fare; the receipt behind it shows a small part of that.",
    {"total-1": FieldVerdict(Correction.Kind.CONFIRMED)},
)
SAID = {TWICE: OVER_AGAIN, LARGE: FAR_ABOVE}
LEFT = (LONG, AGAIN, "EX-2026-0002")
"""What stays for whoever looks at the demo; the sums of the last differ."""
ASKED = "Please send the slip of the card payment: the receipt and the item do not agree."
HOLD = "The head of the cost centre is back tomorrow and knows whether this trip was agreed."


def approve_claims(claims: Mapping[str, DemoCase]) -> None:
    """One round of the approvers through the claims that wait; `claims` are as they were posted."""
    people = staff(*APPROVERS)
    entries = list(waiting_of(PIPELINE).order_by("case__reference"))
    plain = [
        entry
        for entry in entries
        if not entry.route.blind
        and entry.case.reference not in (*SAID, *LEFT)
        and not claimed_before(entry)
    ]
    done = [entry for entry in entries if entry in plain[::2] or entry.case.reference in SAID]
    for number, entry in enumerate(done):
        large = entry.case.reference == LARGE  # which jonas is left to judge a second time
        person = people["ines" if large else APPROVERS[number % 2]]
        verdict = verdict_on(entry.case, claims[entry.case.reference])
        claim = claimed(person, entry) if borne_out(entry, verdict) else None
        if claim is not None:
            judged(person, claim, entry, verdict)
    for entry, act in zip(plain[1::2], (ask, wait), strict=False):
        act(people["ines"], entry)


def claimed_before(entry: QueueEntry) -> bool:
    """Whether a receipt of the claim was seen before: whoever looks at the demo is to see that."""
    return any(reason["code"] == "claimed_before" for reason in entry.route.reasons)


def ask(person: User, entry: QueueEntry) -> None:
    """Asks the travel desk about a claim."""
    claim = claimed(person, entry)
    if claim is not None:
        later = now() + timedelta(days=5)
        request_information(
            Question(ASKED, ("receipt",)),
            fence=claim.pk,
            follow_up_at=later,
            reviewer=person,
            by=person.actor,
        )


def wait(person: User, entry: QueueEntry) -> None:
    """Sets a claim aside until somebody is back."""
    claim = claimed(person, entry)
    if claim is not None:
        day = now() + timedelta(days=1)
        hold_case(HOLD, fence=claim.pk, follow_up_at=day, reviewer=person, by=person.actor)


def verdict_on(case: Case, claim: DemoCase) -> Verdict:
    """What an approver makes of a claim, with a word on what was read."""
    receipts = [file for _, file in claim.papers if isinstance(file, Receipt)]
    fields = dict(words_on_fields(case, receipts))
    if case.reference in SAID:
        said = SAID[case.reference]
        return replace(said, fields={**said.fields, **fields})
    for number, (item, receipt) in enumerate(zip(claim.data["items"], receipts, strict=True), 1):
        shown = float(receipt.truth["total"] or item["amount"])
        if abs(item["amount"] - shown) > 0.005:
            words = (
                f"Receipt {number} shows {shown:.2f}, and {item['amount']:.2f} was entered for it."
            )
            fields.setdefault(f"total-{number}", FieldVerdict(Correction.Kind.CONFIRMED))
            return Verdict("refuse", ("sums_differ",), words, fields)
    words = "Each receipt can be read, and shows what it is claimed as."
    return Verdict("reimburse", ("receipts_suffice",), words, fields)


def words_on_fields(case: Case, receipts: Sequence[Receipt]) -> Iterator[tuple[str, FieldVerdict]]:
    """A word on each field that was read wrongly, or not surely."""
    opened = vault.of(case.pk)
    for row in FieldRead.objects.filter(case=case, found=True):
        spec = case.definition.field_spec(row.name)
        right = receipts[(spec.number or 1) - 1].truth.get(spec.base)
        read = opened.open_json(f"field:{row.name}", row.sealed_value)["value"]
        if right is None:
            continue
        if not same(read, right, spec):
            yield row.name, FieldVerdict(Correction.Kind.CORRECTED, right)
        elif row.confidence < DOUBTFUL:
            yield row.name, FieldVerdict(Correction.Kind.CONFIRMED)


def same(read: str, right: str, spec: FieldSpec) -> bool:
    """Whether what was read is what is printed; in which letters does not matter."""
    if spec.type == "table":
        return bool(json.loads(read) == json.loads(right))
    return read.casefold() == right.casefold()
