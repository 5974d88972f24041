"""Which share of simulated expense claims the first policy reimburses by itself, and how often rightly."""

from collections import Counter
from pathlib import Path

from django.conf import settings

from cases.definition import parse, read_toml
from inference.runtimes import load, score
from inference.training.expenses.rows import ended, facts, features, known_of
from inference.training.expenses.simulating import HELD_OUT, SHIFTED, simulate
from reviews.policies import read_policy
from reviews.routing import Facts, route

CLAIMS = 1000
EXPENSES = Path("cases/pipelines/expense-claim/pipeline.toml")


def run() -> None:
    """Prints how many claims are reimbursed without a person, and what held the others back."""
    definition = parse(read_toml(EXPENSES.read_text()))
    spec = definition.own_model
    policy = read_policy(definition.policy, definition)
    model = load(settings.MODEL_DIR / spec.name / str(spec.version))
    for world in (HELD_OUT, SHIFTED):
        automatic, right, reasons = 0, 0, Counter[str]()
        for number in range(1, CLAIMS + 1):
            claim = simulate(number, world)
            answer = score(model, features(claim, definition))
            read = tuple(
                fact for place in range(len(claim.receipts)) for fact in facts(claim, place)
            )
            known = known_of(claim, definition)
            asked = Facts(answer.outcome, answer.confidence, read, known)
            routed = route(asked, policy, definition.outcomes)
            automatic += routed.outcome is not None
            right += routed.outcome == ended(claim)
            reasons.update({reason.code for reason in routed.reasons} - {"confident"})
        print(f"\n{world.name}: of {CLAIMS} claims {automatic} are reimbursed by themselves,")
        print(
            f"{right} of these as the approver would have; held back most by {reasons.most_common(6)}"
        )
