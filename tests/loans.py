"""Loans in review, made through the house's own acts: papers drawn, fields read, scored, routed."""

import io
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from PIL import Image, ImageDraw, ImageFont

from accounts.models import ApiClient
from audit import vault
from audit.actors import system
from audit.models import ClockTimestamp
from audit.vault import Vault
from cases import blobs, lifecycle
from cases.models import Case, Document, Page, Pipeline, Status, new_id
from inference.models import FieldRead, Reading
from inference.scoring import score_case
from reviews.routes import route_case

WIDTH, HEIGHT = 900, 1270
NUMBERS = itertools.count(41827)
BY = system("tests")

DATA: dict[str, Any] = {
    "applicant": {
        "name": "Wilhelmina van den Broek-Jünger",
        "date_of_birth": "1979-03-14",
        "address": "Oude Gracht 114 bis, 3511 Utrecht",
    },
    "loan": {
        "amount": 8450,
        "duration_months": 24,
        "purpose": "furniture",
        "instalment_percent": 3,
    },
    "finances": {
        "checking_account": "0_to_200",
        "credit_history": "paid_till_now",
        "savings": "100_to_500",
        "guarantors": "none",
        "property": "car_or_other",
        "other_plans": "none",
        "housing": "rent",
        "existing_credits": 1,
        "iban": "NL91ABNA0417164300",
        "closing_balance": 1204.5,
    },
    "employment": {
        "employer": "Noord-Nederlandse Tuinbouw B.V.",
        "since": "4_to_7_years",
        "job": "skilled",
        "net_income": 2341.18,
    },
}
READ: dict[str, "Read"] = {}


@dataclass(frozen=True)
class Read:
    """What the reading found of a field; with None it found nothing."""

    value: str | None
    confidence: float = 0.97
    mismatch: str = ""


READ |= {
    "applicant_name": Read("Wilhelmina van den Broek-Jünger"),
    "date_of_birth": Read("1979-03-14"),
    "amount": Read("8450.00", 0.86),
    "duration_months": Read("24"),
    "employer": Read("Noord-Nederlandse Tuinbouwcoöperatie U.A.", 0.93, "unsure"),
    "employee_name": Read("Wilhelmina van den Broek-Jünger"),
    "net_income": Read("2431.18", 0.91, "differs"),
    "pay_date": Read("2026-10-25"),
    "account_holder": Read("W. van den Broek-Jünger", 0.95),
    "iban": Read("NL91ABNA0417164300"),
    "closing_balance": Read("1204.50"),
    "interest_rate": Read(None, 0.0),
}


@dataclass(frozen=True)
class Loan:
    """How a loan differs from the usual one."""

    read: Mapping[str, Read] = field(default_factory=dict)
    amount: float = 8450
    due_in: timedelta = timedelta(hours=6)
    priority: str = "normal"


def loan_in_review(client: ApiClient, loan: Loan = Loan()) -> Case:
    """A loan that waits for a person, as the worker would have left it."""
    pipeline = Pipeline.objects.select_related("current").get(slug="loan")
    assert pipeline.current is not None
    data = DATA | {"loan": DATA["loan"] | {"amount": loan.amount}}
    case_id = new_id()
    with transaction.atomic():
        opened = vault.create(case_id)
        case = Case(
            id=case_id,
            pipeline=pipeline,
            pipeline_version=pipeline.current,
            client=client,
            reference=f"LN-2026-{next(NUMBERS):07}",
            priority=loan.priority,
            due_at=ClockTimestamp() + loan.due_in,
            sealed_data=opened.seal_json("data", data),
        )
        lifecycle.begin(case, by=client.actor, data={"documents": 3}, commitments={})
    case.refresh_from_db()
    with transaction.atomic():
        read_papers(case, opened, {**READ, **loan.read})
        step = lifecycle.take_step(case.pk, Status.RECEIVED)
        lifecycle.move(case, Status.READ, by=BY, step=step)
    for status, work in ((Status.READ, score_case), (Status.SCORED, route_case)):
        case.refresh_from_db()
        work(case, lifecycle.take_step(case.pk, status))
    case.refresh_from_db()
    return case


def read_papers(case: Case, opened: Vault, read: Mapping[str, Read]) -> None:
    """Draws the papers, seals them, and saves what was read where."""
    definition = case.definition
    for position, spec in enumerate(definition.documents):
        fields = [each for each in definition.fields if each.document == spec.kind]
        lines = [(each.name, each.labels[0], read[each.name].value or "") for each in fields]
        image, boxes = draw(spec.name, lines)
        document = Document(
            case=case,
            position=position,
            kind=spec.kind,
            media_type="image/png",
            size=len(image),
            page_count=1,
            digest="",
        )
        name = f"{spec.kind}.png".encode()
        document.sealed_name = opened.seal(f"document_name:{document.pk}", name)
        document.blob = blobs.store(opened, f"document:{document.pk}", image)
        document.save()
        page = Page(
            document=document,
            number=1,
            width=WIDTH,
            height=HEIGHT,
            digest="",
            media_type="image/png",
        )
        page.blob = blobs.store(opened, f"page:{page.pk}", image)
        page.save()
        Reading.objects.create(
            page=page,
            engine="drawn",
            engine_version="1",
            sealed_words=opened.seal_json(f"words:{page.pk}", {"words": drawn_words(lines, boxes)}),
            word_count=3 * len(lines),
            confidence=0.97,
        )
        for each in fields:
            found = read[each.name]
            FieldRead.objects.create(
                case=case,
                position=definition.fields.index(each),
                name=each.name,
                sealed_value=opened.seal_json(
                    f"field:{each.name}", {"value": found.value, "text": found.value}
                ),
                found=found.value is not None,
                page=page if found.value is not None else None,
                box=boxes[each.name] if found.value is not None else None,
                confidence=found.confidence,
                mismatch=found.mismatch,
            )


def drawn_words(
    lines: list[tuple[str, str, str]], boxes: Mapping[str, list[int]]
) -> list[tuple[str, list[int], float]]:
    """The words of each label and value; a value's share its box, as wide as they are long."""
    words = []
    for name, label, value in lines:
        left, top, right, bottom = boxes[name]
        texts, at = value.split(), float(left)
        letter = (right - left) / max(1, len(value))
        words.append((label, [60, top, 330, bottom], 0.97))
        for text in texts:
            words.append((text, [round(at), top, round(at + letter * len(text)), bottom], 0.97))
            at += letter * (len(text) + 1)
    return words


def draw(title: str, lines: list[tuple[str, str, str]]) -> tuple[bytes, dict[str, list[int]]]:
    """A plain paper as PNG, and each value's box."""
    sheet = Image.new("L", (WIDTH, HEIGHT), 252)
    pen = ImageDraw.Draw(sheet)
    pen.text((60, 60), title, font=ImageFont.load_default(34), fill=30)
    boxes: dict[str, list[int]] = {}
    for row, (name, label, value) in enumerate(lines):
        top = 170 + 78 * row
        pen.text((60, top), label, font=ImageFont.load_default(19), fill=110)
        pen.line((340, top + 34, WIDTH - 60, top + 34), fill=190)
        font = ImageFont.load_default(23)
        pen.text((348, top - 2), value, font=font, fill=20)
        boxes[name] = [round(edge) for edge in pen.textbbox((348, top - 2), value, font=font)]
    for row in range(18):
        top = 700 + 26 * row
        pen.line((60, top, 320 + (row * 197) % 480, top), fill=214, width=8)
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue(), boxes
