"""Papers of known truth, read as the product reads them: what the confidence of fields is fitted on.

    python -m bench.field_readings --count 150 --out readings/

Each number gives an application form, a payslip, a bank statement and two receipts. Pictures and words
are kept in the folder, so that a changed extraction is measured again in seconds.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from cases.papers import Limits
from config.demo.applicants import applicant
from config.demo.papers import papers
from config.demo.receipts import receipt
from inference import images
from inference.engines import engine
from inference.images import PageImage
from inference.training.holdout import held_out_rows
from inference.turning import read_upright
from inference.words import PageWords

ENGINES = ("rapidocr", "tesseract")
LIMITS = Limits()
RECEIPTS = 2  # for each applicant
FIRST_RECEIPT = 1000
FITTED = ("us", "gb", "my", "de", "at", "fr", "es")
"""The countries whose receipts confidence is fitted on; those of the others it is measured on."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as sent, how worn it is, and the canonical truth of its fields."""

    name: str
    kind: str
    grade: str
    blob: bytes
    media_type: str
    truth: Mapping[str, str | None]


def all_papers(seeds: range) -> Iterator[Paper]:
    """The papers of the demo's applicants with these numbers, and receipts."""
    rows = held_out_rows()
    for seed in seeds:
        row = rows[seed]
        for sent in papers(applicant(row.features, seed), seed):
            name = f"{sent.kind}-{seed}"
            yield Paper(name, sent.kind, sent.grade, sent.blob, sent.media_type, sent.truth)
        first = FIRST_RECEIPT + seed * RECEIPTS
        for number in range(first, first + RECEIPTS):
            yield receipt_paper(number, FITTED)


def receipt_paper(number: int, countries: Sequence[str]) -> Paper:
    """An invented receipt of one of some countries, as it was sent."""
    sent = receipt(number, countries=countries)
    return Paper(f"receipt-{number}", "receipt", sent.grade, sent.blob, sent.media_type, sent.truth)


def keep(paper: Paper, folder: Path) -> None:
    """Read the paper with both engines, and write pictures, words and truth into the folder."""
    pages = []
    for number, page in enumerate(images.pages(paper.blob, paper.media_type, LIMITS)):
        words = {}
        for name in ENGINES:
            seen, content = (page.words, page.content) if page.words else read_by(name, page)
            words[name] = astuple(seen)
            (folder / f"{paper.name}.{number}.{name}.jpg").write_bytes(content)
        pages.append({"quality": page.quality.score, "words": words})
    facts = {"kind": paper.kind, "grade": paper.grade, "truth": dict(paper.truth), "pages": pages}
    (folder / f"{paper.name}.json").write_text(json.dumps(facts))


def read_by(name: str, page: PageImage) -> tuple[PageWords, bytes]:
    """What an engine reads on a page, and the picture as it read it."""
    return read_upright(engine(name), page)


def main() -> None:
    """Read what is not in the folder yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--out", type=Path, required=True)
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    for paper in all_papers(range(wanted.count)):
        if not (wanted.out / f"{paper.name}.json").exists():
            keep(paper, wanted.out)


if __name__ == "__main__":
    main()
