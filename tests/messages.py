"""Patients' messages in review: what was found in them and what a model said, made up by the test."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.models import ApiClient
from audit import vault
from cases import lifecycle
from cases.models import Case, Pipeline, Status
from inference.models import Assessment, Prediction
from reviews.models import Stage
from tests.casefiles import TESTER, received_case
from tests.loans import draw
from tests.pipelines import model_version, pipeline_of, send_to_review, store_paper

NUMBERS = itertools.count(1)
OUTCOMES = ["emergency", "same_day", "routine", "self_care"]
MODEL: dict[str, Any] = {
    "name": "urgency-for-tests",
    "version": 1,
    "outcomes": OUTCOMES,
    "text": "/message/text",
    "features": {"conditions": "/conditions", "pulse": "/vitals/pulse"},
}
TEXT = (
    "Since this morning I have had a tight feeling across my chest and my left arm is heavy. "
    "I have no fever.\n\nMy father had a stroke at my age, so I am worried. I took my tablets as "
    "usual. Should I come in, or can it wait until Monday?"
)
PATIENT: dict[str, Any] = {
    "id": "P-20417",
    "name": "Rosalind Achterberg",
    "date_of_birth": "1961-05-04",
    "sex": "female",
}
VITALS: dict[str, Any] = {
    "respiration_rate": 22,
    "on_oxygen": False,
    "systolic": 104,
    "pulse": 112,
    "consciousness": "alert",
    "temperature": 37.4,
    "measured_at": "2026-11-20T08:10:00Z",
}
EARLIER: list[dict[str, Any]] = [
    {
        "text": "Thank you, the new tablets are fine. I get a little dizzy when I stand up.",
        "sent_at": "2026-10-02T09:14:00Z",
        "from": "patient",
    },
    {
        "text": "Please take one tablet in the morning instead of two, and tell us in a week how you are.",
        "sent_at": "2026-10-02T15:40:00Z",
        "from": "practice",
    },
    {
        "text": "Could I have a repeat of my blood pressure tablets?",
        "sent_at": "2026-08-18T11:05:00Z",
        "from": "patient",
    },
]
NEWS2: dict[str, Any] = {
    "label": "NEWS2",
    "source": "Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017",
    "points": 5,
    "highest": 2,
    "missing": ["oxygen_saturation"],
    "lines": [
        {"name": name, "label": label, "unit": unit, "value": value, "points": points}
        for name, label, unit, value, points in (
            ("respiration_rate", "Respiration rate", "/min", 22, 2),
            ("oxygen_saturation", "Oxygen saturation", "%", None, None),
            ("on_oxygen", "On oxygen", "", False, 0),
            ("systolic", "Systolic blood pressure", "mmHg", 104, 1),
            ("pulse", "Pulse", "/min", 112, 2),
            ("consciousness", "Consciousness", "", "alert", 0),
            ("temperature", "Temperature", "°C", 37.4, 0),
        )
    ],
}


def span(text: str, words: str) -> list[int]:
    """Where the words first stand in the text: from, and up to."""
    start = text.index(words)
    return [start, start + len(words)]


@dataclass(frozen=True)
class Found:
    """What is found in a message by words: flags and mentions as an assessment keeps them."""

    flags: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {
            "chest_pain": ["tight feeling across my chest", "left arm is heavy"]
        }
    )
    mentions: Sequence[tuple[str, str, str]] = (
        ("sepsis_signs", "negated", "no fever"),
        ("stroke_signs", "other", "father had a stroke"),
    )
    evidence: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {
            "tight": {"emergency": 0.9, "same_day": 0.2, "routine": -0.4},
            "chest": {"emergency": 1.6, "same_day": 0.5, "self_care": -0.8},
            "heavy": {"emergency": 0.7},
            "worried": {"emergency": 0.1, "same_day": 0.4},
            "Monday": {"emergency": -0.5, "routine": 0.6},
        }
    )


LABELS = {
    "chest_pain": (
        "Chest pain that may come from the heart",
        "NICE CG95, Recent-onset chest pain, 1.2.1",
    ),
    "measured": ("Deteriorating by the early warning score", "Royal College of Physicians, 2017"),
}
PROBABILITIES = {"emergency": 0.58, "same_day": 0.31, "routine": 0.08, "self_care": 0.03}


@dataclass(frozen=True)
class Message:
    """How a message differs from the usual one. Without probabilities no model said anything."""

    text: str = TEXT
    patient: Mapping[str, Any] = field(default_factory=lambda: PATIENT)
    data: Mapping[str, Any] = field(
        default_factory=lambda: {
            "vitals": VITALS,
            "conditions": ["Hypertension", "Type 2 diabetes"],
            "medication": ["Amlodipine 5 mg", "Metformin 500 mg"],
            "earlier": EARLIER,
            "consent": {"automated_contact": True},
        }
    )
    language: str | None = "en"
    found: Found = Found()
    tables: Mapping[str, Any] = field(default_factory=lambda: {"news2": NEWS2})
    probabilities: Mapping[str, float] | None = field(default_factory=lambda: PROBABILITIES)
    missing: Sequence[str] = ()
    photos: int = 0


BARE = replace(
    Message(), data={}, found=Found({}, (), {}), tables={}, probabilities=None, text="Hello?"
)
"""A message with nothing beside it."""


def message_pipeline(**changed: Any) -> Pipeline:
    """The pipeline of patients' messages, with a model that the tests speak for."""
    return pipeline_of("patient-message", **{"model": MODEL, **changed})


