"""What an evidence pack tells of a period, table by table, as things stood at its end.

What was ended, answered or sent later is told as not ended, answered or sent: the same period gives the
same rows whenever it is asked for. Nothing here is about the people whom cases are about.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncHour

from audit.models import Checkpoint, Publication, Tombstone
from audit.vault import canonical
from cases.models import PipelineVersion
from inference.models import Calibration, ModelVersion
from reviews.models import (
    AccessReview,
    AdverseNotice,
    BrokenGlass,
    Disposal,
    Export,
    GateCheck,
    LegalHold,
    PolicyVersion,
    Proposal,
    Sample,
    Stop,
    Unmasking,
)

Row = Mapping[str, Any]
Rows = Iterable[Row]


def within(name: str, since: datetime, until: datetime) -> Q:
    """That a moment lies in the period."""
    return Q(**{f"{name}__gte": since, f"{name}__lt": until})


def as_of(rows: QuerySet[Any, Any], until: datetime, **endings: tuple[str, ...]) -> Iterator[Row]:
    """Rows of values with what was ended later left out.

    `endings` map the moment of an ending to the other values that came with it.
    """
    for row in rows.iterator(chunk_size=500):
        for moment, others in endings.items():
            if row[moment] is None or row[moment] >= until:
                row |= dict.fromkeys((moment, *others))
        yield row


def digest(content: Any) -> str:
    """The SHA-256 of a JSON value in its one spelling."""
    return hashlib.sha256(canonical(content)).hexdigest()


# ---------------------------------------------------------------- what decided


def pipelines(since: datetime, until: datetime) -> Rows:
    """All versions of pipelines until then."""
    rows = PipelineVersion.objects.filter(created_at__lt=until).order_by("id")
    yield from rows.values("number", "sha256", "created_at", slug=F("pipeline__slug"))


def policies(since: datetime, until: datetime) -> Rows:
    """All versions of policies until then, with their content."""
    rows = PolicyVersion.objects.filter(activated_at__lt=until).order_by("pipeline", "number")
    for row in rows.select_related("pipeline", "restores").iterator(chunk_size=100):
        yield {
            "pipeline": row.pipeline.slug,
            "number": row.number,
            "activated_at": row.activated_at,
            "restores": row.restores.number if row.restores else None,
            "restored_by": row.restored_by_id,
            "reason": row.reason,
            "sha256": digest(row.content),
            "content": row.content,
        }


def proposals(since: datetime, until: datetime) -> Rows:
    """The proposals that were signed or refused within the period, and by whom."""
    rows = Proposal.objects.filter(within("signed_at", since, until)).order_by("id")
    for row in rows.select_related("pipeline").iterator(chunk_size=100):
        yield {
            "proposal": row.pk,
            "pipeline": row.pipeline.slug,
            "title": row.title,
            "reason": row.reason,
            "drafted_by": row.drafted_by_id,
            "drafted_by_client": row.drafted_by_client_id,
            "requested_by": row.requested_by_id,
            "signed_by": row.signed_by_id,
            "signed_at": row.signed_at,
            "refused": row.status == Proposal.Status.REFUSED,
            "answer": row.answer,
            "replayed": row.replayed,
            "sha256": digest(row.content),
        }


def models(since: datetime, until: datetime) -> Rows:
    """All versions of models until then, with the figures of their cards."""
    rows = ModelVersion.objects.filter(registered_at__lt=until).order_by("id")
    for row in rows.select_related("model").iterator(chunk_size=100):
        yield {
            "model": row.model.name,
            "version": row.number,
            "sha256": row.sha256,
            "registered_at": row.registered_at,
            "figures": row.facts.get("figures"),
        }


def calibrations(since: datetime, until: datetime) -> Rows:
    """The calibrations that were fitted within the period."""
    rows = Calibration.objects.filter(within("fitted_at", since, until)).order_by("id")
    named = ("number", "kind", "method", "labels", "figures", "fitted_at", "model_version")
    yield from rows.values(*named, slug=F("pipeline__slug")).iterator()


def stops(since: datetime, until: datetime) -> Rows:
    """What was stopped at any time within the period."""
    rows = Stop.objects.filter(Q(lifted_at=None) | Q(lifted_at__gte=since), stopped_at__lt=until)
    values = rows.order_by("id").values(
        *("id", "reason", "stopped_by", "stopped_at", "lifted_by", "lifted_at", "lifted_reason"),
        slug=F("pipeline__slug"),
        model_name=F("model__name"),
    )
    return as_of(values, until, lifted_at=("lifted_by", "lifted_reason"))


def gate_checks(since: datetime, until: datetime) -> Rows:
    """What live labels showed at each check within the period."""
    rows = GateCheck.objects.filter(within("checked_at", since, until)).order_by("id")
    for row in rows.select_related("pipeline", "calibration").iterator(chunk_size=100):
        yield {
            "pipeline": row.pipeline.slug,
            "model_version": row.model_version_id,
            "calibration": row.calibration.number if row.calibration else None,
            "days": row.days,
            "labels": row.labels,
            "ece": row.figures.get("ece"),
            "auroc": row.figures.get("auroc"),
            "checked_at": row.checked_at,
        }


def samples(since: datetime, until: datetime) -> Rows:
    """Of the samples judged within the period, how many differed, by what they measure.

    `error_rate` weighs each by how probable it was to be drawn.
    """
    judged = Sample.objects.filter(within("judged_at", since, until)).order_by("id")
    found: dict[tuple[Any, ...], list[tuple[float, bool]]] = {}
    named = ("case__pipeline__slug", "kind", "policy_version__number", "model_version")
    for row in judged.values(*named, "outcome", "verdict", "probability").iterator():
        key = tuple(row[name] for name in named)
        wrong = row["outcome"] != row["verdict"]
        found.setdefault(key, []).append((1 / row["probability"], wrong))
    for key in sorted(found, key=str):
        weights = found[key]
        whole = sum(weight for weight, _ in weights)
        yield {
            "pipeline": key[0],
            "kind": key[1],
            "policy_version": key[2],
            "model_version": key[3],
            "judged": len(weights),
            "differed": sum(wrong for _, wrong in weights),
            "error_rate": round(sum(weight for weight, wrong in weights if wrong) / whole, 6),
        }


# ---------------------------------------------------------------- what left, went and was seen


def exports(since: datetime, until: datetime) -> Rows:
    """The exports that were asked for within the period."""
    rows = Export.objects.filter(within("asked_at", since, until)).order_by("id")
    values = rows.values(
        *("id", "kind", "format", "filter", "purpose", "exported_by", "asked_at", "answered_by"),
        *("answered_at", "finished_at", "row_count", "sha256", "manifest_sha256"),
        slug=F("pipeline__slug"),
    )
    made = ("row_count", "sha256", "manifest_sha256")
    return as_of(values, until, answered_at=("answered_by",), finished_at=made)


def legal_holds(since: datetime, until: datetime) -> Rows:
    """The legal holds that lasted at any time within the period."""
    lasted = Q(lifted_at=None) | Q(lifted_at__gte=since)
    rows = LegalHold.objects.filter(lasted, placed_at__lt=until).order_by("id")
    named = ("id", "case", "placed_by", "placed_at", "lifted_by", "lifted_at")
    return as_of(rows.values(*named, slug=F("pipeline__slug")), until, lifted_at=("lifted_by",))


def erasures(since: datetime, until: datetime) -> Rows:
    """What was asked to be erased, approved, refused or done within the period, and what came of it."""
    moments = ("asked_at", "answered_at", "done_at")
    within_it = Q(*[within(name, since, until) for name in moments], _connector=Q.OR)
    done = Q(cases__done_at__lt=until)
    results = ("erased", "held", "open", "before")
    rows = Disposal.objects.filter(within_it, asked_at__lt=until).order_by("id")
    values = rows.values(
        *("id", "kind", "filter", "asked_by", "asked_at", "answered_by", "answered_at", "done_at"),
        slug=F("pipeline__slug"),
        **{name: Count("cases", filter=done & Q(cases__result=name)) for name in results},
    )
    return as_of(values, until, answered_at=("answered_by",), done_at=())


def erased_cases(since: datetime, until: datetime) -> Rows:
    """The cases that were erased within the period, by their ids."""
    rows = Tombstone.objects.filter(within("erased_at", since, until)).order_by("case_id")
    yield from rows.values("case_id", "erased_at").iterator()


def access_reviews(since: datetime, until: datetime) -> Rows:
    """The reviews of access that were signed within the period."""
    rows = AccessReview.objects.filter(within("reviewed_at", since, until)).order_by("id")
    named = ("id", "since", "until", "figures", "reviewed_by", "reviewed_at")
    yield from rows.values(*named, slug=F("pipeline__slug")).iterator()


def broken_glass(since: datetime, until: datetime) -> Rows:
    """Who opened cases beyond their rights within the period, and whether somebody looked at that."""
    rows = BrokenGlass.objects.filter(within("broken_at", since, until)).order_by("id")
    named = ("id", "case", "person", "broken_at", "ends_at", "reviewed_by", "reviewed_at")
    values = rows.values(*named, "justified")
    return as_of(values, until, reviewed_at=("reviewed_by", "justified"))


def unmaskings(since: datetime, until: datetime) -> Rows:
    """How often each person looked under masks within the period, and what for."""
    rows = Unmasking.objects.filter(within("unmasked_at", since, until))
    named = ("case__pipeline__slug", "person", "purpose")
    counted = rows.order_by().values(*named).annotate(times=Count("id"))
    yield from counted.order_by(*named).iterator()


def notices(since: datetime, until: datetime) -> Rows:
    """The notices that were owed at any time within the period: sent in time, late, or not at all."""
    owed = Q(sent_at=None) | Q(sent_at__gte=since)
    still = owed & (Q(dropped_at=None) | Q(dropped_at__gte=since))
    rows = AdverseNotice.objects.filter(still, made_at__lt=until).order_by("id")
    named = ("id", "case", "decision", "made_at", "due_at", "escalated_at", "sent_at", "sent_by")
    values = rows.values(*named, "channel", "dropped_at", slug=F("pipeline__slug"))
    endings = {"sent_at": ("sent_by", "channel"), "escalated_at": (), "dropped_at": ()}
    for row in as_of(values, until, **endings):
        last = row["sent_at"] or row["dropped_at"] or until
        yield {**row, "late": last > row["due_at"]}


def checkpoints(since: datetime, until: datetime) -> Rows:
    """The last checkpoint of each hour of the period, and where it was published by its end."""
    made = Checkpoint.objects.filter(within("made_at", since, until))
    last = (
        made.annotate(hour=TruncHour("made_at", tzinfo=UTC))
        .order_by("hour", "-id")
        .distinct("hour")
    )
    for row in last.iterator(chunk_size=100):
        places = Publication.objects.filter(checkpoint=row, published_at__lt=until)
        yield {
            "size": row.size,
            "root": bytes(row.root).hex(),
            "made_at": row.made_at,
            "note": row.note,
            "published": sorted(places.values_list("place", flat=True)),
        }


TABLES: Mapping[str, Callable[[datetime, datetime], Rows]] = {
    "access-reviews": access_reviews,
    "broken-glass": broken_glass,
    "calibrations": calibrations,
    "checkpoints": checkpoints,
    "erased-cases": erased_cases,
    "erasures": erasures,
    "exports": exports,
    "gate-checks": gate_checks,
    "legal-holds": legal_holds,
    "models": models,
    "notices": notices,
    "pipelines": pipelines,
    "policies": policies,
    "proposals": proposals,
    "samples": samples,
    "stops": stops,
    "unmaskings": unmaskings,
}
"""The tables by the names of their files."""
