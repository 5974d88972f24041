"""New papers of an open case: checked as at the intake, put after the others, and all read anew."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Max

from audit import vault
from audit.actors import Actor
from cases import lifecycle
from cases.intake import SentPaper, copies_of, facts, judged_papers, stored, unfit_kinds
from cases.models import Case, Document, Status
from cases.papers import Paper
from cases.validation import Fault, InvalidInput


def kind_faults(case: Case, kinds: Sequence[str | None]) -> list[Fault]:
    """New papers of unknown kinds, and more of them than the case has room for; None is no text."""
    room = settings.CASE_MAX_PAPERS - case.documents.count()
    return list(unfit_kinds(kinds, case.definition, room=room))


def judge_papers(case: Case, papers: Sequence[SentPaper]) -> list[Paper]:
    """What new papers of a case are by their content; raises InvalidInput with all that is wrong."""
    wrong = kind_faults(case, [paper.kind for paper in papers])
    judged = list(judged_papers(papers, wrong))
    if wrong:
        raise InvalidInput(*wrong)
    return judged


def supplement(
    case: Case,
    papers: Sequence[SentPaper],
    judged: Sequence[Paper],
    *,
    by: Actor,
    data: Mapping[str, Any],
) -> list[Document]:
    """Adds papers to a case in review and sends it back to be read, scored and routed anew.

    What was read and predicted before stays. Raises IllegalMove where the case is not in review. Must
    run in `blobs.atomic`, and by whoever has taken the case out of its queue.
    """
    opened = vault.of(case.pk)
    last = case.documents.aggregate(last=Max("position", default=-1))["last"]
    documents = [
        stored(case, opened, position, sent, paper)
        for position, (sent, paper) in enumerate(zip(papers, judged, strict=True), last + 1)
    ]
    Document.objects.bulk_create(documents)
    kinds = [*case.documents.values_list("kind", flat=True)]
    case.copies = copies_of(kinds, case.pipeline_version.definition)
    case.save(update_fields=["copies"])
    proofs = {
        purpose: opened.commitment(purpose, paper.sha256)
        for document, paper in zip(documents, judged, strict=True)
        for purpose in [f"document:{document.pk}"]
    }
    added = {**data, "documents": facts(case, documents)["documents"]}
    lifecycle.move(case, Status.RECEIVED, by=by, data=added, commitments=proofs)
    return documents
