"""The house from outside: an upstream with its key, and a person with a browser's cookies and forms."""

import base64
import csv
import io
import re
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import requests

from config.demo.papers import DemoPaper
from tests.conftest import PASSWORD, Upstream
from tests.processes import eventually


def post_case(
    url: str,
    upstream: Upstream,
    *,
    data: Mapping[str, Any],
    papers: Sequence[DemoPaper],
    reference: str = "L-1",
    pipeline: str = "loan",
    **headers: str,
) -> requests.Response:
    """Posts a case over HTTP."""
    body: dict[str, Any] = {
        "pipeline": pipeline,
        "reference": reference,
        "data": data,
        "documents": [
            {
                "kind": paper.kind,
                "filename": paper.filename,
                "content": base64.b64encode(paper.blob).decode(),
            }
            for paper in papers
        ],
    }
    key = {"Idempotency-Key": f'"{uuid.uuid4()}"'}
    return requests.post(
        f"{url}/api/v1/cases", json=body, headers=upstream.headers | key | headers, timeout=60
    )


def status_of(url: str, upstream: Upstream, case_id: str) -> str:
    """A case's status, as its upstream reads it."""
    answer = requests.get(f"{url}/api/v1/cases/{case_id}", headers=upstream.headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["status"])


def until(url: str, upstream: Upstream, case_id: str, *statuses: str) -> str:
    """The case's status once it is one of `statuses`."""

    def reached() -> str:
        status = status_of(url, upstream, case_id)
        return status if status in statuses else ""

    return eventually(reached, f"the case to be {' or '.join(statuses)}")


class Visitor:
    """A person without JavaScript: follows links, fills in forms."""

    def __init__(self, url: str, username: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.page = self.get("/account/login/")
        self.send("/account/login/", login=username, password=PASSWORD)
        assert "sessionid" in self.session.cookies, self.page.text

    def get(self, path: str) -> requests.Response:
        """Opens a page."""
        self.page = self.session.get(f"{self.url}{path}", timeout=30)
        return self.page

    def send(self, path: str, **values: Any) -> requests.Response:
        """Sends a form with its token, and follows where it leads."""
        token = self.session.cookies.get("csrftoken", "")
        self.page = self.session.post(
            f"{self.url}{path}",
            data={"csrfmiddlewaretoken": token, **values},
            headers={"Referer": self.url},
            timeout=60,
        )
        return self.page

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page."""
        pattern = rf'name="{name}"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="{name}"'
        found = re.search(pattern, self.page.text)
        assert found is not None, f"no field {name}"
        return found.group(1) or found.group(2) or ""


def export_of(office: Visitor, pipeline: str) -> list[dict[str, str]]:
    """The decisions of a pipeline as an auditor takes them: asked for, waited for, unpacked, read."""
    asked = {"kind": "decisions", "pipeline": pipeline, "format": "csv", "purpose": "Audit sample"}
    office.get("/trail/exports/")
    office.send("/trail/exports/ask/", **asked)

    def ready() -> str:
        found = re.search(r"/trail/exports/\d+/file/", office.get("/trail/exports/").text)
        return found[0] if found else ""

    file = office.get(eventually(ready, "the export to be ready"))
    assert file.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        table = archive.read("decisions.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(table, newline="")))
