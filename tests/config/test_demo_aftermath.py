"""What the demo has happen after the decisions: something of each that the trail shows."""

from django.utils.timezone import now

from accounts.keys import make_client
from cases.models import Pipeline
from config.demo import seeding
from config.demo.aftermath import follow_up
from config.demo.history import add_history
from reviews.models import (
    AdverseNotice,
    BrokenGlass,
    Contest,
    Disposal,
    Export,
    LegalHold,
)
from tests.casefiles import TESTER
from tests.messages import Message, message_case, message_pipeline


def test_the_trail_has_something_of_everything(loan: Pipeline) -> None:
    clinic = message_pipeline()
    seeding.make_people()
    portal = make_client(seeding.PORTALS["patient-message"], pipelines=[clinic.slug], by=TESTER)
    message_case(portal, Message(), pipeline=clinic)
    add_history(80, told=lambda done: None)
    follow_up()
    owed = AdverseNotice.objects.filter(sent_at=None, dropped_at=None)
    assert [each.escalated_at is not None for each in owed][:2] == [True, True]
    assert all(each.due_at > now() for each in owed)
    assert AdverseNotice.objects.exclude(sent_at=None).count() == 2
    assert Contest.objects.get().taken_by is not None
    assert BrokenGlass.objects.get().reviewed_by is None
    assert LegalHold.objects.get().lifted_at is None
    assert set(Disposal.objects.values_list("status", flat=True)) == {"asked", "approved"}
    assert Disposal.objects.get(status="asked").counted["held"] == 1
    assert set(Export.objects.values_list("status", flat=True)) == {"queued"}


def test_a_house_without_cases_has_nothing_of_it(loan: Pipeline) -> None:
    message_pipeline()
    seeding.make_people()
    follow_up()
    assert not (AdverseNotice.objects.exists() or Contest.objects.exists())
    assert not (BrokenGlass.objects.exists() or Disposal.objects.exists())
