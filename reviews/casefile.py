"""A case with all that its page shows, loaded in a fixed number of statements and opened once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import DurationField, ExpressionWrapper, F, Prefetch
from django.http import Http404

from accounts.models import User
from audit import vault
from audit.models import ClockTimestamp, Event
from audit.vault import Vault
from cases.definition import Definition, FieldSpec, at_pointer
from cases.erasing import refuse_erased
from cases.models import Case, Document, Page
from inference.assessing import assessment_of
from inference.models import FieldRead, Prediction
from reviews.calibrating import as_routed
from reviews.masking import hidden_from
from reviews.models import Claim, QueueEntry, Route
from reviews.presenting.data import schema_at
from reviews.presenting.fields import ReadField
from reviews.presenting.masks import MASK, NOTHING, Hidden, masked_data, masked_fields
from reviews.presenting.papers import page_numbers
from reviews.presenting.words import spoken_case
from reviews.rights import Rights, visible_to
from reviews.veiling import is_veiled, veil, veiled_events, veiled_routes


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, what was read of it and what happened to it. `now` is the database's clock.

    `found` is what its last assessment says: flags, tables, sums and duplicates.
    """

    case: Case
    now: datetime
    opened: Vault
    data: Mapping[str, Any]
    entry: QueueEntry | None
    route: Route | None
    documents: tuple[Document, ...]
    read: Mapping[str, ReadField]
    events: tuple[Event, ...]
    found: Mapping[str, Any]
    hidden: Hidden = NOTHING

    @property
    def definition(self) -> Definition:
        """The definition that the case was opened under, in the words of who reads it."""
        return spoken_case(self.case)

    @property
    def prediction(self) -> Prediction | None:
        """The prediction that the case was routed by, with the confidence that the policy went by."""
        return as_routed(self.stated, self.route) if self.stated and self.route else None

    @property
    def stated(self) -> Prediction | None:
        """The same as the model itself stated it."""
        return self.route.prediction if self.route else None

    @property
    def policy(self) -> Mapping[str, Any]:
        """The content of the policy that routed the case."""
        version = self.route.policy_version if self.route else None
        content: Mapping[str, Any] = version.content if version else {}
        return content

    @property
    def snapshot(self) -> Mapping[str, Any]:
        """What went into the prediction, and the words of what came out, opened."""
        if self.prediction is None:
            return {}
        opened: Mapping[str, Any] = self.opened.open_json(
            "prediction", self.prediction.sealed_input
        )
        return opened

    def factor_words(self) -> Mapping[str, list[str]]:
        """What the prediction's factors are called and say of the case: label, fact and both."""
        words: Mapping[str, list[str]] = self.snapshot.get("words", {})
        model = self.definition.model
        sources = model.features if model else {}
        return {
            name: [each[0], MASK, MASK] if tells(sources.get(name, ""), self.hidden) else each
            for name, each in words.items()
        }

    def declared(self, spec: FieldSpec) -> Any:
        """What the data says of a field's fact, or None."""
        return at_pointer(self.data, spec.declared) if spec.declared else None

    def allowed(self, spec: FieldSpec) -> Mapping[str, Any]:
        """What the data's schema says of a field's fact."""
        return schema_at(self.definition.schema, spec.declared) if spec.declared else {}

    def minimum(self, spec: FieldSpec) -> float:
        """The confidence that the policy asks of a field."""
        common = self.policy.get("minimum_field_confidence", 0.0)
        own = self.policy.get("field_confidence", {})
        asked: float = own.get(spec.name, own.get(spec.base, common))
        return asked


def tells(source: str, hidden: Hidden) -> bool:
    """Whether a feature's value tells what is hidden: by its pointer, or named in its expression."""
    if source.startswith("/"):
        return hidden.covers(source)
    named = [f"data{pointer.replace('/', '.')}" for pointer in hidden.pointers]
    named += [f"fields.{name}" for name in hidden.fields]
    return any(name in source for name in named)


