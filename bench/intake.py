"""Taking cases in over HTTP: the API, with all that it checks, seals and records, and two bare inserts.

Both sides get the same bodies. The pipeline is the loans', with papers that may be missing.
"""

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from uuid import uuid4

from PIL import Image, ImageDraw

from bench.bare import ground as bare
from bench.claims import forget_rings
from bench.database import BENCH, database, upstream_key
from bench.measure import Pace, drive, heading, in_turns, line, pace
from bench.web import FLOOR, PRODUCT, Client, server
from cases.catalogue import apply_pipeline
from cases.models import PipelineVersion
from config.demo.applicants import applicant
from inference.training.holdout import held_out_rows

CLIENTS = (1, 16)
SECONDS = 2.0
ROUNDS = 3
PIPELINE = "bench"
ENOUGH = "1000000000"
UNLIMITED = {"COUNTERSIGN_RATE_LIMIT": ENOUGH, "COUNTERSIGN_INTAKE_WATERMARK": ENOUGH}
Side = tuple[str, int, str]


def run() -> None:
    """Posts the same bodies to both sides in turns."""
    with database("intake"):
        lay_ground()
        bare.lay_ground()
        key = upstream_key(PIPELINE)
        with server(PRODUCT, **UNLIMITED) as api, server(FLOOR) as floor:
            sides: dict[Side, Callable[[], Pace]] = {
                (what, clients, side): partial(posts, clients, make, body)
                for (what, body), clients in product(bodies().items(), CLIENTS)
                for side, make in (
                    ("product", partial(Upstream, api, key)),
                    ("floor", partial(FloorUpstream, floor)),
                )
            }
            show(in_turns(sides, ROUNDS))
    forget_rings()


def show(paces: dict[Side, Pace]) -> None:
    """Product beside floor."""
    heading("Create a case over HTTP, cases a second")
    for what, clients in product(bodies(), CLIENTS):
        ours, floor = paces[what, clients, "product"], paces[what, clients, "floor"]
        line(f"{what}, {clients} at once", ours.per_second, floor.per_second, target="≥ 0.50")
        print(
            f"    p50 {ours.p50:.1f} ms, p95 {ours.p95:.1f} ms; floor {floor.p50:.1f} and {floor.p95:.1f}"
        )


def lay_ground() -> None:
    """A pipeline as the loans', under a name of its own, to which a case may come without papers."""
    content = dict(PipelineVersion.objects.get(pipeline__slug="loan").content)
    content |= {
        "slug": PIPELINE,
        "documents": [{**each, "required": False} for each in content["documents"]],
    }
    apply_pipeline(content, by=BENCH)


def bodies() -> dict[str, bytes]:
    """What is posted: the data alone, and with one small paper."""
    case = {
        "pipeline": PIPELINE,
        "reference": "L-1",
        "data": applicant(held_out_rows()[0].features, 1).data,
    }
    paper = {
        "kind": "payslip",
        "filename": "payslip.png",
        "content": base64.b64encode(slip()).decode(),
    }
    return {
        "no paper": json.dumps(case).encode(),
        "one small paper": json.dumps({**case, "documents": [paper]}).encode(),
    }


def slip() -> bytes:
    """A small image of a paper."""
    image = Image.new("L", (600, 400), "white")
    ImageDraw.Draw(image).text((40, 40), "Net pay 2,345.67", fill="black", font_size=32)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def posts(clients: int, make: Callable[[bytes], Callable[[], None]], body: bytes) -> Pace:
    """The pace of so many clients that post one case after the other."""
    return pace(*drive([make(body) for _ in range(clients)], SECONDS))


@dataclass
class Upstream:
    """A client of the API."""

    port: int
    key: str
    body: bytes
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        """Shows its key with every request."""
        self.client = Client(self.port, {"Authorization": f"Bearer {self.key}"})

    def __call__(self) -> None:
        """One case posted, under an idempotency key of its own."""
        key = f'Idempotency-Key: "{uuid4()}"\r\n'
        self.client.post("/api/v1/cases", self.body, kind="application/json", more=key)


@dataclass
class FloorUpstream:
    """A client of the floor."""

    port: int
    body: bytes
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        """Shows nothing."""
        self.client = Client(self.port)

    def __call__(self) -> None:
        """One row posted, with what belongs to it."""
        self.client.post("/cases", self.body, kind="application/json")