@transaction.atomic
def message_case(
    client: ApiClient,
    message: Message = Message(),
    *,
    pipeline: Pipeline | None = None,
    queue: str = "messages-review",
    stage: Stage = Stage.FIRST,
    due_in: timedelta = timedelta(hours=8),
    **route: Any,
) -> Case:
    """A message that waits for a person; `route` is what `send_to_review` takes beside."""
    sent: dict[str, Any] = {"text": message.text, "sent_at": "2026-11-20T08:12:00Z"}
    if message.language:
        sent["language"] = message.language
    case = received_case(
        pipeline or message_pipeline(),
        client,
        data={"patient": dict(message.patient), "message": sent, **message.data},
        reference=f"MSG-{next(NUMBERS):05}",
        due_in=due_in,
    )
    for position in range(message.photos):
        picture, _ = draw(f"Photo {position + 1}", [])
        store_paper(case, "photo", position, picture)
    lifecycle.move(case, Status.READ, by=TESTER)
    assess(case, message)
    prediction = predict(case, message) if message.probabilities else None
    lifecycle.move(case, Status.SCORED, by=TESTER)
    flags = list(message.found.flags)
    return send_to_review(case, queue, prediction=prediction, flags=flags, stage=stage, **route)


def assess(case: Case, message: Message) -> Assessment:
    """What flags and tables say, as a row."""
    text, found = message.text, message.found
    content = {
        "flags": [
            {
                "name": name,
                "label": LABELS.get(name, (name, ""))[0],
                "source": LABELS.get(name, (name, "A published guideline"))[1],
                "spans": [span(text, words) for words in said],
            }
            for name, said in found.flags.items()
        ],
        "mentions": [
            {"name": name, "status": status, "spans": [span(text, words)]}
            for name, status, words in found.mentions
        ],
        "tables": dict(message.tables),
        "sums": {},
        "duplicates": [],
    }
    sealed = vault.of(case.pk).seal_json("assessment", content)
    return Assessment.objects.create(case=case, flags=list(found.flags), sealed_content=sealed)


def predict(case: Case, message: Message) -> Prediction:
    """What a model said of a message, with the words that it said it for."""
    opened = vault.of(case.pk)
    probabilities = dict(message.probabilities or {})
    outcome = max(probabilities, key=lambda name: probabilities[name])
    evidence = []
    for word, points in message.found.evidence.items():
        start, end = span(message.text, word)
        evidence.append({"start": start, "end": end, "points": dict(points)})
    snapshot = {"features": {}, "words": {}, "evidence": evidence}
    return Prediction.objects.create(
        case=case,
        model_version=model_version(MODEL["name"]),
        outcome=outcome,
        confidence=probabilities[outcome],
        probabilities=probabilities,
        contributions=[
            {
                "feature": name,
                "points": 0.0,
                "missing": name in message.missing,
                "outside_range": False,
            }
            for name in ("conditions", "pulse")
        ],
        sealed_input=opened.seal_json("prediction", snapshot),
        input_commitment=opened.commitment("prediction", {}),
    )
