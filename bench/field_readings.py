"""Pages of known truth, read by both engines: what the confidence of fields is fitted on and measured by.

    python -m bench.field_readings --papers 240 --receipts 300 --out readings/

Each page's image and words are kept in the folder, so that a changed extraction is measured again in seconds.
"""

import argparse
import io
import json
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageSequence

from bench.receipts import receipt
from config.demo.applicants import applicant
from config.demo.papers import papers
from inference.engines import engine
from inference.training.holdout import held_out_rows
from inference.words import PageWords

ENGINES = ("rapidocr", "tesseract")
DPI = 200


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper's page images, how worn it is, and the canonical truth of its fields."""

    name: str
    kind: str
    grade: str
    pages: tuple[Image.Image, ...]
    truth: Mapping[str, str | None]


def demo_papers(count: int) -> Iterator[Paper]:
    """The papers of `count` of the demo's applicants."""
    for seed, row in zip(range(count), held_out_rows(), strict=False):
        for paper in papers(applicant(row.features, seed), seed):
            pages = tuple(images(paper.blob, paper.media_type))
            yield Paper(f"{paper.kind}-{seed}", paper.kind, paper.grade, pages, paper.truth)


def receipts(count: int) -> Iterator[Paper]:
    """Invented receipts."""
    for seed in range(count):
        page, truth = receipt(seed)
        yield Paper(f"receipt-{seed}", "receipt", "receipt", (page,), truth)


def images(blob: bytes, media_type: str) -> Iterator[Image.Image]:
    """A file's pages at the size that OCR likes."""
    if media_type == "application/pdf":
        for page in pypdfium2.PdfDocument(blob):
            yield page.render(scale=DPI / 72).to_pil().convert("RGB")
        return
    for frame in ImageSequence.Iterator(Image.open(io.BytesIO(blob))):
        yield frame.convert("RGB")


def keep(paper: Paper, folder: Path) -> None:
    """Read the paper with both engines and write images, words and truth into the folder."""
    words: dict[str, list[PageWords]] = {
        name: [engine(name).read(page) for page in paper.pages] for name in ENGINES
    }
    for number, page in enumerate(paper.pages):
        page.save(folder / f"{paper.name}.{number}.webp", lossless=True, method=0)
    (folder / f"{paper.name}.words").write_bytes(pickle.dumps(words))
    facts = {"kind": paper.kind, "grade": paper.grade, "truth": dict(paper.truth)}
    (folder / f"{paper.name}.json").write_text(json.dumps(facts))


def main() -> None:
    """Read what is not in the folder yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=240)
    parser.add_argument("--receipts", type=int, default=300)
    parser.add_argument("--out", type=Path, required=True)
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    for source in (receipts(wanted.receipts), demo_papers(wanted.papers)):
        for paper in source:
            if not (wanted.out / f"{paper.name}.json").exists():
                keep(paper, wanted.out)


if __name__ == "__main__":
    main()
