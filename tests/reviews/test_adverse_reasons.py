"""Reasons that are true of a case: what bears them out, what contradicts them, and what nobody is told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from accounts.models import ApiClient, User
from accounts.rolenames import Role
from audit.models import Event
from cases.definition import ReasonSpec, faults
from cases.definition.adverse import is_vague
from cases.models import Case, Pipeline
from reviews.adverse.principal import for_want_of_reasons, principal_reasons
from reviews.adverse.reasons import Facts, FieldSeen, contradictions, grounds, points_towards
from reviews.models import Correction, QueueEntry, Stage
from reviews.routing import Routed
from reviews.verdicts import FieldVerdict, IncompleteVerdict, Verdict
from tests.casefiles import DECLINE, give, held, scored_case, waiting_case

CONFIRMED = FieldVerdict(Correction.Kind.CONFIRMED)
ILLEGIBLE = FieldVerdict(Correction.Kind.ILLEGIBLE)
INCOME = ReasonSpec(
    "income", "Income is insufficient", ("decline",),
    factors=("amount",), fields=("net_income",), rules=("income_mismatch",), low=("net_income",),
)  # fmt: skip
PAPERS = ReasonSpec(
    "papers", "The papers contradict the application", ("decline",),
    fields=("amount", "employer"), differs=("amount", "employer"),
)  # fmt: skip
SEEN = FieldSeen(read="2310.75", declared=2310.75)


def corrected(value: str) -> FieldVerdict:
    return FieldVerdict(Correction.Kind.CORRECTED, value)


def kinds(reason: ReasonSpec, facts: Facts) -> list[str]:
    return [f"{each.kind}:{each.name}" for each in grounds(reason, facts)]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (Facts(towards={"amount": 0.4}), ["scored:amount"]),
        (Facts(towards={"amount": -0.4}), []),
        (Facts(towards={"savings": 0.4}), []),
        (Facts(stated=frozenset({"amount"})), ["stated:amount"]),
        (Facts(towards={}, stated=frozenset({"amount"})), []),
        (Facts(towards={}, fired=frozenset({"income_mismatch"})), ["fired:income_mismatch"]),
        (Facts(fields={"net_income": replace(SEEN, mismatch="differs")}), ["differs:net_income"]),
        (Facts(fields={"net_income": replace(SEEN, mismatch="unsure")}), []),
        (Facts(fields={"net_income": SEEN}, words={"net_income": CONFIRMED}),
         ["confirmed:net_income"]),
        (Facts(fields={"net_income": SEEN}, words={"net_income": ILLEGIBLE}), []),
        (Facts(fields={"net_income": SEEN}, words={"net_income": corrected("900.00")}),
         ["corrected:net_income"]),
        (Facts(fields={"net_income": SEEN}, words={"net_income": corrected("9000.00")}), []),
        (Facts(fields={"iban": SEEN}, words={"iban": CONFIRMED}, pointed={"income": "iban"}),
         ["pointed:iban"]),
        (Facts(fields={"iban": SEEN}, pointed={"income": "iban"}), []),
        (Facts(fields={"iban": SEEN}, words={"iban": ILLEGIBLE}, pointed={"income": "iban"}), []),
        (Facts(words={"iban": CONFIRMED}, pointed={"income": "iban"}), []),
    ],
)  # fmt: skip
def test_what_bears_a_reason_out(facts: Facts, found: list[str]) -> None:
    assert kinds(INCOME, facts) == found


@pytest.mark.parametrize(
    ("reason", "name", "seen", "word", "kind"),
    [
        (INCOME, "net_income", SEEN, corrected("2310.76"), "above"),
        (INCOME, "net_income", SEEN, corrected("2310.75"), None),
        (INCOME, "net_income", FieldSeen("1000", 2310.75), corrected("2000"), None),
        (INCOME, "net_income", FieldSeen(None, None), corrected("2000"), None),
        (INCOME, "net_income", SEEN, CONFIRMED, None),
        (PAPERS, "amount", FieldSeen("8540", 8450, "differs"), corrected("8450.00"), "agrees"),
        (PAPERS, "amount", FieldSeen("8540", 8450, "differs"), corrected("8541"), None),
        (PAPERS, "employer", FieldSeen("X", "Zimmerei Quandt", "differs"),
         corrected("zimmerei  quandt"), "agrees"),
    ],
)  # fmt: skip
def test_a_correction_can_contradict_a_reason(
    reason: ReasonSpec, name: str, seen: FieldSeen, word: FieldVerdict, kind: str | None
) -> None:
    facts = Facts(towards={"amount": 1.0}, fields={name: seen}, words={name: word})
    found = [each.kind for each in contradictions(reason, facts, adverse=True)]
    assert found == ([kind] if kind else [])


def test_papers_still_contradict_by_another_field() -> None:
    fields = {
        "amount": FieldSeen("8540", 8450, "differs"),
        "employer": FieldSeen("X", "Y", "differs"),
    }
    facts = Facts(fields=fields, words={"amount": corrected("8450")})
    assert list(contradictions(PAPERS, facts, adverse=True)) == []
    assert kinds(PAPERS, facts) == ["differs:employer"]


def test_what_can_not_be_read_carries_no_approval() -> None:
    words = {"net_income": ILLEGIBLE}
    facts = Facts(fields={"net_income": SEEN}, words=words)
    assert [each.kind for each in contradictions(INCOME, facts, adverse=False)] == ["illegible"]


@pytest.mark.parametrize(
    ("text", "vague"),
    [
        ("Your score was too low", True),
        ("Does not meet our credit policy", True),
        ("Internal standards", True),
        ("Other", True),
        ("Insufficient information", True),
        ("Income is insufficient for the amount requested", False),
        ("Number of recent inquiries on credit bureau report", False),
        ("", False),
    ],
)
def test_what_says_nothing_is_told_from_what_does(text: str, vague: bool) -> None:
    assert is_vague(text) == vague


def test_a_definition_with_a_vague_reason_or_a_letter_without_reasons_is_refused(
    loan: Pipeline,
) -> None:
    content: dict[str, Any] = loan.current.content  # type: ignore[union-attr]  # it has one
    reasons = [{**content["reasons"][0], "text": "Score too low", "factors": ["shoe_size"]}]
    letter = {**content["adverse"], "letter": "Dear {person}, no. {signature}", "escalate_days": 31}
    wrong = {str(each).partition(":")[0] for each in faults({**content, "reasons": reasons})}
    assert {"reasons.0.text", "reasons.0.factors"} <= wrong
    said = [str(each) for each in faults({**content, "adverse": letter})]
    assert len(said) == 3
    assert all(each.startswith("adverse.") for each in said)


# ---------------------------------------------------------------- of a case


def submitted(case: Case, person: User, verdict: Verdict) -> dict[str, str]:
    """What is wrong with a verdict on a waiting case; nothing where it was taken."""
    try:
        give(held(case, person), verdict)
    except IncompleteVerdict as refused:
        return dict(refused.problems)
    return {}


HISTORY = replace(DECLINE, reason_codes=("credit_history_delinquent",))


def test_a_reason_that_nothing_bears_out_is_refused_and_says_what_is(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    said = submitted(waiting_case(loan, bank), reviewer, HISTORY)["reasons"]
    assert "no factor that was scored, no rule and no field" in said
    assert "Borne out so far: “Income is insufficient for the amount requested”" in said


def test_people_may_decline_for_what_no_model_saw_by_pointing_at_a_field(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    code = "credit_history_delinquent"
    pointing = replace(HISTORY, pointed={code: "iban"})
    case = waiting_case(loan, bank)
    assert submitted(case, reviewer, pointing)
    assert not submitted(case, reviewer, replace(pointing, fields={"iban": CONFIRMED}))
    event = Event.objects.get(type="review.submitted")
    assert event.data["grounds"] == {code: ["pointed:iban"]}


def test_a_contradiction_is_told_at_its_field_and_blocks_the_verdict(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    said = submitted(
        waiting_case(loan, bank),
        reviewer,
        replace(DECLINE, fields={"net_income": corrected("9999")}),
    )
    assert set(said) == {"net_income"}
    assert "you corrected it upwards" in said["net_income"]


def test_words_that_say_nothing_explain_no_adverse_verdict(
    loan: Pipeline, bank: ApiClient, reviewer: User
) -> None:
    vague = replace(DECLINE, explanation="Below our policy's score.")
    assert set(submitted(waiting_case(loan, bank), reviewer, vague)) == {"explanation"}


@pytest.mark.parametrize("code", ["credit_history_delinquent", "account_overdrawn"])
def test_a_judge_who_may_not_know_is_asked_the_same_whatever_the_model_said(
    code: str, loan: Pipeline, bank: ApiClient, make_person: Callable[..., User]
) -> None:
    """The model's points for the person, against them, or none: the answer is the same."""
    answers = []
    for points in (1.7, -1.7, 0.0):
        case = waiting_case(loan, bank, stage=Stage.SECOND, blind=True)
        feature = {"credit_history_delinquent": "credit_history", "account_overdrawn": "savings"}
        told = {"feature": feature[code], "points": points, "missing": False}
        said = case.predictions.get()
        said.pk, said.contributions = None, [told]
        said.save(force_insert=True)
        route = case.routes.get()
        route.pk, route.prediction = None, said
        route.save(force_insert=True)
        QueueEntry.objects.filter(pk=case.pk).update(route=route)
        verdict = replace(DECLINE, reason_codes=(code,))
        answers.append(submitted(case, make_person(Role.SENIOR_REVIEWER), verdict))
    assert answers[0] == answers[1] == answers[2]


# ---------------------------------------------------------------- without a person


def test_an_automatic_adverse_decision_has_the_reasons_that_weigh_most(
    loan: Pipeline, bank: ApiClient
) -> None:
    case = scored_case(loan, bank)
    definition = case.definition
    told = [("credit_history", -0.6), ("employed_since", -0.9), ("amount", -0.1), ("savings", 0.6)]
    prediction = case.predictions.get()
    prediction.contributions = [
        {"feature": name, "points": points, "missing": False} for name, points in told
    ]
    assert points_towards("decline", definition, prediction.contributions)["savings"] == -0.6
    declined = Routed("decline", None, ())
    found = principal_reasons(case, prediction, declined)
    assert found == ("employment_short", "credit_history_delinquent", "income_insufficient")
    prediction.contributions = [{"feature": "savings", "points": 0.6, "missing": False}]
    assert principal_reasons(case, prediction, declined) is None
    assert principal_reasons(case, prediction, Routed("approve", None, ())) == ()
    sent = for_want_of_reasons(declined, definition, "loan-review")
    assert (sent.outcome, sent.queue, sent.reasons[0].code) == (None, "loan-review", "no_principal")
