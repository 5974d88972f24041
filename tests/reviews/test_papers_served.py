"""Page images and originals leave the house only opened for who may see them, and inert."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from audit import vault
from audit.models import Event
from cases import blobs
from cases.models import Case, Document, Page, Pipeline
from tests.conftest import Upstream
from tests.loans import loan_in_review


@pytest.fixture
def case(loan: Pipeline, make_upstream: Callable[[], Upstream]) -> Case:
    return loan_in_review(make_upstream().client)


def addresses(case: Case) -> tuple[str, str]:
    document = case.documents.order_by("position").first()
    assert document is not None
    page = document.pages.get()
    return f"/cases/{case.pk}/pages/{page.pk}/", f"/cases/{case.pk}/papers/{document.pk}/"


def another_page(case: Case) -> Page:
    """A page that is not saved yet, of which nothing is kept yet."""
    document = case.documents.order_by("position").first()
    assert document is not None
    return Page(document=document, number=2, width=9, height=9, media_type="image/jpeg")


def test_a_page_image_can_do_nothing_and_is_kept_for_the_session_alone(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    client.force_login(make_person(Role.REVIEWER))
    image, _ = addresses(case)
    answer = client.get(image)
    assert answer.status_code == 200
    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "private, max-age=600, immutable"
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_signing_out_has_the_browser_forget_what_it_kept(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    client.force_login(make_person(Role.REVIEWER))
    assert client.post("/account/logout/").headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get("/account/login/").headers


def test_a_page_has_a_thumbnail_and_a_picture_for_the_screen(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    client.force_login(make_person(Role.REVIEWER))
    page = another_page(case)
    opened = vault.of(case.pk)
    page.blob = blobs.store(opened, f"page:{page.pk}", b"whole")
    page.thumb = blobs.store(opened, f"page:{page.pk}:thumb", b"small")
    page.save()
    image = f"/cases/{case.pk}/pages/{page.pk}/"
    assert client.get(f"{image}thumb/").content == b"small"
    assert client.get(f"{image}screen/").content == b"whole"  # there is no smaller one
    assert client.get(f"{image}blob/").status_code == 404


def test_a_page_whose_file_is_missing_is_not_found(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    client.force_login(make_person(Role.REVIEWER))
    page = another_page(case)
    page.blob = f"{case.pk}/gone"
    page.save()
    assert client.get(f"/cases/{case.pk}/pages/{page.pk}/").status_code == 404


def test_an_original_is_saved_and_that_is_recorded(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    reviewer = make_person(Role.REVIEWER)
    client.force_login(reviewer)
    _, original = addresses(case)
    answer = client.get(original)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="application.png"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    event = Event.objects.get(case_id=case.pk, type="document.downloaded")
    assert event.actor_id == str(reviewer.pk)


def test_papers_are_found_only_in_their_own_case_and_with_a_right(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    other = loan_in_review(case.client)
    client.force_login(make_person(Role.REVIEWER))
    for address in addresses(case):
        assert client.get(address.replace(str(case.pk), str(other.pk))).status_code == 404
    client.force_login(make_person(Role.OPERATOR))
    for address in addresses(case):
        assert client.get(address).status_code == 404


def test_a_page_without_an_image_is_said_to_be_so(
    client: Client, make_person: Callable[..., User], case: Case
) -> None:
    client.force_login(make_person(Role.REVIEWER))
    document = Document(case=case, position=9, kind="payslip", size=1, page_count=2)
    name = f"document_name:{document.pk}"
    document.sealed_name = vault.of(case.pk).seal(name, b"payslip.pdf")
    document.save()
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert "This page could not be rendered" in page
    assert "Payslip, page 2 of 2" in page