def visible_case(case_id: UUID, rights: Rights) -> Case:
    """A case that the person may see, as they may know it, with its own `now`.

    Raises Http404, also for a foreign one, and CaseErased.
    """
    cases = (
        Case.objects.select_related(
            "pipeline_version",
            "pipeline",
            "client",
            "queue_entry__queue",
            "queue_entry__hold",
            "queue_entry__sample",
        )
        .defer("pipeline_version__content")
        .annotate(now=ClockTimestamp())
    )
    case = visible_to(rights, cases).filter(pk=case_id).first()
    if case is None:
        raise Http404("no such case")
    refuse_erased(case)
    return veil(case, rights)


def judged_case(case_id: UUID, rights: Rights) -> Case:
    """A visible case with what a verdict asks of it; raises Http404 as `visible_case` does."""
    cases = Case.objects.select_related("pipeline_version").only(
        "pipeline", "reference", "copies", "erased_at", "pipeline_version__sha256"
    )
    case = visible_to(rights, cases).filter(pk=case_id).first()
    if case is None:
        raise Http404("no such case")
    refuse_erased(case)
    return case


def load(case: Case, person: User, hidden: Hidden | None = None) -> CaseFile:
    """The file of a case from `visible_case`, with masks over what is hidden from the person.

    `hidden` says what is, where that is known already. Raises CannotOpen where the case was erased.
    """
    opened = vault.of(case.pk)
    documents = tuple(
        Document.objects.filter(case=case)
        .order_by("position")
        .prefetch_related(Prefetch("pages", Page.objects.order_by("number")))
    )
    hidden = hidden_from(person, case) if hidden is None else hidden
    if not documents:
        hidden = replace(hidden, papers=False)
    return CaseFile(
        case=case,
        now=case.now,  # type: ignore[attr-defined]  # annotated by visible_case
        opened=opened,
        data=masked_data(opened.open_json("data", case.sealed_data), hidden),
        entry=getattr(case, "queue_entry", None),
        route=route_of(case),
        documents=documents,
        read=masked_fields(read_fields(case, opened, page_numbers(documents)), hidden),
        events=veiled_events(Event.objects.filter(case_id=case.pk).order_by("id"), case),
        found=assessment_of(case, opened).content,
        hidden=hidden,
    )


def route_of(case: Case) -> Route | None:
    """The route that a case was decided by, or came to people by; of a sample that is not its own."""
    routes = Route.objects.filter(case=case).select_related(
        "prediction__model_version__model", "policy_version", "queue"
    )
    if is_veiled(case):
        routes = routes.filter(pk=case.queue_entry.route_id)
    else:
        routes = routes.exclude(reasons__contains=[{"code": "sampled"}])
    return next(veiled_routes(routes.order_by("-id")[:1], case), None)


def read_fields(case: Case, opened: Vault, numbers: Mapping[UUID, int]) -> dict[str, ReadField]:
    """The fields as read, by name."""
    return {
        row.name: ReadField(
            value=opened.open_json(f"field:{row.name}", row.sealed_value)["value"],
            found=row.found,
            confidence=row.confidence,
            mismatch=row.mismatch,
            page=numbers.get(row.page_id) if row.page_id else None,
            box=tuple(row.box) if row.box else None,
        )
        for row in FieldRead.objects.filter(case=case)
    }


def live_claim(case_id: UUID, *, reviewer: User) -> tuple[Claim, timedelta] | None:
    """The reviewer's live claim on a case and the time it has left, or None."""
    claim = (
        Claim.objects.filter(
            case_id=case_id, reviewer=reviewer, ended_at=None, expires_at__gt=ClockTimestamp()
        )
        .annotate(
            left=ExpressionWrapper(F("expires_at") - ClockTimestamp(), output_field=DurationField())
        )
        .first()
    )
    return (claim, claim.left) if claim else None
