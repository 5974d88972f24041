"""The confidence of fields as the product states it, on papers that no fit has seen."""

import json
import tempfile
from pathlib import Path

from bench.field_confidence import figures
from bench.field_readings import ENGINES, all_papers, keep
from bench.field_records import records
from inference.fieldconfidence import confidence, disagreement

SEEDS = range(300, 312)
"""Of applicants; `bench.field_readings` starts at the other end, and must not come this far."""


def run() -> None:
    """Reads the papers with both engines, and shows how often what was stated came true."""
    with tempfile.TemporaryDirectory() as folder:
        for paper in all_papers(SEEDS):
            keep(paper, Path(folder))
        rows = [row for row in records(Path(folder)) if row.setting == "seconded"]
    print(f"\nConfidence of fields, {len(SEEDS)} applicants' papers that no fit has seen")
    for engine in (*ENGINES, "pdf-text"):
        own = [row for row in rows if row.engine == engine]
        stated = [confidence(row.signals, row.type, engine) for row in own]
        differ = [n for n, row in enumerate(own) if disagreement(row.signals, row.type)]
        for title, chosen in (("all", range(len(own))), ("engines differ on figures", differ)):
            if chosen:
                found = figures([stated[n] for n in chosen], [own[n].right for n in chosen])
                print(f"{engine}, {title}: {json.dumps(found)}")
