"""Taking a case in: what was sent is checked as a whole, then kept as a whole or not at all."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.db import connection
from jsonschema import Draft202012Validator

from accounts.models import ApiClient
from audit import vault
from audit.actors import Actor
from audit.vault import Vault
from cases import blobs, lifecycle
from cases.definition import Definition
from cases.models import Case, Document, Pipeline, PipelineVersion, Priority
from cases.papers import Limits, Paper, RefusedPaper, judge
from cases.validation import Fault, InvalidInput, faults_of, step, validator_of

TERMS = """
    SELECT p.id, p.slug, p.name, p.current_id, v.id, v.pipeline_id, v.number, v.sha256,
           clock_timestamp()
    FROM cases_pipeline p JOIN cases_pipelineversion v ON v.id = p.current_id
    WHERE p.slug = %s AND p.slug = ANY(%s)
"""
"""By hand: every case asks this, and the ORM would cost more than the database."""

ROOM_CHECKED_SECONDS = 5
VALIDATORS: dict[str, Draft202012Validator] = {}
"""Compiled data schemas by the digest of their definition."""


class HouseFull(Exception):
    """Too many cases wait for the system already."""


@dataclass(frozen=True, slots=True)
class SentPaper:
    """A paper as it was sent: of which kind the sender says it is, and its file's own name."""

    kind: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new case stands under: its pipeline as it is now, by the database's clock."""

    pipeline: Pipeline
    version: PipelineVersion
    now: datetime

    def due_at(self, priority: Priority) -> datetime:
        """The deadline of a case that comes in now."""
        minutes = cast(Mapping[str, int], self.version.definition.sla_minutes)
        return self.now + timedelta(minutes=minutes[priority])


def open_case(
    *,
    client: ApiClient,
    pipeline_slug: str,
    reference: str,
    data: Mapping[str, Any],
    papers: Sequence[SentPaper],
    priority: Priority,
    by: Actor,
) -> Case:
    """Opens a case, with its key, its papers and its event, and rings for its first step.

    `reference` is the upstream's own id and may occur twice: an application that was withdrawn comes
    back under its own number. What keeps a case from being opened twice is the Idempotency-Key.
    Raises InvalidInput with all that is wrong, of the papers' content only where all else is right;
    nothing is kept then.
    """
    terms = terms_of(pipeline_slug, client)
    kinds = [paper.kind for paper in papers]
    wrong = [*data_faults(data, terms.version), *kind_faults(kinds, terms.version.definition)]
    judged = list(judged_papers(papers, wrong))
    if wrong:
        raise InvalidInput(*wrong)
    case = Case(
        pipeline=terms.pipeline,
        pipeline_version=terms.version,
        client=client,
        reference=reference,
        priority=priority,
        due_at=terms.due_at(priority),
        copies=copies_of(kinds, terms.version.definition),
    )
    with blobs.atomic():
        opened = vault.create(case.pk)
        case.sealed_data = opened.seal_json("data", data)
        documents = [
            stored(case, opened, position, sent, paper)
            for position, (sent, paper) in enumerate(zip(papers, judged, strict=True))
        ]
        proofs = {
            "data": opened.commitment("data", data),
            "reference": opened.commitment("reference", reference),
        }
        for document, paper in zip(documents, judged, strict=True):
            purpose = f"document:{document.pk}"
            proofs[purpose] = opened.commitment(purpose, paper.sha256)
        lifecycle.begin(case, by=by, data=facts(case, documents), commitments=proofs)
        case.papers, case.current = Document.objects.bulk_create(documents), []
    return case


@lru_cache(maxsize=1)
def is_full(period: int) -> bool:
    """Whether more cases wait for the system's next step than INTAKE_WATERMARK, asked once a period."""
    mark = settings.INTAKE_WATERMARK
    return Case.objects.filter(step_due_at__isnull=False).order_by()[mark : mark + 1].exists()


def check_room() -> None:
    """Raises HouseFull where a new case would only wait behind too many."""
    if is_full(int(time.monotonic() / ROOM_CHECKED_SECONDS)):
        raise HouseFull


