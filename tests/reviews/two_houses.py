"""Two houses, alike but for what the model and the first reviewers said: for the proof of blindness."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.db import transaction

from accounts.keys import make_client
from accounts.models import User
from accounts.roles import Role
from audit import vault
from audit.events import record
from cases import lifecycle
from cases.models import Case, Pipeline, Status
from inference.models import ModelVersion, Prediction
from reviews.commenting import comment_on
from reviews.models import Correction
from reviews.policies import activate_policy
from reviews.routes import route_case
from reviews.verdicts import FieldVerdict, Verdict
from tests.casefiles import TESTER, found, held, received_case, submit
from tests.loans import DATA, READ, Read, read_papers

MakePerson = Callable[..., User]


@dataclass(frozen=True)
class Said:
    """What the model and the first reviewer said in a house, and in the third the second one."""

    model: str
    confidence: float
    points: float
    first: Verdict
    second: str = ""


APPROVED = Verdict(
    "approve",
    reason_codes=("papers_confirm",),
    explanation="Solid papers, steady income.",
    fields={"net_income": FieldVerdict(Correction.Kind.CORRECTED, "2431.18")},
)
DECLINED = Verdict(
    "decline",
    reason_codes=("income_insufficient", "obligations_excessive"),
    explanation="It can't be carried by that income.",
    fields={"iban": FieldVerdict(Correction.Kind.ILLEGIBLE)},
)
ONE = Said("approve", 0.93, 0.4, APPROVED, second="decline")
OTHER = Said("decline", 0.71, -1.7, DECLINED, second="approve")


@dataclass(frozen=True)
class Scenario:
    """Who judges blind, and at which stage."""

    role: Role
    judgements_before: int
    amount: float


FIRST_REVIEWS = {
    "the first review of the blind share": Scenario(Role.REVIEWER, 0, 8450),
    "the same by who may give second reviews too": Scenario(Role.SENIOR_REVIEWER, 0, 12000),
}
LATER_REVIEWS = {
    "a second review": Scenario(Role.SENIOR_REVIEWER, 1, 12000),
    "an adjudication": Scenario(Role.SENIOR_REVIEWER, 2, 12000),
}


def build(scenario: Scenario, said: Said, make_person: MakePerson) -> tuple[Case, User]:
    """A house's case, and who is to judge it."""
    loan = Pipeline.objects.select_related("current").get(slug="loan")
    definition = loan.current.definition  # type: ignore[union-attr]  # it has one
    blind = {**definition.policy, "blind_share": 0.0 if scenario.judgements_before else 1.0}
    activate_policy(loan, blind, definition=definition, by=TESTER)
    me = make_person(scenario.role, username="me", first_name="Ada", last_name="Byron")
    case = scored(loan, scenario, said)
    route_case(case, lifecycle.take_step(case.pk, Status.SCORED))
    names = ("Bruno", "Chidi")
    for number in range(scenario.judgements_before):
        other = make_person(Role.SENIOR_REVIEWER, username=names[number], first_name=names[number])
        judge(found(case), other, said, second=number == 1)
    return found(case), me


def scored(loan: Pipeline, scenario: Scenario, said: Said, read: Mapping[str, Read] = READ) -> Case:
    """A loan with papers, by default two doubtful fields, and the model's view."""
    client = make_client("Polder Brokers", pipelines=["loan"], by=TESTER)
    data = DATA | {"loan": DATA["loan"] | {"amount": scenario.amount}}
    case = received_case(loan, client, data=data, reference="LN-1")
    with transaction.atomic():
        opened = vault.of(case.pk)
        read_papers(case, opened, read)
        lifecycle.move(case, Status.READ, by=TESTER)
        Prediction.objects.create(
            case=case,
            model_version=ModelVersion.objects.get(model__name=definition_model(case)),
            outcome=said.model,
            confidence=said.confidence,
            probabilities={"approve": 0.93, "decline": 0.07}
            if said.model == "approve"
            else {"approve": 0.29, "decline": 0.71},
            contributions=[
                {
                    "feature": "amount",
                    "points": said.points,
                    "missing": False,
                    "outside_range": False,
                }
            ],
            sealed_input=opened.seal_json(
                "prediction",
                {
                    "features": {"amount": scenario.amount},
                    "words": {"amount": ["Amount", str(said.points), "speaks"]},
                },
            ),
            input_commitment=opened.commitment("prediction", {"amount": scenario.amount}),
        )
        lifecycle.move(
            case,
            Status.SCORED,
            by=TESTER,
            data={"outcome": said.model, "confidence": said.confidence},
        )
    return found(case)


def definition_model(case: Case) -> str:
    return case.definition.own_model.name


def judge(case: Case, person: User, said: Said, *, second: bool) -> None:
    """An earlier judgement, with all that its reviewer left behind."""
    claim = held(case, person)
    with transaction.atomic():
        record(
            "case.rescored",
            by=person.actor,
            case_id=case.pk,
            pipeline="loan",
            data={"claim": claim.pk, "outcome": said.model, "confidence": said.confidence},
        )
    comment_on(case, f"I would {said.first.outcome} this one.", author=person, by=person.actor)
    verdict = said.first
    if second:
        verdict = replace(DECLINED if said.second == "decline" else APPROVED, fields={})
    submit(claim, verdict)
