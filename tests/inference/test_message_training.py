"""Training the model of messages: shipped as the script makes it, judged on phrasing that it never saw."""

from itertools import combinations

import pytest

from inference.runtimes.answers import read_facts
from inference.runtimes.textmodels import from_files
from inference.training.messages import evaluation, making
from inference.training.messages.__main__ import DIRECTORY, digest, made
from inference.training.messages.evaluation import Closing, evaluate, interval, judged
from inference.training.messages.fitting import fit
from inference.training.messages.making import PARTS, complaints, dealt, messages, talk

SHIPPED = from_files(read_facts(DIRECTORY), DIRECTORY)


def test_training_again_gives_the_shipped_model() -> None:
    again = made(fit(messages("training")), SHIPPED.facts["temperature"])
    assert again.facts["training"] == SHIPPED.facts["training"]
    assert again.stems == SHIPPED.stems
    for (
        term,
        points,
    ) in SHIPPED.points.items():  # another processor may round a last digit otherwise
        assert again.points.get(term, (0.0,) * 4) == pytest.approx(points, abs=0.005), term


def test_the_figures_on_the_card_are_the_shipped_models() -> None:
    said = SHIPPED.facts["figures"]
    closed = said["missed_urgent_closed"]
    rule = Closing(closed["thresholds"], closed["ceilings"])
    assert evaluate(judged(SHIPPED, messages("testing")), rule) == said
    assert evaluate(judged(SHIPPED, evaluation.challenge()), rule) == SHIPPED.facts["challenge"]
    card = (DIRECTORY / "CARD.md").read_text()
    missed = said["missed_urgent"]
    assert f"({missed['missed']} of {missed['of']};" in card
    assert "$" not in card


def test_no_wording_of_one_part_is_in_another() -> None:
    used = {part: {wording for _, wording in making.wordings(part)} for part in PARTS}
    round_about = {
        part: {
            each
            for lists in (talk(), talk()["since"])
            for listed in lists.values()
            if isinstance(listed, list)
            for each in dealt(listed, part)
        }
        for part in PARTS
    }
    for one, other in combinations(PARTS, 2):
        assert not used[one] & used[other]
        assert not round_about[one] & round_about[other]
    written = [wording for complaint in complaints() for wording in complaint.wordings]
    assert len(set(map(str.lower, written))) == len(written) == sum(map(len, used.values()))


def test_messages_are_the_same_every_time_and_none_of_them_is_a_challenge() -> None:
    assert digest() == SHIPPED.facts["training"]["data_sha256"]
    made = {each.text for part in PARTS for each in messages(part)}
    said = {wording for complaint in complaints() for wording in complaint.wordings}
    assert not (made | said) & {each.text for each in evaluation.challenge()}


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 40, 0.0, 0.088097),
        (3, 40, 0.015742, 0.203865),
        (40, 40, 0.911903, 1.0),
        (1, 1, 0.025, 1.0),
        (13, 176, 0.039914, 0.122997),
    ],
)
def test_intervals_are_those_of_another_library(
    count: int, of: int, low: float, high: float
) -> None:
    assert interval(count, of) == pytest.approx((low, high), abs=1e-6)  # scipy 1.17, binomtest


def test_a_message_without_a_usable_answer_is_neither_missed_nor_closed() -> None:
    foreign = making.Message("Ich habe starke Schmerzen in der Brust", "emergency", "", "")
    cases = judged(SHIPPED, [foreign, *evaluation.challenge()[:1]])
    figures = evaluate(cases, Closing({"self_care": 0.0}, {}))
    assert cases[0].answer is None
    assert evaluation.share("missed", cases[:1], evaluation.is_missed)["missed"] == 0
    assert figures["no_answer"] == 1
