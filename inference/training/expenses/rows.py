"""Simulated claims as rows to learn from: their features computed just as the product does.

    python -m inference.training.expenses.rows

writes claims.csv, from which the scorecard is trained; the same bytes come out every time.
"""

import csv
import hashlib
import io
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from cases.definition import Definition, at_pointer, parse
from cases.expressions import value_of
from inference.knowing import Assessed, FieldFact, names
from inference.mismatches import SURE
from inference.sums import sums
from inference.training.expenses.simulating import (
    HELD_OUT,
    LEARNT,
    SHIFTED,
    Claim,
    World,
    simulate,
)
from inference.training.holdout import HeldOutRow, WrongData

DATA: Final = Path(__file__).with_name("claims.csv")
DATA_SHA256: Final = "38bf4ca07adcfb016183aa21c9495023e52c2b1d0c9b61b0f40614a5daa1d268"
COUNTS: Final = ((LEARNT, 4000), (HELD_OUT, 2000), (SHIFTED, 2000))
PIPELINE: Final = Path(__file__).parents[3] / "cases/pipelines/expense-claim/pipeline.toml"


def rows_of(world: World) -> list[HeldOutRow]:
    """The rows of a world, from the file; raises WrongData where it is not the one known."""
    content = DATA.read_bytes()
    if hashlib.sha256(content).hexdigest() != DATA_SHA256:
        raise WrongData(f"{DATA.name} is not the file that the model was trained on")
    lines = csv.DictReader(io.StringIO(content.decode("ascii")))
    return [
        HeldOutRow(
            int(line.pop("number")),
            {name: float(text) if text else None for name, text in line.items()},
            outcome,
        )
        for line in lines
        if line.pop("world") == world.name and (outcome := line.pop("outcome"))
    ]


def write(file: TextIO, counts: Sequence[tuple[World, int]]) -> None:
    """Writes so many claims of each world, one a line."""
    definition = parse(tomllib.loads(PIPELINE.read_text(encoding="utf-8")))
    wanted = list(definition.own_model.features)
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(["world", "number", *wanted, "outcome"])
    for world, count in counts:
        for number in range(1, count + 1):
            claim = simulate(number, world)
            lines.writerow(
                [world.name, number, *spelled(features(claim, definition)), ended(claim)]
            )


def spelled(values: Mapping[str, Any]) -> list[str]:
    """Numbers as they are written in the file; nothing for what is not known."""
    return ["" if value is None else f"{value:.10g}" for value in values.values()]


def ended(claim: Claim) -> str:
    """The verdict."""
    return "refuse" if claim.refused else "reimburse"


def features(claim: Claim, definition: Definition) -> dict[str, Any]:
    """The model's inputs, as the pipeline's definition says."""
    known = known_of(claim, definition)
    return {
        name: at_pointer(claim.data, source) if source.startswith("/") else value_of(source, known)
        for name, source in definition.own_model.features.items()
    }


def known_of(claim: Claim, definition: Definition) -> Mapping[str, Any]:
    """What is known of a claim, as expressions name it."""
    fields = [fact for number in range(len(claim.receipts)) for fact in facts(claim, number)]
    own = definition.with_copies({"receipt": len(claim.receipts)})
    seen = [{"kind": "receipt", "how": "content"}] * claim.seen_before
    content = {"sums": sums(own, claim.data, fields), "duplicates": seen}
    return names(own, claim.data, fields, Assessed(content), on=claim.received)


def facts(claim: Claim, number: int) -> list[FieldFact]:
    """What was read of a receipt, `number` from 0."""
    receipt, item = claim.receipts[number], claim.data["items"][number]
    found = receipt.total is not None
    differs = found and receipt.confidence >= SURE and float(receipt.total or 0) != item["amount"]
    read = {
        "total": (str(receipt.total) if found else None, receipt.confidence),
        "currency": (item["currency"], 0.95),
    }
    return [
        FieldFact(
            f"{name}-{number + 1}",
            name,
            confidence,
            value is not None,
            required=name == "total",
            mismatch="differs" if differs and name == "total" else "",
            value=value,
            document="receipt",
            number=number + 1,
        )
        for name, (value, confidence) in read.items()
    ]


if __name__ == "__main__":
    with DATA.open("w", encoding="ascii") as file:
        write(file, COUNTS)
    sys.stdout.write(hashlib.sha256(DATA.read_bytes()).hexdigest() + "\n")
