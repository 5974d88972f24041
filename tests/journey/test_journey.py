"""One loan application, from intake over HTTP to a reviewed decision and the export of its override."""

from collections.abc import Callable

from accounts.models import User
from accounts.roles import Role
from audit.models import Event
from config.demo.loans import LoanCase, loan_cases
from reviews.models import QueueEntry, Route
from tests.conftest import Upstream
from tests.journey.browsing import Visitor, export_of, post_case, until
from tests.processes import House
from tests.reviews.sealers import sealing

EXPLANATION = "The guarantor's papers outweigh the score."


def declined_by_the_model() -> LoanCase:
    """A case small enough for one reviewer that the model would decline, with papers to be read."""
    return next(
        case
        for case in loan_cases(400)
        if case.row.outcome == "decline"
        and case.data["loan"]["amount"] < 8000
        and case.data["finances"]["checking_account"] == "below_0"
        and all(paper.grade in ("digital", "clean") for paper in case.papers)
    )


def test_a_loan_goes_from_intake_to_an_override_in_the_export(
    house: House, make_upstream: Callable[[], Upstream], make_person: Callable[..., User]
) -> None:
    upstream = make_upstream()
    reviewer, auditor = make_person(Role.REVIEWER), make_person(Role.AUDITOR)
    house.start_web()
    house.start_worker()
    loan = declined_by_the_model()

    answer = post_case(house.url, upstream, data=loan.data, papers=loan.papers, reference="SB-1")
    assert answer.status_code == 202, answer.text
    case_id = answer.json()["id"]
    until(house.url, upstream, case_id, "in_review")
    route = Route.objects.get(case_id=case_id)
    assert route.prediction is not None
    assert route.prediction.outcome == "decline"

    visitor = Visitor(house.url, reviewer.username)
    visitor.get("/")
    page = visitor.send("/start/")
    assert page.url.endswith(f"/cases/{case_id}/")
    assert loan.data["applicant"]["name"] in page.text
    fence, version = visitor.hidden("fence"), visitor.hidden("version")
    form = {"fence": fence, "version": version, "verdict": "approve"}

    refused = visitor.send(f"/cases/{case_id}/verdict/", **form)
    assert refused.status_code == 422
    assert "Choose at least one reason." in refused.text
    visitor.send(
        f"/cases/{case_id}/verdict/",
        **form,
        **{"reason:approve": "collateral_sufficient", "explanation": EXPLANATION},
        confirmed="yes",
    )
    until(house.url, upstream, case_id, "announced")
    assert not QueueEntry.objects.filter(case_id=case_id).exists()

    office = Visitor(house.url, auditor.username)
    with sealing():
        (row,) = export_of(office, "loan")
    assert row["case"] == case_id
    assert row["reference"] == "SB-1"
    assert (row["predicted"], row["outcome"], row["override"]) == ("decline", "approve", "true")
    assert row["reasons"] == "collateral_sufficient"
    assert row["explanations"] == EXPLANATION

    told = list(
        Event.objects.filter(case_id=case_id)
        .exclude(type="case.read_by_client")  # the upstream asked how far it is
        .order_by("id")
        .values_list("type", flat=True)
    )
    assert told == [
        "case.received",
        "case.read",
        "case.scored",
        "case.sent_to_review",
        "case.claimed",
        "review.submitted",
        "case.decided",
        "decision.overridden",
        "case.announced",
    ]
