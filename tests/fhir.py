"""A patient's message as a practice's system sends it in FHIR R4."""

import copy
from typing import Any

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
