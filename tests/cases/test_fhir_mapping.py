"""What becomes of a message in FHIR: its values where the pipeline wants them, or a refusal that says why."""

import tomllib
from typing import Any

import pytest
from django.conf import settings

from cases.definition import Definition, parse
from cases.fhir.mapping import compiled, mapped
from cases.fhir.measuring import Unmeasurable, measured
from cases.fhir.message import read_communication, read_transaction
from cases.models import Priority
from cases.validation import Fault, InvalidInput
from tests.fhir import (
    LOINC,
    NAME,
    PATIENT,
    PATIENT_URL,
    SNOMED,
    TEXT,
    blood_pressure,
    communication,
    consent,
    contained,
    entry,
    observation,
    quantity,
    transaction,
)

FILES = sorted((settings.BASE_DIR / "cases/pipelines").glob("*/pipeline.toml"))


@pytest.fixture(scope="module")
def definition() -> Definition:
    """The pipeline of patients' messages."""
    return parse(
        tomllib.loads(
            (settings.BASE_DIR / "cases/pipelines/patient-message/pipeline.toml").read_text()
        )
    )


def data_of(
    definition: Definition, *resources: dict[str, Any]
) -> tuple[dict[str, Any], list[Fault]]:
    """The data that a message with these resources becomes, and what is wrong with it."""
    assert definition.fhir is not None
    message = read_transaction(transaction(*resources))
    return mapped(message.bundle, definition.fhir, definition.schema)


