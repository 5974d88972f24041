"""Claims with many receipts on the case page: fields by paper, sums, papers seen before, tables of data."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from cases.definition import parse, read_toml
from cases.models import Case
from reviews.models import Claim
from reviews.presenting.data import groups
from reviews.presenting.masks import Hidden, masked_data
from reviews.presenting.seen import seen_before
from reviews.presenting.sums import sums
from tests.casefiles import held
from tests.claims_made import RECEIPTS, Expenses, Receipt, expense_case
from tests.conftest import LOAN, Upstream
from tests.loans import Read
from tests.pipelines import pipeline_of
from tests.reviews.test_case_page import text

CLAIMS = parse(read_toml((LOAN.parents[1] / "expense-claim/pipeline.toml").read_text()))


@pytest.fixture
def approver(client: Client, db: None, make_person: Callable[..., User]) -> User:
    user = make_person(Role.REVIEWER)
    client.force_login(user)
    return user


@pytest.fixture
def bring(db: None, make_upstream: Callable[[], Upstream]) -> Callable[..., Case]:
    """Brings a claim in review."""
    return lambda *said, **options: expense_case(make_upstream().client, *said, **options)


def read(client: Client, case: Case) -> str:
    return text(client.get(f"/cases/{case.pk}/"))


def test_the_receipts_with_something_to_settle_come_first_and_the_others_are_folded(
    client: Client, approver: User, bring: Callable[..., Case]
) -> None:
    receipts = [Receipt(f"Shop {number}") for number in range(1, 13)]
    receipts[7] = replace(receipts[7], read={"total": Read("48.80", 0.9, "differs")})
    case = bring(Expenses(receipts, drawn=False))
    held(case, approver)
    with CaptureQueriesContext(connection) as statements:
        page = read(client, case)
    assert len(statements) <= 20
    assert page.count("data-paper-group") == 12
    assert page.count('<details class="paper-group" open') == 1
    assert page.index("<b>Receipt 8</b>") < page.index("<b>Receipt 1</b>")
    first = page.index('id="field-total-8"')
    assert first < page.index('id="field-merchant-8"') < page.index('id="field-merchant-1"')
    assert "1 to settle" in page
    assert "Shop 8, 48.80" in page


def test_a_receipts_fields_stand_beside_what_it_is_claimed_as(
    client: Client, approver: User, bring: Callable[..., Case]
) -> None:
    case = bring(pipeline=pipeline_of("expense-claim", model=None))
    held(case, approver)
    page = read(client, case)
    group = page.partition("<b>Receipt 3</b>")[2].partition("</details>")[0]
    for declared in ("travel", "£31.40", "36.90", "GBP"):
        assert f"<dd>{declared}</dd>" in group
    assert "Total (Receipt 3)" in group
    assert 'data-sheet-of="page-3"' in group
    assert '<span class="thumb-label">Receipt 2</span>' in page
    assert "Cases of this kind have no model" in page


def test_line_items_are_shown_as_a_table(
    client: Client, bring: Callable[..., Case], make_person: Callable[..., User]
) -> None:
    client.force_login(make_person(Role.REVIEWER))
    page = read(client, bring())
    assert '<td>Tiramisù</td><td class="number">2</td><td class="number">14.00</td>' in page


def test_sums_say_whether_they_agree_and_what_they_wait_for() -> None:
    differs = {
        "label": "Receipts and items",
        "agrees": False,
        "unread": [],
        "unsure": ["currency-1"],
        "lines": [
            {"currency": "EUR", "found": "294.60", "declared": "312.60", "difference": "-18.00"},
            {"currency": "GBP", "found": "31.40", "declared": "31.40", "difference": "0.00"},
        ],
    }
    waits = {**differs, "unread": ["total-2"], "label": "Items and claim"}
    definition = CLAIMS.with_copies({"receipt": 2})
    shown = sums({"receipts": differs, "claimed": waits}, definition, Hidden())
    assert [each.verdict for each in shown] == [
        "differs by −18.00 EUR",
        "1 amount could not be read",
    ]
    assert [line.difference for line in shown[0].lines] == ["−18.00", ""]
    assert shown[0].unsure == (("currency-1", "Currency (Receipt 1)"),)
    assert shown[1].waits == (("total-2", "Total (Receipt 2)"),)
    assert sums({"receipts": differs}, definition, Hidden(fields=frozenset({"total-1"}))) == []


def settle(client: Client, case: Case, name: str, **sent: str) -> tuple[int, str]:
    held_by = Claim.objects.get(case=case, ended_at=None)
    address = f"/cases/{case.pk}/fields/{name}/"
    said = {"fence": held_by.pk, "act": "settle", **sent}
    answer = client.post(address, said, headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode()


def test_sums_the_receipts_head_and_what_bears_reasons_out_follow_what_is_corrected(
    client: Client, approver: User, bring: Callable[..., Case]
) -> None:
    case = bring()
    held(case, approver)
    assert "With what was corrected" not in read(client, case)
    status, answer = settle(client, case, "total-2", value="264.00")
    assert status == 200
    sums_now = answer.partition('id="sums"')[2]
    assert "Receipts and items: <b>agrees</b>" in sums_now
    assert "As read: differs by −18.00 EUR" in sums_now
    head = answer.partition('id="paper-receipt-2"')[2].partition("<section")[0]
    assert "264.00" in head
    assert "to settle" not in head
    ground = answer.partition('id="ground-refuse-sums_differ"')[2].partition("</div>")[0]
    assert "Total (Receipt 2) corrected" in ground
    assert "As read: differs by −18.00 EUR" in read(client, case)
    _status, answer = settle(client, case, "total-2", act="illegible")
    assert "1 amount could not be read" in answer


def test_a_currency_that_a_sum_took_as_declared_is_to_be_checked(
    client: Client, approver: User, bring: Callable[..., Case]
) -> None:
    case = bring(Expenses((replace(RECEIPTS[0], read={"currency": Read(None)}), RECEIPTS[2])))
    held(case, approver)
    page = read(client, case)
    assert "Not read, taken as declared:" in page
    assert page.count('field-warn"') == 1
    assert 'field-warn" id="field-currency-1"' in page
    assert "1 to settle" in page


def test_wrong_cells_of_line_items_are_kept_as_typed_and_named(
    client: Client, approver: User, bring: Callable[..., Case]
) -> None:
    case = bring()
    held(case, approver)
    status, answer = settle(
        client, case, "items-1", **{"cell-0-description": "Tea", "cell-0-amount": "much"}
    )
    assert status == 422
    assert 'value="much"' in answer
    assert answer.count('aria-invalid="true"') == 1
    status, answer = settle(client, case, "items-2", **{"cell-0-description": " "})
    assert status == 422  # nothing was read, and nothing was entered
    status, answer = settle(client, case, "items-2", **{"cell-0-description": "Room"})
    assert status == 200
    assert "Row 1 added: Room" in answer


def test_a_receipt_seen_before_leads_to_the_other_claim_where_that_may_be_seen(
    client: Client, approver: User, bring: Callable[..., Case]
) -> None:
    other = bring(Expenses((RECEIPTS[0],)))
    case = bring(Expenses((replace(RECEIPTS[2], repeats=other, how="image"),)))
    held(case, approver)
    with CaptureQueriesContext(connection) as statements:
        page = read(client, case)
    assert len(statements) <= 22
    there = f'nearly the same picture as in <a href="/cases/{other.pk}/">{other.reference}</a>'
    assert there in page
    assert f"/cases/{other.pk}/pages/" in page


def test_a_claim_that_may_not_be_seen_is_another_case_without_name_or_picture() -> None:
    named = {
        "document": "0" * 32,
        "other_document": "12345678-1234-5678-1234-567812345678",
        "other_case": "12345678-1234-5678-1234-567812345679",
        "how": "file",
        "page": 1,
        "other_page": 1,
    }
    (one,) = seen_before([named], [], {}, Hidden())
    assert (one.how, one.case, one.other) == ("the same file", None, None)


def test_lists_in_the_data_are_tables_and_masks_lie_over_their_items() -> None:
    data = {
        "items": [
            {"category": "meals", "date": "2026-11-03", "amount": 4.5, "currency": "EUR"},
            {"category": "office", "claimed": 12, "note": "Ink"},
        ]
    }
    (table,) = groups(data, CLAIMS)
    assert table.title == "Items, in the order of their receipts"
    assert table.columns[:3] == ("Category", "Date", "Amount on the receipt")
    assert table.rows[0][:3] == ("meals", "3 Nov 2026", "4.50")
    assert table.rows[1][0] == "office"
    assert "Ink" in table.rows[1]
    masked = masked_data(data, Hidden(pointers=frozenset({"/items/1/note"})))
    assert masked["items"][1]["note"] != "Ink"
    assert masked["items"][0] == data["items"][0]
