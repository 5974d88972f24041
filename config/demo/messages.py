"""Messages of invented patients to a practice: words that no model was made from, and some measurements."""

import io
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from PIL import Image, ImageDraw, ImageFilter

from config.demo.cases import DemoCase
from config.demo.chance import pick
from config.demo.people import NAMES

PIPELINE = "patient-message"
WRITTEN = settings.BASE_DIR / "inference/training/messages/challenge.jsonl"
AGE = re.compile(r"\b(\d+)[ -](day|week|month)s?\b(?=[ -]old|.*(?:baby|born))", re.IGNORECASE)
DAYS = {"day": 1, "week": 7, "month": 30}
GROWN = 16  # years from which somebody has written to the practice before
SHOWN = re.compile(
    r"\b(rash|mole|spots?|blisters|bites|cut|wrist|eczema|skin tag)\b", re.IGNORECASE
)
CONDITIONS = (
    "Asthma", "Type 2 diabetes", "Hypertension", "Atrial fibrillation", "Hypothyroidism", "Depression",
    "COPD", "Chronic kidney disease stage 3", "Migraine", "Epilepsy", "Osteoarthritis of both knees",
)  # fmt: skip
MEDICATION = (
    "Salbutamol 100 micrograms inhaler", "Metformin 500 mg", "Amlodipine 5 mg", "Apixaban 5 mg",
    "Levothyroxine 75 micrograms", "Sertraline 50 mg", "Ramipril 2.5 mg", "Naproxen 250 mg",
)  # fmt: skip
BEFORE = (
    "Thank you, the cream has helped a lot and the itching is nearly gone.",
    "Could I have a repeat of my usual tablets please? I have about a week left.",
    "I could not make it on Tuesday, my bus did not come. Is there another time?",
    "It is not much better than last week, but I would rather wait a little before coming in.",
)
ANSWERED = (
    "Thank you for letting us know. Your prescription is at the pharmacy.",
    "We have put you down for Thursday. If it gets worse before then you could write to us again.",
)

# Messages beside the others that show something.
FOREIGN, LONG, INFANT = "PM-2026-0901", "PM-2026-0902", "PM-2026-0903"
SHOWPIECES = (FOREIGN, LONG, INFANT)
GERMAN = (
    "Guten Tag, ich habe seit gestern Abend starke Bauchschmerzen rechts unten und etwas Fieber. "
    "Kann ich heute noch vorbeikommen? Ich spreche leider kaum Englisch."
)
RAMBLING = (
    "Sorry this is long. It started with the cold that the whole office had, and then I thought it had "
    "gone but the cough stayed. I have been to the pharmacy twice and they were very kind. "
)
FEVERISH = "Our little one is 7 weeks old and feels hot, she is sleepy and not feeding well since last night."


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that a patient sends along."""

    filename: str
    blob: bytes


def messages(count: int, now: datetime) -> Iterator[DemoCase]:
    """The first `count` messages and those that show something, sent within the hours before `now`."""
    lines = WRITTEN.read_text(encoding="utf-8").splitlines()
    written = [json.loads(line) for line in lines]
    random.Random("messages").shuffle(written)  # an order, not a secret
    for number, each in enumerate(written[:count], 1):
        yield message(f"PM-2026-{number:04d}", each["text"], each["age_years"], number, now)
    if count:
        foreign = message(FOREIGN, GERMAN, 44, 901, now)
        yield changed(foreign, {"message": {**foreign.data["message"], "language": "de"}})
        yield message(LONG, RAMBLING * 20 + "Now it hurts on one side when I cough.", 58, 902, now)
        yield infant(now)


def changed(case: DemoCase, parts: Mapping[str, Any]) -> DemoCase:
    """The case with other parts of its data."""
    return DemoCase(
        case.pipeline, case.reference, {**case.data, **parts}, case.papers, case.priority
    )


def infant(now: datetime) -> DemoCase:
    """A baby's fever, measured."""
    case = message(INFANT, FEVERISH, 0, 903, now)
    vitals = {"temperature": 38.4, "pulse": 168, "measured_at": now.isoformat()}
    return changed(case, {"vitals": vitals})