def refused(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Where and with which code a message is refused."""
    reader = read_transaction if body.get("resourceType") == "Bundle" else read_communication
    with pytest.raises(InvalidInput) as refusal:
        reader(body)
    assert NAME not in repr(refusal.value.faults)
    return [(fault.pointer, fault.code) for fault in refusal.value.faults]


def test_a_whole_message_finds_its_places(definition: Definition) -> None:
    data, wrong = data_of(
        definition,
        observation("9279-1", valueQuantity=quantity(22, "{breaths}/min")),
        observation("59408-5", valueQuantity=quantity(96, "%")),
        observation("3151-8", valueQuantity=quantity(2, "L/min")),
        blood_pressure(104, 60),
        observation("8867-4", valueQuantity=quantity(112, "/min")),
        observation("8310-5", valueQuantity=quantity(38.5, "Cel")),
        observation(
            "80288-4", valueCodeableConcept={"coding": [{"system": SNOMED, "code": "130987000"}]}
        ),
        {
            "resourceType": "Condition",
            "subject": {"reference": PATIENT_URL},
            "code": {"text": "Asthma"},
        },
        {
            "resourceType": "MedicationStatement",
            "status": "active",
            "subject": {"reference": PATIENT_URL},
            "medicationCodeableConcept": {"coding": [{"display": "Salbutamol"}]},
        },
        consent(),
    )
    assert wrong == []
    assert data == {
        "patient": {
            "id": "P-20417",
            "name": NAME,
            "date_of_birth": "1961-05-04",
            "sex": "female",
        },
        "message": {"text": TEXT, "language": "en", "sent_at": "2026-11-20T08:15:00Z"},
        "vitals": {
            "respiration_rate": 22,
            "oxygen_saturation": 96,
            "on_oxygen": True,
            "systolic": 104,
            "pulse": 112,
            "consciousness": "confusion",
            "temperature": 38.5,
        },
        "conditions": ["Asthma"],
        "medication": ["Salbutamol"],
        "consent": {"automated_contact": True, "recorded_at": "2026-01-15T10:00:00Z"},
    }


@pytest.mark.parametrize(
    "given",
    [
        consent("OPTOUT"),
        consent(status="inactive"),
        consent(provision={"type": "deny"}),
        consent(policyRule={"text": "OPTIN"}),
        consent("OPTOUT", dateTime="2026-01-15"),
    ],
)
def test_only_a_plain_active_opt_in_is_consent(definition: Definition, given: Any) -> None:
    data, wrong = data_of(definition, given)
    assert (data["consent"]["automated_contact"], wrong) == (False, [])
    assert ("recorded_at" in data["consent"]) == ("T" in given["dateTime"])


@pytest.mark.parametrize(
    ("given", "unit", "number"),
    [
        (quantity(101.3, "[degF]"), "Cel", 38.5),
        (quantity(311.65, "K"), "Cel", 38.5),
        (quantity(16, "kPa"), "mm[Hg]", 120.01),
        (quantity(1.5, "/s"), "/min", 90.0),
        (quantity(88, "1/min"), "/min", 88.0),
        (quantity(88, "{beats}/min"), "/min", 88.0),
    ],
)
def test_a_measurement_comes_in_the_unit_that_is_wanted(
    given: Any, unit: str, number: float
) -> None:
    assert measured(given, unit) == number


@pytest.mark.parametrize(
    "given",
    [
        quantity(101.3, "degF"),
        quantity(38.5, "Cel", comparator=">"),
        {"value": 38.5, "unit": "°C"},
        {**quantity(38.5, "Cel"), "system": "urn:units"},
        {**quantity(1, "Cel"), "value": True},
        {"code": "Cel", "system": "http://unitsofmeasure.org"},
        "38.5",
    ],
)
def test_a_measurement_that_can_not_be_told_is_refused(given: Any) -> None:
    with pytest.raises(Unmeasurable):
        measured(given, "Cel")


def test_what_is_refused_names_the_expression_it_comes_from(definition: Definition) -> None:
    assert definition.fhir is not None
    for resources in (
        [observation("8310-5", valueQuantity=quantity(101.3, "degF"))],
        [observation("8310-5", valueString="38.5")],
        [observation("8310-5", valueQuantity=quantity(each, "Cel")) for each in (36, 39)],
    ):
        data, (fault,) = data_of(definition, *resources)
        assert fault.pointer == definition.fhir.data["/vitals/temperature"].path
        assert fault.detail.startswith("/vitals/temperature: ")
        assert "vitals" not in data


def test_what_was_cancelled_or_entered_in_error_says_nothing(definition: Definition) -> None:
    pulse = observation("8867-4", valueQuantity=quantity(188, "/min"))
    data, wrong = data_of(
        definition, {**pulse, "status": "entered-in-error"}, {**pulse, "status": "cancelled"}
    )
    assert (wrong, "vitals" in data) == ([], False)


def test_a_value_that_is_no_known_word_is_kept_for_the_schema_to_refuse(
    definition: Definition,
) -> None:
    data, _ = data_of(
        definition,
        observation("80288-4", valueString="alert"),
        observation("3151-8", valueString="2 L"),
    )
    assert data["vitals"] == {"consciousness": "unknown", "on_oxygen": "unknown"}


def test_a_communication_contains_what_a_transaction_brings(definition: Definition) -> None:
    assert definition.fhir is not None
    message = read_communication(contained(priority="stat"))
    data, wrong = mapped(message.bundle, definition.fhir, definition.schema)
    assert wrong == []
    assert (data["patient"]["name"], data["message"]["text"]) == (NAME, TEXT)
    assert (message.reference, message.priority) == ("urn:practice:7|MSG-1", Priority.URGENT)


def without(key: str, **more: Any) -> dict[str, Any]:
    """A contained message without one element."""
    return {name: value for name, value in contained(**more).items() if name != key}


AT = "Communication"


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        (without("identifier"), f"{AT}.identifier", "required"),
        (contained("x" * 120), f"{AT}.identifier", "required"),
        (contained("two\nlines"), f"{AT}.identifier", "required"),
        (without("status"), f"{AT}.status", "required"),
        (contained(status="stopped"), f"{AT}.status", "code-invalid"),
        (contained(priority="soon"), f"{AT}.priority", "code-invalid"),
        (contained(sent="yesterday"), f"{AT}.sent", "value"),
        (contained(nonsense=1), AT, "structure"),
        (
            contained(payload=[{"contentAttachment": {"data": None}}]),
            f"{AT}.payload[0].contentAttachment",
            "structure",
        ),
        (contained(subject={"reference": "Patient/9"}), f"{AT}.subject", "not-found"),
        (contained(subject={"display": NAME}), f"{AT}.subject", "not-found"),
        (contained(implicitRules="urn:rules"), f"{AT}.implicitRules", "not-supported"),
        (contained(modifierExtension=[{"url": "urn:not"}]), f"{AT}.modifierExtension", "extension"),
        (
            contained(payload=[{"contentAttachment": {"url": "https://example.com/a.jpg"}}]),
            f"{AT}.payload[0].content",
            "not-supported",
        ),
        (
            contained(payload=[{"contentAttachment": {"data": "%%%"}}]),
            f"{AT}.payload[0].content",
            "invalid",
        ),
        (
            contained(payload=[{"contentReference": {"reference": "Media/1"}}]),
            f"{AT}.payload[0].content",
            "not-supported",
        ),
        (
            contained(contained=[{"resourceType": "Basic", "code": {}}]),
            f"{AT}.contained[0]",
            "not-supported",
        ),
        (contained(payload=[{"contentString": "x"}] * 10_000), AT, "maxItems"),
        ({"resourceType": "Patient"}, AT, "structure"),
        ({"resourceType": []}, AT, "structure"),
        ([], AT, "structure"),
    ],
)
def test_a_communication_that_can_not_be_taken_in_is_refused(
    body: Any, where: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_communication(body)
    faults = refusal.value.faults
    assert (where, code) in [(fault.pointer, fault.code) for fault in faults]
    assert NAME not in repr(faults)


def changed(**more: Any) -> dict[str, Any]:
    """A transaction with other members."""
    return {**transaction(), **more}


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        (changed(type="batch"), "Bundle.type", "not-supported"),
        (changed(entry=[]), "Bundle.entry", "structure"),
        (changed(entry=["x"]), "Bundle.entry[0].resource", "required"),
        (changed(entry=[entry(PATIENT)]), "Bundle.entry", "invariant"),
        (transaction(communication("MSG-2")), "Bundle.entry", "invariant"),
        (transaction(PATIENT), "Bundle.entry[2].resource", "invariant"),
        (transaction({"resourceType": "Library"}), "Bundle.entry[2].resource", "not-supported"),
        (
            transaction(observation("8867-4", subject={"reference": "Patient/other"})),
            "Bundle.entry[2].resource.subject",
            "not-found",
        ),
        (
            transaction(observation("8867-4", status="guessed")),
            "Bundle.entry[2].resource.status",
            "code-invalid",
        ),
        (
            transaction(observation("8867-4", valueQuantity={"value": "88"})),
            "Bundle.entry[2].resource.valueQuantity.value",
            "structure",
        ),
        (
            changed(entry=[{**entry(communication()), "request": {"method": "PUT", "url": "x"}}]),
            "Bundle.entry[0].request",
            "not-supported",
        ),
    ],
)
def test_a_transaction_that_can_not_be_taken_in_is_refused(
    body: Any, where: str, code: str
) -> None:
    assert (where, code) in refused(body)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_the_paths_of_every_pipeline_are_fhirpath(file: Any) -> None:
    definition = parse(tomllib.loads(file.read_text()))
    for path in definition.fhir.data.values() if definition.fhir else ():
        compiled(path.path)


def test_loinc_is_written_as_fhir_writes_it(definition: Definition) -> None:
    assert definition.fhir is not None
    assert all(
        LOINC in path.path
        for pointer, path in definition.fhir.data.items()
        if pointer.startswith("/vitals/")
    )
