"""The lab's pages of samples and agreement: figures that can be counted by hand."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import ApiClient, User
from accounts.roles import Role
from cases.models import Pipeline
from reviews.models import QueueEntry, Sample
from reviews.sampled import Pair, counted_by_week, pairs_of, samples_against, swayed_in
from reviews.settling import settle_review
from tests.casefiles import DECLINE, OVERRIDE, found, held, submit, waiting_case
from tests.reviews.test_lab_frame import admin
from tests.reviews.test_sampling import case, judge, sampling

__all__ = ["admin", "case", "sampling"]  # fixtures


def test_samples_are_counted_by_stratum_and_their_disagreements_listed(
    client: Client, loan: Pipeline, case: object, reviewer: User, admin: User
) -> None:
    entry = QueueEntry.objects.select_related("case").get()
    claim = held(entry.case, reviewer)
    judge(claim, DECLINE, DECLINE)
    assert client.get("/lab/loan/samples/").status_code == 200
    settle_review(claim.pk)
    ((_, stratum),) = counted_by_week(loan, 90)
    assert (stratum.outcome, stratum.lower, stratum.drawn, stratum.judged, stratum.wrong) == (
        "approve", 0.9, 1, 1, 1,
    )  # fmt: skip
    page = client.get("/lab/loan/samples/").content.decode()
    assert "149 samples would show at least one error" in page
    assert f"/lab/loan/errors/{Sample.objects.get().pk}/" in page
    assert "100%" in page
    assert samples_against(loan, 90) == [("approve", "decline")]
    assert swayed_in(loan, 90).answers == 1


def test_first_and_second_reviews_are_set_against_each_other(
    client: Client, loan: Pipeline, bank: ApiClient, make_person: Callable[..., User], admin: User
) -> None:
    one, other = (make_person(Role.SENIOR_REVIEWER, username=name) for name in ("chidi", "freya"))
    for verdict in (DECLINE, OVERRIDE):
        waiting = waiting_case(loan, bank, second_review="loan-second")
        submit(held(waiting, one), DECLINE)
        submit(held(found(waiting), other), verdict)
    assert sorted(pair.second for pair in pairs_of(loan, 90)) == ["approve", "decline"]
    assert pairs_of(loan, 90)[0] == Pair("chidi", "freya", "decline", pairs_of(loan, 90)[0].second)
    page = client.get("/lab/loan/agreement/").content.decode()
    assert "50%" in page
    assert "(few)" in page


@pytest.mark.parametrize("place", ["samples", "agreement"])
def test_reviewers_see_none_of_it(
    client: Client, make_person: Callable[..., User], loan: Pipeline, place: str
) -> None:
    client.force_login(make_person(Role.SENIOR_REVIEWER))
    assert client.get(f"/lab/loan/{place}/").status_code == 404


def test_the_lab_says_where_people_judged_otherwise(
    client: Client, case: object, reviewer: User, admin: User
) -> None:
    claim = held(QueueEntry.objects.select_related("case").get().case, reviewer)
    judge(claim, DECLINE, DECLINE)
    settle_review(claim.pk)
    assert "1 sample was judged otherwise" in client.get("/lab/").content.decode()
