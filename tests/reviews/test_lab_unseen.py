"""Every address that there is, is walked; and to who only reviews, those of the lab are not there at all."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from cases.models import Case, Pipeline
from inference.models import Calibration
from reviews.models import PolicyVersion, Reopening, Sample, Stop
from tests.proposals import requested
from tests.reviews.test_sampled_unseen import WHY, build
from tests.reviews.two_houses import MakePerson
from tests.reviews.walks import FREELY, IN_TURN, LAB, TRAIL, Walk, addresses_of, patterns


def test_every_address_is_walked() -> None:
    names = {pattern.name for pattern in patterns()}
    said = "say in FREELY, IN_TURN, LAB or TRAIL how a new address is asked"
    assert names == set(FREELY) | IN_TURN | set(LAB) | set(TRAIL), said
    assert set(LAB) == {name for name in names if str(name).split("_")[0] == "lab"}
    assert set(TRAIL) == {name for name in names if str(name).split("_")[0] == "trail"}


def lab_addresses(case: Case, dora: User) -> dict[str, str]:
    """Every address of the lab by its name; what it names is there."""
    loan = Pipeline.objects.select_related("current").get(pk=case.pipeline_id)
    sample = Sample.objects.get(case=case)
    Sample.objects.filter(pk=sample.pk).update(verdict="decline", reviewer=dora, judged_at=now())
    stop = Stop.objects.create(pipeline=loan, reason="A wrong batch", stopped_by=dora)
    reopening = Reopening.objects.create(pipeline=loan, reason="One was wrong", opened_by=dora)
    calibration = Calibration.objects.create(
        pipeline=loan, number=1, kind="fields", method="isotonic", maps={}, figures={}, labels=3,
        since=now(), until=now(),
    )  # fmt: skip
    version = PolicyVersion.objects.get(pipeline=loan, active=True)
    named = {"lab_lift": stop.pk, "lab_reopening": reopening.pk}
    values = {
        "slug": "loan",
        "sample": sample.pk,
        "pk": requested(loan, dora).pk,
    }
    found = {}
    for name in LAB:
        number = calibration.number if name == "lab_calibration_draft" else version.number
        row = {**values, "number": number, "pk": named.get(name, values["pk"])}
        (found[name],) = addresses_of(name, {part: [value] for part, value in row.items()})
    return found


@pytest.mark.django_db
def test_to_who_reviews_nothing_of_the_lab_is_there(
    client: Client, dora: User, make_person: MakePerson
) -> None:
    case, me = build(WHY["decided and drawn"], make_person)
    me.groups.add(Group.objects.get(name=Role.REVIEWER.value))
    addresses = lab_addresses(case, dora)
    client.force_login(dora)
    for address in addresses.values():
        assert client.get(address).status_code in (200, 302, 405), f"{address} is there"
    client.force_login(me)
    walked, before = Walk(client, case, me), Event.objects.count()
    for name, address in addresses.items():
        assert client.get(address, follow=True).status_code in (404, 405), address
        walked.keep(address, client.post(address, LAB[name]))
    answers = {text for _, text in walked.answers if not text.startswith("405")}
    walked.get("/there/is/no/such/page/")
    assert answers == {walked.answers[-1][1]}
    assert Event.objects.count() == before
