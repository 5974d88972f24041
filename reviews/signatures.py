"""Signatures: a verdict that its reviewer answers for by name, having shown anew who they are.

The signature says who signed, when by the database's clock, and what that means (21 CFR 11.50); it is
part of the review's own transaction and of the log. One stays with its review, also where that is undone.
"""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from audit.actors import Actor
from audit.events import record
from cases.definition import Definition, SignatureSpec
from cases.models import Case
from reviews.models import Review, Signature


class NotSigned(Exception):
    """The pipeline asks for a signature under this verdict, and there is none."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That a person showed who they are, and how."""

    person: User
    method: Signature.Method


def asked_of(definition: Definition, outcome: str) -> SignatureSpec | None:
    """The signature that a verdict for `outcome` asks for, if any."""
    spec = definition.signature
    return spec if spec is not None and spec.asks(outcome) else None


def sign(review: Review, definition: Definition, proof: Proof | None, *, by: Actor) -> None:
    """Signs a review where its outcome asks for that. Must run in the review's transaction.

    Raises NotSigned where no proof of the review's own reviewer came with it.
    """
    spec = asked_of(definition, review.outcome)
    if spec is None:
        return
    if proof is None or proof.person.pk != review.reviewer_id:
        raise NotSigned
    signature = Signature.objects.create(
        review=review,
        printed_name=proof.person.shown_name,
        meaning=spec.meaning,
        method=proof.method,
    )
    record(
        "review.signed",
        by=by,
        case_id=review.case_id,
        pipeline=definition.slug,
        data={
            "review": review.pk,
            "outcome": review.outcome,
            "printed_name": signature.printed_name,
            "meaning": signature.meaning,
            "method": signature.method,
        },
    )


@transaction.atomic
def note_refused(case: Case, *, controls: list[str], by: Actor) -> None:
    """Records that somebody could not show who they are, where a verdict was to be signed."""
    record(
        "review.signature_refused",
        by=by,
        case_id=case.pk,
        pipeline=case.definition.slug,
        data={"wrong": controls},
    )
