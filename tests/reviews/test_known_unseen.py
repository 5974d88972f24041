"""A case with a known answer is to who may judge it what any case is that is judged blind: byte for byte.

Two houses are alike but that in one the case waits since the model was not sure, and in the other it was
decided, announced and confirmed by a colleague who judged it as a sample.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from accounts.roles import Role
from cases.models import Case, Decision, Status
from reviews import veiling
from reviews.knownanswers import seed
from reviews.models import Sample
from reviews.views import listing
from tests.casefiles import OVERRIDE, TESTER, found, waiting_case
from tests.conftest import copied_database
from tests.reviews.test_known_answers import judge, settled
from tests.reviews.test_sampled_unseen import WHY, build
from tests.reviews.two_houses import MakePerson
from tests.reviews.walks import Walk, alike


def reviewers(make_person: MakePerson) -> MakePerson:
    """Makes reviewers alone: how much a colleague did lately is for others to see."""
    return lambda *roles, **names: make_person(Role.REVIEWER, **names)


def known(make_person: MakePerson) -> tuple[Case, User]:
    """A house whose one case was settled, and waits with a known answer."""
    case, me = build(WHY["decided and drawn"], reviewers(make_person))
    colleague = make_person(Role.REVIEWER, username="bruno", first_name="Bruno")
    judge(case, colleague, replace(OVERRIDE, fields={}))
    (sample,) = seed(case.pipeline, 1, drawn_by=None, by=TESTER)
    assert (sample.outcome, found(case).status) == ("approve", Status.ANNOUNCED)
    return found(case), me


def fresh(make_person: MakePerson) -> tuple[Case, User]:
    """A house whose one case has just come to people."""
    case, me = build(WHY["not sure enough"], reviewers(make_person))
    make_person(Role.REVIEWER, username="bruno", first_name="Bruno")
    with connection.cursor() as cursor:  # as many claims as in the other house were made before
        cursor.execute("SELECT nextval(pg_get_serial_sequence('reviews_claim', 'id'))")
    return case, me


def walk(case: Case, me: User, client: Client) -> Sequence[tuple[str, str]]:
    """Everything a reviewer can ask before they answer, with the case in hand and before that."""
    client.force_login(me)
    walked = Walk(client, case, me)
    walked.everything()
    walked.post("claim", {})
    walked.everything()
    return walked.answers


def test_nothing_tells_a_known_answer_from_others(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    make_person: MakePerson,
    settings: Any,
) -> None:
    walks, differ = [], []
    for house in (known, fresh):
        settings.UNDO_SECONDS = 0
        with copied_database(django_db_blocker):
            case, me = house(make_person)
            settings.UNDO_SECONDS = 600
            walks.append(walk(case, me, Client()))
            differ.append((Decision.objects.count(), Sample.objects.filter(kind="known").count()))
    assert differ == [(1, 1), (0, 0)], "they do differ"
    for (asked, one), (also, other) in zip(*walks, strict=True):
        assert asked == also
        alike(asked, one, other)


@pytest.mark.django_db
def test_what_people_judged_before_is_sent_for_the_same_reasons_again(
    loan: Any, bank: Any, make_person: MakePerson
) -> None:
    two = make_person(Role.SENIOR_REVIEWER), make_person(Role.SENIOR_REVIEWER)
    make_person(Role.REVIEWER)
    case = settled(loan, bank, two)
    seed(loan, 1, drawn_by=None, by=TESTER)
    routes = list(case.routes.order_by("id"))
    assert routes[0].reasons == routes[1].reasons
    assert routes[1].blind


@pytest.mark.django_db
def test_it_stands_in_the_list_where_it_is_said_to_have_come_in(
    loan: Any, bank: Any, make_person: MakePerson, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases are listed by their ids, and an id tells when a case really came in."""
    monkeypatch.setattr(veiling, "AT_WORK", timedelta(0))  # everything here takes less than that
    monkeypatch.setattr(listing, "PAGE", 1)
    case = settled(
        loan, bank, (make_person(Role.SENIOR_REVIEWER), make_person(Role.SENIOR_REVIEWER))
    )
    other = waiting_case(loan, bank)
    client.force_login(make_person(Role.REVIEWER))
    seed(loan, 1, drawn_by=None, by=TESTER)
    first = client.get("/cases/?status=in_review")
    assert [row.case_id for row in first.context["rows"]] == [case.pk]
    second = client.get(f"/cases/{first.context['next']}")
    assert [row.case_id for row in second.context["rows"]] == [other.pk]
    assert not second.context["next"]
