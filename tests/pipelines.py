"""Pipelines of the project's own files as a test needs them, and cases of theirs sent to people."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import Max

from audit import vault
from cases import blobs, lifecycle
from cases.catalogue import apply_pipeline
from cases.definition import read_toml
from cases.models import Case, Document, Page, Pipeline, Status
from inference.models import Model, ModelVersion, Prediction
from reviews.models import PolicyVersion, Queue, QueueEntry, Route, Stage
from reviews.setting_up import open_to_roles, set_up_review
from tests.casefiles import TESTER, found
from tests.gates import open_gates
from tests.loans import HEIGHT, WIDTH

OWN = 900
"""From here on versions are those of the tests."""


def pipeline_of(slug: str, **changed: Any) -> Pipeline:
    """The pipeline of a file with some parts `changed` (None: left out), set up and open to the roles.

    No case of it is judged blind by the luck of the draw. It stands under a version of its own, so
    that it matters to no test what the file's version is, or whether it was applied before.
    """
    file = settings.BASE_DIR / "cases" / "pipelines" / slug / "pipeline.toml"
    content = read_toml(file.read_text(encoding="utf-8"))
    policy = {**content.get("policy", {}), "blind_share": 0.0, "samples": {}}
    content = {**content, "policy": policy, **changed}
    content = {part: value for part, value in content.items() if value is not None}
    if "model" not in content:
        content["reasons"] = [without_factors(reason) for reason in content["reasons"]]
    known = Pipeline.objects.select_related("current").filter(slug=slug).first()
    last = known.current if known else None
    number = max(OWN, last.number + 1) if last else OWN
    if last and last.content == {**content, "version": last.number}:
        return known  # type: ignore[return-value]  # it has a version, so it is there
    version = apply_pipeline({**content, "version": number}, by=TESTER)
    set_up_review(version, by=TESTER)
    open_to_roles(version, by=TESTER)
    open_gates(version.pipeline)
    return Pipeline.objects.select_related("current").get(slug=slug)


def without_factors(reason: dict[str, Any]) -> dict[str, Any]:
    """A reason that no input of a model bears out."""
    return {part: value for part, value in reason.items() if part != "factors"}


def model_version(name: str) -> ModelVersion:
    """A registered model version that nothing can run: for predictions that a test makes up."""
    model, _ = Model.objects.get_or_create(name=name)
    version, _ = ModelVersion.objects.get_or_create(model=model, number=1, sha256="0" * 64)
    for pipeline in Pipeline.objects.all():
        open_gates(pipeline)
    return version


def policy_of(pipeline: Pipeline, **changed: Any) -> PolicyVersion:
    """A policy version beside the active one, with some parts `changed`: for routes alone."""
    active = PolicyVersion.objects.get(pipeline=pipeline, active=True)
    if not changed:
        return active
    last = PolicyVersion.objects.filter(pipeline=pipeline).aggregate(last=Max("number"))["last"]
    content = {**active.content, **changed}
    return PolicyVersion.objects.create(pipeline=pipeline, number=last + 1, content=content)


def send_to_review(
    case: Case,
    queue: str,
    *,
    prediction: Prediction | None = None,
    policy: Mapping[str, Any] | None = None,
    reasons: list[dict[str, Any]] | None = None,
    flags: list[str] | None = None,
    stage: Stage = Stage.FIRST,
    blind: bool = False,
    second_review: str | None = None,
) -> Case:
    """A scored case, routed to `queue`, where it waits; `policy` is what differs from the active one."""
    place = Queue.objects.get(slug=queue)
    route = Route.objects.create(
        case=case,
        policy_version=policy_of(case.pipeline, **(policy or {})),
        prediction=prediction,
        kind=Route.Kind.REVIEW,
        queue=place,
        second_review_queue=Queue.objects.get(slug=second_review) if second_review else None,
        blind=blind,
        reasons=reasons or [],
        flags=flags or [],
    )
    QueueEntry.objects.create(
        case=case,
        queue=place,
        route=route,
        stage=stage,
        round=1 if stage == Stage.FIRST else 2,
        due_at=case.due_at,
    )
    lifecycle.move(case, Status.IN_REVIEW, by=TESTER)
    return found(case)


def store_paper(case: Case, kind: str, position: int, *pictures: bytes) -> Document:
    """A paper of `pictures`, a page each, as drawn by `tests.loans.draw`."""
    opened = vault.of(case.pk)
    document = Document(
        case=case,
        position=position,
        kind=kind,
        media_type="image/png",
        size=len(pictures[0]),
        page_count=len(pictures),
        digest="",
    )
    name = f"{kind}-{position + 1}.png".encode()
    document.sealed_name = opened.seal(f"document_name:{document.pk}", name)
    document.blob = blobs.store(opened, f"document:{document.pk}", pictures[0])
    document.save()
    for number, picture in enumerate(pictures, 1):
        page = Page(
            document=document,
            number=number,
            width=WIDTH,
            height=HEIGHT,
            digest="",
            media_type="image/png",
        )
        page.blob = blobs.store(opened, f"page:{page.pk}", picture)
        page.save()
    return document
