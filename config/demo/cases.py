"""A case as the demo's upstream systems post it: of which pipeline, with which data and papers."""

import base64
import json
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.crypto import get_random_string


class File(Protocol):
    """A file as it is sent."""

    @property
    def filename(self) -> str:
        """The sender's own name for it."""
        ...

    @property
    def blob(self) -> bytes:
        """What is in it."""
        ...


@dataclass(frozen=True, slots=True)
class DemoCase:
    """One case to post; `papers` are pairs of a kind and a file."""

    pipeline: str
    reference: str
    data: Mapping[str, Any]
    papers: Sequence[tuple[str, File]] = ()
    priority: str = "normal"


def post(case: DemoCase, *, address: str, key: str) -> None:
    """Posts a case over HTTP; raises OSError where it is not taken."""
    body = {
        "pipeline": case.pipeline,
        "reference": case.reference,
        "priority": case.priority,
        "data": case.data,
        "documents": [
            {
                "kind": kind,
                "filename": file.filename,
                "content": base64.b64encode(file.blob).decode(),
            }
            for kind, file in case.papers
        ],
    }
    request = urllib.request.Request(  # noqa: S310  # the demo's own server
        f"{address}/api/v1/cases",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f'"{case.reference}-{get_random_string(8)}"',
        },
    )
    urllib.request.urlopen(request, timeout=60).close()  # noqa: S310  # the demo's own server
