"""How well receipts are read: real ones in a folder, or invented ones of countries no fit has seen.

    python -m bench.receipts                # invented
    python -m bench.receipts DIRECTORY      # pictures, each with its truth beside it as JSON

The truth of a real receipt has `company`, `date` and `total` as printed, or the names of the fields.
"""

import argparse
import json
import shelve
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.field_confidence import figures
from bench.field_readings import ENGINES, FITTED, Paper, keep, receipt_paper
from bench.field_records import EXPENSES, is_right, page_of, second_reader
from cases.definition import FieldSpec, parse, read_toml
from config.demo.tills import tills
from inference.extraction import FoundField, find_fields
from inference.values import Kind
from inference.values import parse as parse_value

COUNT = 180
CONFIDENT = 0.9
PRINTED: Mapping[str, str] = {"company": "merchant", "date": "date", "total": "total"}
Judged = dict[str, list[tuple[FoundField, str | None, bool]]]


def invented() -> Iterator[Paper]:
    """Receipts of the countries that nothing was fitted on."""
    unseen = tuple(country for country in tills() if country not in FITTED)
    for number in range(COUNT):
        yield receipt_paper(number, unseen)


def real(folder: Path) -> Iterator[Paper]:
    """The receipts of a folder."""
    for number, picture in enumerate(sorted(folder.glob("*.jpg"))):
        truth = canonical(json.loads(picture.with_suffix(".json").read_text()))
        yield Paper(
            f"receipt-{number}", "receipt", "real", picture.read_bytes(), "image/jpeg", truth
        )


def canonical(printed: Mapping[str, str]) -> dict[str, str | None]:
    """What a receipt's truth says, each in canonical form."""
    types = {spec.name: spec.type for spec in specs()}
    named = {PRINTED.get(name, name): text for name, text in printed.items()}
    return {
        name: text if types[name] in ("name", "table") else parse_value(text, Kind(types[name]))
        for name, text in named.items()
        if name in types
    }


def specs() -> list[FieldSpec]:
    """The fields of a receipt."""
    return [
        spec for spec in parse(read_toml(EXPENSES.read_text())).fields if spec.document == "receipt"
    ]


def judged(folder: Path) -> Judged:
    """Each field on each of the papers kept in a folder: as found, its truth, and whether it is right."""
    found_by_name: Judged = {spec.name: [] for spec in specs()}
    with shelve.open(str(folder / "crops")) as crops:  # noqa: S301 - this script's own file
        for file in sorted(folder.glob("*.json")):
            facts = json.loads(file.read_text())
            pages = [
                page_of("receipt", number, page, ENGINES[0])
                for number, page in enumerate(facts["pages"])
            ]
            second = second_reader(file, ENGINES[0], pages, crops)
            for spec, found in zip(
                specs(), find_fields(specs(), pages, second=second), strict=True
            ):
                if spec.name in facts["truth"]:
                    right = is_right(spec, found, facts["truth"])
                    found_by_name[spec.name].append((found, facts["truth"][spec.name], right))
    return found_by_name


def show(found_by_name: Judged) -> None:
    """A line for each field: how many there are, are found and right, and how far confidence is true."""
    for name, rows in found_by_name.items():
        if not rows:
            continue
        found = [(field, right) for field, _, right in rows if field.value is not None]
        confident = [right for field, right in found if field.confidence >= CONFIDENT]
        counts = {
            "receipts": len(rows),
            "shown": sum(true is not None for _, true, _ in rows),
            "found": len(found),
            "right": sum(right for _, right in found),
            "confident": len(confident),
            "confident_right": sum(confident),
        }
        stated = figures([field.confidence for field, _ in found], [right for _, right in found])
        print(f"{name:9} {json.dumps(counts)} {json.dumps(stated)}")


def main() -> None:
    """Read the receipts and show the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--kept", type=Path, help="where readings are kept for the next time")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        kept = wanted.kept or Path(scratch)
        kept.mkdir(parents=True, exist_ok=True)
        for paper in real(wanted.folder) if wanted.folder else invented():
            if not (kept / f"{paper.name}.json").exists():
                keep(paper, kept)
        show(judged(kept))


if __name__ == "__main__":
    main()
