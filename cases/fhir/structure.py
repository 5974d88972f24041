"""Whether a resource has the shape that FHIR R4 gives it. Pure; the model is SMART's `fhirclient`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fhirclient.models.bundle import Bundle
from fhirclient.models.communication import Communication
from fhirclient.models.condition import Condition
from fhirclient.models.consent import Consent
from fhirclient.models.device import Device
from fhirclient.models.documentreference import DocumentReference
from fhirclient.models.fhirabstractbase import FHIRAbstractBase, FHIRValidationError
from fhirclient.models.medicationstatement import MedicationStatement
from fhirclient.models.observation import Observation
from fhirclient.models.organization import Organization
from fhirclient.models.patient import Patient
from fhirclient.models.practitioner import Practitioner
from fhirclient.models.practitionerrole import PractitionerRole
from fhirclient.models.relatedperson import RelatedPerson
from fhirclient.models.slot import Slot
from fhirclient.models.task import Task

from cases.validation import Fault

MODELS: Mapping[str, type[FHIRAbstractBase]] = {
    model.resource_type: model
    for model in (
        Bundle,
        Communication,
        Condition,
        Consent,
        Device,
        DocumentReference,
        MedicationStatement,
        Observation,
        Organization,
        Patient,
        Practitioner,
        PractitionerRole,
        RelatedPerson,
        Slot,
        Task,
    )
}
"""The resources that may come in. Devices, people and organizations send and receive messages."""

BY_THEMSELVES = ("Bundle", "Slot", "Task")
"""Those that are no part of a message."""

MISSING = re.compile(r'Non-optional property "(\w+)"')
NAME = re.compile(r"[A-Za-z_]\w{0,63}")


def faults_of_shape(resource: Mapping[str, Any], at: str) -> Iterator[Fault]:
    """What R4 has against a resource of a known type, which stands at the FHIRPath `at`.

    An element that would change the meaning of what stands beside it is refused: it is not understood
    here, and to go on without it is forbidden (R4, 2.4 Extensibility, 2.26 implicitRules).
    """
    model = MODELS[resource["resourceType"]]
    try:
        model(dict(resource))
    except FHIRValidationError as error:
        yield from faults_in(error, at)
    yield from unfit_elements(resource, at)


def faults_in(error: Exception, at: str) -> Iterator[Fault]:
    """The library's error in our words: its own quote what was sent."""
    if isinstance(error, FHIRValidationError):
        place = at + "".join(step_of(part) for part in (error.path or "").split(".") if part)
        for each in error.errors:
            yield from faults_in(each, place)
    elif isinstance(error, KeyError) and (match := MISSING.search(str(error))):
        yield Fault(f"{at}.{match[1]}", "required", "is required")
    elif isinstance(error, AttributeError):
        yield Fault(at, "structure", "has elements that FHIR R4 does not have here")
    elif isinstance(error, ValueError):
        yield Fault(at, "value", "has not the form that FHIR R4 gives it")
    else:
        yield Fault(at, "structure", "is not of the type that FHIR R4 gives it")


def step_of(part: str) -> str:
    """A part of the library's path in FHIRPath: its names of elements avoid Python's own words."""
    return f"[{part}]" if part.isdecimal() else f".{part.removesuffix('_fhir')}"


def unfit_elements(resource: Mapping[str, Any], at: str) -> Iterator[Fault]:
    """Elements that must not be passed over by who does not understand them, and null, which is none.

    What is absent is left out in FHIR (R4, 2.6.2 JSON); the library would take null for that.
    """
    if "implicitRules" in resource:
        yield Fault(f"{at}.implicitRules", "not-supported", "names rules that are not known here")
    waiting: list[tuple[str, Any]] = [(at, resource)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, Mapping):
            if "modifierExtension" in value:
                detail = "changes the meaning of what it stands in, and is not understood here"
                yield Fault(f"{place}.modifierExtension", "extension", detail)
            if None in value.values():
                yield Fault(
                    place, "structure", "has elements that are null, which R4 does not allow"
                )
            waiting += [
                (f"{place}.{name}", item)
                for name, item in value.items()
                if NAME.fullmatch(name) and isinstance(item, dict | list)
            ]
        elif isinstance(value, list):
            waiting += [(f"{place}[{position}]", item) for position, item in enumerate(value)]