def message(reference: str, text: str, years: int, seed: int, now: datetime) -> DemoCase:
    """One message with what the practice's portal knows of its writer."""
    rng = random.Random(f"message {seed}")
    names = pick(rng, NAMES)
    sent = now - timedelta(minutes=rng.randint(1, 180))
    data: dict[str, Any] = {
        "patient": {
            "id": f"{rng.randint(400, 999)} {rng.randint(100, 999)} {rng.randint(1000, 9999)}",
            "name": f"{rng.choice(names[0])} {rng.choice(names[1])}",
            "date_of_birth": born(text, years, now.date(), rng).isoformat(),
            "sex": rng.choice(("female", "male")),
        },
        "message": {"text": text, "language": "en", "sent_at": sent.isoformat(timespec="seconds")},
        "consent": {"automated_contact": rng.random() < 0.8},
    }
    if rng.random() < 0.35:
        data["vitals"] = vitals(rng, sent)
    if years > 30 and rng.random() < 0.5:
        data["conditions"] = rng.sample(CONDITIONS, rng.randint(1, 3))
        data["medication"] = rng.sample(MEDICATION, rng.randint(1, 3))
    if rng.random() < 0.25 and years >= GROWN:
        data["earlier"] = earlier(rng, sent)
    photos = [("photo", photo(rng))] if SHOWN.search(text) else []
    return DemoCase(PIPELINE, reference, data, photos, pick(rng, {"high": 0.2, "normal": 0.8}))


def born(text: str, years: int, today: date, rng: random.Random) -> date:
    """A date of birth that fits the age, and what the message says of a baby's."""
    said = AGE.search(text) if years == 0 else None
    if said:
        return today - timedelta(days=int(said[1]) * DAYS[said[2].lower()] + 2)
    return today - timedelta(days=round(years * 365.25) + rng.randint(20, 340))


def vitals(rng: random.Random, sent: datetime) -> dict[str, Any]:
    """What somebody measured at home: often not everything."""
    measured = {
        "respiration_rate": rng.randint(12, 22),
        "oxygen_saturation": rng.randint(93, 99),
        "systolic": rng.randint(104, 158),
        "pulse": rng.randint(58, 112),
        "temperature": round(rng.gauss(37.0, 0.6), 1),
        "consciousness": "alert",
        "on_oxygen": False,
    }
    kept = rng.sample(sorted(measured), rng.randint(3, len(measured)))
    return {name: measured[name] for name in sorted(kept)} | {
        "measured_at": (sent - timedelta(minutes=20)).isoformat(timespec="seconds")
    }


def earlier(rng: random.Random, sent: datetime) -> list[dict[str, str]]:
    """What patient and practice wrote to each other before."""
    day = sent - timedelta(days=rng.randint(9, 60))
    return [
        {"from": "patient", "text": rng.choice(BEFORE), "sent_at": day.isoformat()},
        {
            "from": "practice",
            "text": rng.choice(ANSWERED),
            "sent_at": (day + timedelta(hours=5)).isoformat(),
        },
    ]


def photo(rng: random.Random) -> Photo:
    """Skin with a reddened place, as far as a few blurred ellipses are that."""
    tone = rng.choice(((226, 188, 164), (196, 148, 118), (142, 98, 72), (94, 64, 48)))
    picture = Image.new("RGB", (900, 1200), tone)
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.randint(3, 14)):
        x, y, size = rng.randint(200, 650), rng.randint(300, 850), rng.randint(20, 120)
        red = (min(255, tone[0] + 18), tone[1] * 2 // 3, tone[2] * 2 // 3)
        draw.ellipse((x, y, x + size, y + size * 3 // 4), fill=red)
    picture = Image.blend(
        picture.filter(ImageFilter.GaussianBlur(9)), Image.effect_noise(picture.size, 40).convert("RGB"), 0.06
    )  # fmt: skip
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return Photo(f"IMG_{rng.randint(1000, 9999)}.jpg", out.getvalue())


def this_hour() -> datetime:
    """Now, as the demo's portals tell the time."""
    return datetime.now(UTC).replace(microsecond=0)