def terms_of(slug: str, client: ApiClient) -> Terms:
    """The terms of a new case; raises InvalidInput where the client has no such pipeline."""
    with connection.cursor() as cursor:
        cursor.execute(TERMS, [slug, client.pipelines])
        row = cursor.fetchone()
    if row is None:
        granted = ", ".join(client.pipelines) or "none"
        raise InvalidInput(
            Fault(
                "#/pipeline", "unknown_pipeline", f"must be one this client may post to: {granted}"
            )
        )
    pipeline = Pipeline.from_db(connection.alias, ("id", "slug", "name", "current_id"), row[:4])
    version = PipelineVersion.from_db(
        connection.alias, ("id", "pipeline_id", "number", "sha256"), row[4:8]
    )
    return Terms(pipeline, version, row[8])


def data_faults(data: Mapping[str, Any], version: PipelineVersion) -> tuple[Fault, ...]:
    """What the pipeline's schema has against a case's data."""
    if version.sha256 not in VALIDATORS:
        VALIDATORS[version.sha256] = validator_of(version.definition.schema)
    return faults_of(VALIDATORS[version.sha256], data, at="#/data")


def faults_of_parts(
    client: ApiClient, slug: str, data: Mapping[str, Any] | None, kinds: Sequence[str | None]
) -> Sequence[Fault]:
    """What a pipeline has against the parts of a case; None for data that is no object."""
    try:
        version = terms_of(slug, client).version
    except InvalidInput as unknown:
        return unknown.faults
    found = () if data is None else data_faults(data, version)
    return [*found, *kind_faults(kinds, version.definition)]


def copies_of(kinds: Sequence[str], definition: Definition) -> dict[str, int]:
    """How many of the papers are of each kind that may come several times."""
    return {spec.kind: kinds.count(spec.kind) for spec in definition.documents if spec.several}


def kind_faults(kinds: Sequence[str | None], definition: Definition) -> Iterator[Fault]:
    """Papers of unknown kinds, papers too many, and required ones that are missing.

    None is a kind that is no text: told already, and it could be any.
    A case without a paper that it can't be judged without is refused: the upstream can still send it
    along, and a reviewer could do nothing but wait.
    """
    yield from unfit_kinds(kinds, definition, room=settings.CASE_MAX_PAPERS)
    for document in definition.documents:
        if document.required and not {document.kind, None} & set(kinds):
            detail = f"lacks a document of the kind {document.kind} ({document.name})"
            yield Fault("#/documents", "missing_document", detail)


def unfit_kinds(
    kinds: Sequence[str | None], definition: Definition, *, room: int
) -> Iterator[Fault]:
    """Papers of unknown kinds, and more papers than there is room for."""
    if len(kinds) > room:
        yield Fault("#/documents", "maxItems", f"must have at most {room} items")
    known = [document.kind for document in definition.documents]
    for position, kind in enumerate(kinds):
        if kind is not None and kind not in known:
            detail = f"must be one of: {', '.join(known)}"
            yield Fault(f"#/documents/{position}/kind", "unknown_kind", detail)


def judged_papers(papers: Sequence[SentPaper], wrong: list[Fault]) -> Iterator[Paper]:
    """What the papers are by their content; a refused one adds to `wrong`.

    Where something is wrong already, nothing is judged: it costs, and the case is refused anyway.
    """
    if wrong:
        return
    limits = Limits(
        max_bytes=settings.PAPER_MAX_BYTES,
        max_pages=settings.PAPER_MAX_PAGES,
        max_pixels=settings.PAPER_MAX_PIXELS,
    )
    for position, paper in enumerate(papers):
        try:
            yield judge(paper.content, limits)
        except RefusedPaper as refusal:
            pointer = step(step("#/documents", position), "content")
            wrong.append(Fault(pointer, refusal.code, refusal.detail))


def stored(case: Case, opened: Vault, position: int, sent: SentPaper, paper: Paper) -> Document:
    """A paper, sealed and stored; its row is not saved yet."""
    document = Document(
        case=case,
        position=position,
        kind=sent.kind,
        media_type=paper.media_type,
        size=paper.byte_count,
        page_count=paper.page_count,
        digest=vault.house_digest("document", sent.content),
    )
    document.sealed_name = opened.seal(f"document_name:{document.pk}", sent.name.encode())
    document.blob = blobs.store(opened, f"document:{document.pk}", sent.content)
    return document


def facts(case: Case, documents: Sequence[Document]) -> dict[str, Any]:
    """What the log says of a new case: nothing personal, and so not its reference."""
    return {
        "pipeline_version": case.pipeline_version.number,
        "priority": case.priority,
        "documents": [
            {
                "id": str(document.pk),
                "kind": document.kind,
                "media_type": document.media_type,
                "size": document.size,
                "pages": document.page_count,
            }
            for document in documents
        ],
    }
