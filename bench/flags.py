"""Measures the red flags of patients' messages on messages that were written by hand, and not for them.

    python -m bench.flags [--missed]

Of each message its author said whether a flag should be raised. `--missed` prints what was taken otherwise.
"""

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from cases.definition import parse, read_toml
from inference.flags import flags
from inference.training.messages.evaluation import interval

ROOT = Path(__file__).parents[1]
PIPELINE = ROOT / "cases/pipelines/patient-message/pipeline.toml"
MESSAGES = ROOT / "inference/training/messages/challenge.jsonl"
WRITTEN = date(2026, 11, 20)


def main() -> None:
    """Prints how many of the messages with a flag raise one, and how many of those without do not."""
    parser = argparse.ArgumentParser(prog="python -m bench.flags")
    parser.add_argument("--missed", action="store_true")
    asked = parser.parse_args()
    definition = parse(read_toml(PIPELINE.read_text(encoding="utf-8")))
    messages = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    taken = [
        (each, bool(flags(definition.flags, each["text"], known(each), on=WRITTEN)["flags"]))
        for each in messages
    ]
    for words, flagged in (
        ("raised of those with a flag", True),
        ("raised of those without", False),
    ):
        of = [raised for each, raised in taken if each["flagged"] is flagged]
        print(words, share(sum(of), len(of)))
    if asked.missed:
        for each, raised in taken:
            if raised is not each["flagged"]:
                print("raised " if raised else "missed ", each["text"])


def known(message: dict[str, Any]) -> dict[str, Any]:
    """What is known of a message beside its words: an age in years."""
    years = float(message["age_years"])
    return {
        "data": {"patient": {}},
        "age": {"years": years, "days": years * 365.25},
        "tables": {},
    }


def share(count: int, of: int) -> str:
    """A share with its 95 % interval after Clopper and Pearson."""
    lower, upper = interval(count, of)
    return f"{count} of {of}: {count / of:.3f} ({lower:.3f} to {upper:.3f})"


if __name__ == "__main__":
    main()
