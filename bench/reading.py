"""Reading through the whole worker path beside the bare `tesseract` command on the same page images.

The cases' papers are the demo's scans and photographs; papers that are born digital need no OCR and
are left out. The product reads with its default engine, the command with its own.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from uuid import UUID

from django.conf import settings

from accounts.models import ApiClient
from audit import vault
from bench.claims import forget_rings
from bench.database import BENCH, database, upstream_key
from bench.measure import heading, line
from cases import blobs
from cases.intake import SentPaper, open_case
from cases.models import Case, Page, Priority, Status
from config.demo.applicants import applicant
from config.demo.papers import DemoPaper, papers
from inference.training.holdout import held_out_rows

PROCESSES = 2
BATCHES = 3
CASES = 8  # a batch
PATIENCE = 300.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
Sent = tuple[dict[str, object], Sequence[DemoPaper]]


def run() -> None:
    """Reads batches of cases in turns with the command on the pages that came of them."""
    sent = scanned((BATCHES + 1) * CASES)
    with database("reading"), worker():
        upstream_key("loan")
        read([next(sent) for _ in range(PROCESSES * 2)])  # the engines are loaded now
        product, floor = [], []
        for _ in range(BATCHES):
            cases, seconds = read([next(sent) for _ in range(CASES)])
            pages = list(Page.objects.filter(document__case__in=cases).select_related("document"))
            product.append(len(pages) / seconds * 60)
            floor.append(len(pages) / commanded(pages) * 60)
        heading("Reading scanned pages, 2 processes, pages a minute")
        line("worker beside the tesseract command", median(product), median(floor), target="≥ 0.60")
    forget_rings()


def scanned(count: int) -> Iterator[Sent]:
    """Applications whose papers are all scans or photographs; at most `count`."""
    for seed, row in zip(range(count * 10), held_out_rows() * 10, strict=False):
        someone = applicant(row.features, seed)
        sheets = papers(someone, seed)
        if all(paper.grade != "digital" for paper in sheets):
            yield dict(someone.data), sheets


@contextlib.contextmanager
def worker() -> Iterator[None]:
    """A worker as the product runs its own, without the beat."""
    command = ("celery", "--app", "config", "worker", "--concurrency", str(PROCESSES))
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--without-gossip", "--without-mingle"],
            cwd=settings.BASE_DIR,
            env={**os.environ, **ONE_THREAD, "COUNTERSIGN_LOG_LEVEL": "WARNING"},
            stdout=log,
            stderr=log,
        )
        try:
            yield
        except Exception:
            log.seek(0)
            print(log.read().decode()[-4000:], file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait()


def read(sent: Sequence[Sent]) -> tuple[list[UUID], float]:
    """Posts the cases, and waits until each has left the step of reading; how long that took."""
    client = ApiClient.objects.get()
    start = time.perf_counter()
    ids = [
        open_case(
            client=client,
            pipeline_slug="loan",
            reference="L-1",
            data=data,
            papers=[SentPaper(each.kind, each.filename, each.blob) for each in sheets],
            priority=Priority.NORMAL,
            by=BENCH,
        ).pk
        for data, sheets in sent
    ]
    while Case.objects.filter(pk__in=ids, status=Status.RECEIVED).exists():
        if time.perf_counter() > start + PATIENCE:
            raise TimeoutError("the worker does not read")
        time.sleep(0.02)
    return ids, time.perf_counter() - start


def commanded(pages: Sequence[Page]) -> float:
    """How many seconds the command takes for the pages, as many processes at once as the worker."""
    with tempfile.TemporaryDirectory() as directory:
        files = [saved(page, Path(directory)) for page in pages]
        start = time.perf_counter()
        with ThreadPoolExecutor(PROCESSES) as threads:
            list(threads.map(command, files))
        return time.perf_counter() - start


def saved(page: Page, directory: Path) -> Path:
    """The page's image in a file."""
    opened = vault.of(page.document.case_id)
    file = directory / str(page.pk)
    file.write_bytes(blobs.fetch(opened, f"page:{page.pk}", page.blob))
    return file


def command(file: Path) -> None:
    """Tesseract's own command on one image."""
    subprocess.run(
        ["tesseract", str(file), "stdout"],
        check=True,
        capture_output=True,
        env={**os.environ, **ONE_THREAD},
    )
