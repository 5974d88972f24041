"""A patient's message as a practice's system sends it in FHIR R4."""

import copy
import json
from typing import Any

from django.test import Client
from fhirclient.models.fhirelementfactory import FHIRElementFactory

from accounts.keys import make_client, make_key
from tests.conftest import TESTER, Upstream
from tests.messages import message_pipeline

NAME = "Rosalind Achterberg"
TEXT = "Since yesterday I have a cough and feel hot.\nMy chest does not hurt."
SYSTEM = "urn:practice:7"
LOINC, UCUM, SNOMED = "http://loinc.org", "http://unitsofmeasure.org", "http://snomed.info/sct"
PATIENT_URL = "urn:uuid:6b1c2f0e-51c5-4a6e-9a43-0d5a2d1c7a11"

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:practice:7:patient", "value": "P-20417"}],
    "name": [{"use": "official", "given": ["Rosalind"], "family": "Achterberg"}],
    "birthDate": "1961-05-04",
    "gender": "female",
}


def quantity(value: float, unit: str, **more: Any) -> dict[str, Any]:
    """A Quantity in UCUM."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **more}


def observation(code: str, **value: Any) -> dict[str, Any]:
    """A final Observation of the patient."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": PATIENT_URL},
        **value,
    }


def blood_pressure(systolic: float, diastolic: float) -> dict[str, Any]:
    """Both pressures as the vital signs' profile has them: as components."""
    parts = {"8480-6": systolic, "8462-4": diastolic}
    return observation(
        "85354-9",
        component=[
            {
                "code": {"coding": [{"system": LOINC, "code": code}]},
                "valueQuantity": quantity(value, "mm[Hg]"),
            }
            for code, value in parts.items()
        ],
    )


def communication(number: str = "MSG-1", **more: Any) -> dict[str, Any]:
    """The message itself."""
    return {
        "resourceType": "Communication",
        "identifier": [{"system": SYSTEM, "value": number}],
        "status": "completed",
        "language": "en-GB",
        "sent": "2026-11-20T08:15:00Z",
        "subject": {"reference": PATIENT_URL},
        "payload": [{"contentString": line} for line in TEXT.split("\n")],
        **more,
    }


def consent(code: str = "OPTIN", **more: Any) -> dict[str, Any]:
    """What the patient said of being contacted without a human hand."""
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [
            {"coding": [{"system": "urn:countersign:consent", "code": "automated-contact"}]}
        ],
        "patient": {"reference": PATIENT_URL},
        "dateTime": "2026-01-15T10:00:00Z",
        "policyRule": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code}]
        },
        **more,
    }


def entry(resource: dict[str, Any], url: str | None = None) -> dict[str, Any]:
    """An entry that makes a resource."""
    found = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
    return {"fullUrl": url, **found} if url else found


def transaction(*resources: dict[str, Any], number: str = "MSG-1") -> dict[str, Any]:
    """A message with its patient and what else belongs to it."""
    entries = [entry(communication(number)), entry(PATIENT, PATIENT_URL), *map(entry, resources)]
    return copy.deepcopy({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def contained(number: str = "MSG-1", **more: Any) -> dict[str, Any]:
    """The same message as a Communication that contains its patient."""
    patient = {**PATIENT, "id": "p"}
    parts = {"contained": [patient], "subject": {"reference": "#p"}, **more}
    return copy.deepcopy(communication(number, **parts))


# ---------------------------------------------------------------- over HTTP


BASE = "/api/v1/fhir"
SECRETS = (NAME, "Achterberg", "1961-05-04", "cough", "P-20417")


def resource(response: Any, status: int, kind: str) -> dict[str, Any]:
    """The resource that an answer is: valid R4, and nothing in it says who the patient is."""
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/fhir+json")
    found: dict[str, Any] = json.loads(response.content)
    assert found["resourceType"] == kind
    assert FHIRElementFactory.instantiate(kind, found).as_json()
    assert not [secret for secret in SECRETS if secret in response.content.decode()]
    return found


def issues(response: Any, status: int) -> list[tuple[str, list[str]]]:
    """Code and expressions of each issue of a refusal."""
    found = resource(response, status, "OperationOutcome")["issue"]
    assert all(issue["severity"] in ("error", "fatal") and issue["diagnostics"] for issue in found)
    assert all(issue["details"]["coding"][0]["code"] for issue in found)
    return [(issue["code"], issue.get("expression", [])) for issue in found]


def send(client: Client, upstream: Upstream, body: Any, path: str = "", **headers: str) -> Any:
    """Posts a resource; a Bundle to the base, others to their type."""
    kind = body.get("resourceType") if isinstance(body, dict) else None
    address = BASE if kind == "Bundle" else f"{BASE}/{kind}"
    raw = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(
        path or address,
        data=raw,
        content_type=headers.pop("content_type", "application/fhir+json"),
        headers={
            **upstream.headers,
            **{key.replace("_", "-"): value for key, value in headers.items()},
        },
    )


def make_practice() -> Upstream:
    """A practice's system, which sends messages and loans."""
    message_pipeline()
    client = make_client("practice", pipelines=["patient-message", "loan"], by=TESTER)
    return Upstream(client, make_key(client, by=TESTER))
