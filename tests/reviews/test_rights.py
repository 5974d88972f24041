"""Rights: a person sees and does what their roles grant on queues and pipelines, nothing else."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiClient, User
from accounts.roles import Role, grant, take_role, withdraw
from cases.models import Case, Pipeline, PipelineVersion
from reviews.models import Queue, Stage
from reviews.rights import RIGHT_FOR, rights_of, visible_to
from tests.casefiles import TESTER, decided_case, received_case, waiting_case

Person = Callable[..., User]


@pytest.fixture
def lease(loan: Pipeline) -> Pipeline:
    """Another pipeline, on which no role has any right, with a queue."""
    assert loan.current is not None
    pipeline = Pipeline.objects.create(slug="lease", name="Leases")
    content = {**loan.current.content, "slug": "lease"}
    pipeline.current = PipelineVersion.objects.create(
        pipeline=pipeline, number=1, content=content, sha256="f" * 64
    )
    pipeline.save()
    Queue.objects.create(pipeline=pipeline, slug="lease-review", name="Leases to review")
    return pipeline


def seen(person: User) -> set[Case]:
    return set(visible_to(rights_of(person)))


def test_every_stage_asks_for_a_right() -> None:
    assert set(RIGHT_FOR) == set(Stage)
    known = {codename for codename, _ in Queue._meta.permissions}
    assert set(RIGHT_FOR.values()) <= known


def test_roles_bring_their_rights(loan: Pipeline, make_person: Person) -> None:
    queues = frozenset(Queue.objects.filter(pipeline=loan).values_list("pk", flat=True))
    assert rights_of(make_person(Role.REVIEWER)).queues == {"review": queues}
    assert rights_of(make_person(Role.SENIOR_REVIEWER)).queues == {
        "review": queues, "second_review": queues, "supervise": queues,
    }  # fmt: skip
    for role, right in ((Role.AUDITOR, "audit"), (Role.PIPELINE_ADMIN, "configure")):
        rights = rights_of(make_person(role))
        assert (rights.queues, rights.pipelines) == ({}, {right: frozenset({loan.pk})})
        assert rights.may_pipeline(right, loan.pk)
        assert not rights.may_pipeline(right, loan.pk + 1)
    for role in (Role.OPERATOR, Role.PLATFORM_ADMIN):
        rights = rights_of(make_person(role))
        assert (rights.queues, rights.pipelines) == ({}, {})


def test_a_right_can_be_granted_to_one_person_and_withdrawn(
    loan: Pipeline, make_person: Person
) -> None:
    person, other = make_person(), make_person()
    one, two = Queue.objects.filter(pipeline=loan)[:2]
    grant("second_review", on=one, to=person, by=TESTER)
    rights = rights_of(person)
    assert rights.may_review(one.pk, Stage.SECOND)
    assert rights.may_review(one.pk, Stage.ADJUDICATION)
    assert not rights.may_review(one.pk, Stage.FIRST)
    assert not rights.may_review(two.pk, Stage.SECOND)
    assert rights.all_queues() == {one.pk}
    assert rights_of(other).all_queues() == frozenset()
    withdraw("second_review", on=one, to=person, by=TESTER)
    assert rights_of(person).queues == {}


def test_a_superuser_has_no_rights_by_that_alone(
    loan: Pipeline, bank: ApiClient, make_person: Person
) -> None:
    waiting_case(loan, bank)
    root = make_person(is_superuser=True, is_staff=True)
    assert rights_of(root).queues == {}
    assert seen(root) == set()


def test_whoever_left_has_none(loan: Pipeline, bank: ApiClient, make_person: Person) -> None:
    waiting_case(loan, bank)
    gone = make_person(Role.SENIOR_REVIEWER)
    gone.is_active = False
    assert rights_of(gone).queues == {}
    demoted = make_person(Role.REVIEWER)
    assert seen(demoted)
    take_role(Role.REVIEWER, away_from=demoted, by=TESTER)
    assert seen(demoted) == set()


def test_reviewers_see_their_pipelines_cases_and_no_others(
    loan: Pipeline, lease: Pipeline, bank: ApiClient, make_person: Person
) -> None:
    ours = {received_case(loan, bank), waiting_case(loan, bank), decided_case(loan, bank)}
    foreign = received_case(lease, bank)
    for role in (Role.REVIEWER, Role.SENIOR_REVIEWER, Role.AUDITOR):
        assert seen(make_person(role)) == ours
    outsider = make_person()
    grant("review", on=Queue.objects.get(slug="lease-review"), to=outsider, by=TESTER)
    assert seen(outsider) == {foreign}
    both = make_person(Role.REVIEWER)
    grant("audit", on=lease, to=both, by=TESTER)
    assert seen(both) == {*ours, foreign}


@pytest.mark.parametrize("role", [Role.PIPELINE_ADMIN, Role.OPERATOR, Role.PLATFORM_ADMIN, None])
def test_who_has_nothing_to_do_with_cases_sees_none(
    loan: Pipeline, bank: ApiClient, make_person: Person, role: Role | None
) -> None:
    case = waiting_case(loan, bank)
    person = make_person(*[role] if role else [])
    assert seen(person) == set()
    assert not visible_to(rights_of(person), Case.objects.filter(pk=case.pk)).exists()


def test_rights_are_one_query_and_a_list_one_more(
    loan: Pipeline, bank: ApiClient, make_person: Person
) -> None:
    waiting_case(loan, bank)
    person = make_person(Role.SENIOR_REVIEWER, Role.AUDITOR, Role.PIPELINE_ADMIN)
    with CaptureQueriesContext(connection) as queries:
        rights = rights_of(person)
        assert len(list(visible_to(rights).order_by("-id")[:50])) == 1
    assert len(queries) == 2
