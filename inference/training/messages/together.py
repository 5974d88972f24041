"""What the pipeline's own flags and its model do together, for the pipeline's README.

    python -m inference.training.messages.together

Prints the tables. The flags are those of the pipeline's file as it stands.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from cases.definition import Definition, parse, read_toml
from inference.flags import flags
from inference.knowing import NOTHING, names
from inference.runtimes import TextModel
from inference.runtimes.answers import read_facts
from inference.runtimes.textmodels import from_files
from inference.training.messages.__main__ import DIRECTORY
from inference.training.messages.card import lines, said
from inference.training.messages.evaluation import (
    CHALLENGE,
    PIPELINE,
    URGENT,
    Closing,
    Judged,
    answered,
    closing,
    is_missed,
    share,
)
from inference.training.messages.making import messages

ON: Final = date(2026, 11, 20)
"""The day on which all messages come in."""


@dataclass(frozen=True, slots=True)
class Shown(Judged):
    """A judged message with the flags that it raises."""

    flags: tuple[str, ...] = ()


def data_of(text: str, age_years: float | None) -> dict[str, Any]:
    """A case's data with a message; without an age its patient's date of birth is not known."""
    patient = {"name": "Nobody"}
    if age_years is not None:
        patient["date_of_birth"] = (ON - timedelta(days=round(age_years * 365.25))).isoformat()
    return {"patient": patient, "message": {"text": text, "language": "en"}}


def shown(
    definition: Definition, model: TextModel, text: str, urgency: str, age_years: float | None
) -> Shown:
    """What flags and model say of a message."""
    known = names(definition, data_of(text, age_years), (), NOTHING, on=ON)
    raised = flags(definition.flags, text, known, on=ON)["flags"]
    return Shown(urgency, answered(model, text), tuple(flag["name"] for flag in raised))


def table(cases: Sequence[Shown], rule: Closing) -> list[tuple[str, str]]:
    """The rows of measures that the README shows."""
    urgent = [case for case in cases if case.urgency in URGENT]
    emergencies = [case for case in cases if case.urgency == "emergency"]
    others = [case for case in cases if case.urgency not in URGENT]
    rows: list[tuple[str, Sequence[Shown], Callable[[Any], bool]]] = [
        ("Missed urgent, model alone", urgent, is_missed),
        ("Missed urgent, by flags and model", urgent, unseen),
        ("Missed emergency, by flags and model", emergencies, unseen),
        ("Emergency that raises a flag", emergencies, lambda case: bool(case.flags)),
        ("Urgent, and closed without a person", urgent, lambda case: closed(case, rule)),
        ("Not urgent, and raises a flag", others, lambda case: bool(case.flags)),
        ("Not urgent, and closed without a person", others, lambda case: closed(case, rule)),
    ]
    return [(label, said(share("those", which, is_one))) for label, which, is_one in rows]


def unseen(case: Shown) -> bool:
    """Whether neither a flag nor the model sees anything urgent."""
    return not case.flags and is_missed(case)


def closed(case: Shown, rule: Closing) -> bool:
    """Whether nothing keeps a message for a person, as far as flags, thresholds and ceilings go."""
    return not case.flags and rule.closes(case.answer)


def main() -> None:
    """Prints both tables as one."""
    definition = parse(read_toml(PIPELINE.read_text(encoding="utf-8")))
    model = from_files(read_facts(DIRECTORY), DIRECTORY)
    made = [shown(definition, model, m.text, m.urgency, None) for m in messages("testing")]
    by_hand = [
        shown(definition, model, each["text"], each["urgency"], each["age_years"])
        for each in map(json.loads, CHALLENGE.read_text(encoding="utf-8").splitlines())
    ]
    rule = closing()
    print("| measure | phrasing held out | written by hand |\n|---|---|---|")
    both = zip(table(made, rule), table(by_hand, rule), strict=True)
    print(lines((label, one, other) for (label, one), (_, other) in both))


if __name__ == "__main__":
    main()
