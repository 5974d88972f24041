"""What the database itself refuses, whatever Python has let through."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Field
from django.db.utils import IntegrityError

from accounts.roles import Role
from cases.models import Decision, Pipeline
from reviews.models import Claim, QueueEntry
from tests.casefiles import decided_case, held, waiting_case

RECORD = ("cases", "inference", "reviews")


def fields_with_known_values() -> list["Field[Any, Any]"]:
    models = [model for label in RECORD for model in apps.get_app_config(label).get_models()]
    return [field for model in models for field in model._meta.fields if field.choices]


@pytest.mark.parametrize("field", fields_with_known_values(), ids=str)
def test_known_values_are_known_to_the_database(db: None, field: "Field[Any, Any]") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'c' AND conrelid = %s::regclass",
            [field.model._meta.db_table],
        )
        checks = [check for (check,) in cursor.fetchall() if field.column in check]
    values = [value for value, _ in field.choices or () if value]
    assert any(all(f"'{value}'" in check for value in values) for check in checks)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"adverse": True}, "policy_decides_nothing_adverse_unsigned"),
        ({"override": True}, "policy_overrides_nothing"),
    ],
)
def test_a_policy_neither_declines_nor_overrides(
    loan: Pipeline, make_upstream: Callable[..., Any], wrong: dict[str, bool], constraint: str
) -> None:
    case = decided_case(loan, make_upstream().client)
    Decision.objects.update(superseded_at="2100-01-01T00:00Z")
    facts = {"case": case, "outcome": "decline", "adverse": False}
    Decision.objects.create(made_by="review", **facts | {"adverse": True, "override": True})
    Decision.objects.update(superseded_at="2100-01-01T00:00Z")
    with pytest.raises(IntegrityError, match=constraint):
        Decision.objects.create(made_by="policy", **facts | wrong)


def test_an_entry_is_claimed_by_a_claim_on_its_own_case(
    loan: Pipeline, make_upstream: Callable[..., Any], make_person: Callable[..., Any]
) -> None:
    client = make_upstream().client
    one, other = waiting_case(loan, client), waiting_case(loan, client)
    claim = held(one, make_person(Role.REVIEWER))
    QueueEntry.objects.filter(case=one).update(claim=None)
    with pytest.raises(IntegrityError, match="entry_claims_its_case"), transaction.atomic():
        QueueEntry.objects.filter(case=other).update(claim=claim)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_person_holds_one_case_at_a_time(
    loan: Pipeline, make_upstream: Callable[..., Any], make_person: Callable[..., Any]
) -> None:
    client, reviewer = make_upstream().client, make_person(Role.REVIEWER)
    claim = held(waiting_case(loan, client), reviewer)
    other = waiting_case(loan, client)
    with pytest.raises(IntegrityError, match="one_live_claim_a_reviewer"):
        Claim.objects.create(
            case=other, reviewer=reviewer, stage=claim.stage, expires_at=claim.expires_at
        )
