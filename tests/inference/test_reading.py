"""The step of reading: which papers an engine reads, and which are only shown."""

from collections.abc import Callable

from cases.intake import SentPaper, open_case
from cases.models import Page, Priority, Status
from inference.models import Reading
from inference.tasks import read_case
from tests.casefiles import found
from tests.conftest import Upstream
from tests.drawn import LETTER, encoded, page
from tests.messages import message_pipeline


def test_a_photo_is_shown_as_it_was_sent_and_no_engine_reads_it(
    db: None, make_upstream: Callable[..., Upstream]
) -> None:
    client = make_upstream(message_pipeline().slug).client
    lying = page(LETTER, size=24).rotate(90, expand=True)
    case = open_case(
        client=client,
        pipeline_slug="patient-message",
        reference="MSG-1",
        data={
            "patient": {"name": "Rosalind Achterberg", "date_of_birth": "1961-05-04"},
            "message": {"text": "See my photo, please."},
        },
        papers=[SentPaper("photo", "arm.png", encoded(lying))],
        priority=Priority.NORMAL,
        by=client.actor,
    )
    read_case(str(case.pk))
    assert found(case).status == Status.READ
    reading = Reading.objects.get()
    assert (reading.engine, reading.word_count) == ("none", 0)
    kept = Page.objects.get()
    assert (kept.width > kept.height) == (lying.width > lying.height)
