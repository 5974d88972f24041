"""A pipeline made from the template alone, with no line of code: a case from intake to export."""

from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command

from accounts.models import User
from accounts.roles import Role
from config.demo.papers import DemoPaper
from inference.models import FieldRead
from reviews.models import Correction, Route
from tests import drawn
from tests.conftest import Upstream
from tests.journey.browsing import Visitor, export_of, post_case, until
from tests.processes import House
from tests.reviews.sealers import sealing

DATA = {
    "person": {"name": "Ines Oyelaran-Whitcombe", "email": "ines@example.org"},
    "request": {"amount": 420.5, "purpose": "A permit for the yard"},
}
FORM = ["Parking permit", "Full name: Ines Oyelaran-Whitcombe", "Amount requested: 402.50"]


def test_a_pipeline_from_the_template_takes_a_case_from_intake_to_export(
    house: House,
    tmp_path: Path,
    make_upstream: Callable[..., Upstream],
    make_person: Callable[..., User],
) -> None:
    call_command("pipelines", "new", "parking-permit", directory=tmp_path)
    call_command("pipelines", "apply", tmp_path / "parking-permit" / "pipeline.toml")
    upstream = make_upstream("parking-permit")
    reviewer, auditor = make_person(Role.REVIEWER), make_person(Role.AUDITOR)
    people = [reviewer.username, auditor.username]
    call_command("pipelines", "open", "parking-permit", to=people)
    house.start_web()
    house.start_worker()

    form = DemoPaper("form", "form.pdf", "application/pdf", drawn.pdf(FORM), "digital", {})
    answer = post_case(
        house.url, upstream, data=DATA, papers=[form], reference="P-1", pipeline="parking-permit"
    )
    assert answer.status_code == 202, answer.text
    case_id = answer.json()["id"]
    until(house.url, upstream, case_id, "in_review")
    route = Route.objects.get(case_id=case_id)
    assert {reason["code"] for reason in route.reasons} == {"amount_mismatch", "no_model"}
    assert route.queue is not None
    assert route.queue.slug == "parking-permit-papers"
    assert FieldRead.objects.get(case_id=case_id, name="amount").mismatch == "differs"

    visitor = Visitor(house.url, reviewer.username)
    page = visitor.send("/start/")
    assert page.url.endswith(f"/cases/{case_id}/")
    assert "The amount on the form differs from the one that was sent" in page.text
    form_values = {"fence": visitor.hidden("fence"), "version": visitor.hidden("version")}
    corrected = visitor.send(f"/cases/{case_id}/fields/amount/", **form_values, value="420.50")
    assert corrected.status_code == 200, corrected.text
    done = visitor.send(
        f"/cases/{case_id}/verdict/",
        **form_values,
        verdict="approve",
        **{"reason:approve": "papers_support", "explanation": "The form says so."},
        confirmed="yes",
    )
    assert done.status_code == 200, done.text
    until(house.url, upstream, case_id, "announced")
    assert Correction.objects.get(review__case_id=case_id).field == "amount"

    office = Visitor(house.url, auditor.username)
    with sealing():
        (row,) = export_of(office, "parking-permit")
    assert (row["case"], row["reference"]) == (case_id, "P-1")
    assert (row["predicted"], row["outcome"], row["reasons"]) == ("", "approve", "papers_support")
