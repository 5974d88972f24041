"""Fields that are tables: what is typed into cells is what is kept, and a wrong cell is named."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.definition import ColumnSpec, FieldSpec
from reviews.presenting import grids

ITEMS = FieldSpec(
    "items-1",
    "Line items",
    "table",
    columns=(
        ColumnSpec("description", "Item", "text"),
        ColumnSpec("quantity", "Quantity", "integer"),
        ColumnSpec("amount", "Amount", "money"),
    ),
)
READ = json.dumps(
    [
        {"description": "Schnitzel m. Pommes", "quantity": "1", "amount": "15.86"},
        {"description": "Rabatt", "quantity": None, "amount": "-1.50"},
    ]
)


def test_a_table_is_shown_with_a_row_to_add() -> None:
    shown = grids.grid(READ, ITEMS)
    assert [column.label for column in shown.columns] == ["Item", "Quantity", "Amount"]
    assert [[cell.text for cell in row] for row in shown.rows] == [
        ["Schnitzel m. Pommes", "1", "15.86"],
        ["Rabatt", "", "-1.50"],
        ["", "", ""],
    ]
    assert shown.rows[1][2].label == "Amount, row 2"
    assert shown.filled == shown.rows[:2]


@pytest.mark.parametrize("value", [None, "", "[]", "•••", "3", "{}", "[1, 2]", "null"])
def test_what_is_no_table_has_the_empty_row_alone(value: str | None) -> None:
    assert len(grids.grid(value, ITEMS).rows) == 1


def test_what_is_typed_is_kept_in_canonical_form() -> None:
    posted = {
        "fence": "7",
        "cell-0-description": "  Coffee, large ",
        "cell-0-quantity": "2",
        "cell-0-amount": "1,234.5",
        "cell-3-description": "",
        "cell-3-quantity": "",
        "cell-3-amount": " ",
        "cell-10-amount": "−3.00",
        "cell-x-amount": "9",
    }
    assert json.loads(grids.typed(grids.sent(posted), ITEMS)) == [
        {"description": "Coffee, large", "quantity": "2", "amount": "1234.50"},
        {"description": None, "quantity": None, "amount": "-3.00"},
    ]


@pytest.mark.parametrize(
    ("cell", "text", "words"),
    [
        ("cell-0-amount", "much", "Row 1, Amount"),
        ("cell-1-quantity", "a few", "Row 2, Quantity"),
    ],
)
def test_a_wrong_cell_is_named(cell: str, text: str, words: str) -> None:
    posted = {"cell-0-description": "One", "cell-1-description": "Two", cell: text}
    with pytest.raises(grids.NotATable, match=words):
        grids.typed(grids.sent(posted), ITEMS)


CELLS = st.fixed_dictionaries(
    {
        "description": st.none()
        | st.from_regex(r"[A-Za-z]{1,9}( [A-Za-z]{1,9}){0,3}", fullmatch=True),
        "quantity": st.none() | st.integers(1, 999).map(str),
        "amount": st.none() | st.integers(-(10**6), 10**6).map(lambda cents: f"{cents / 100:.2f}"),
    }
)


@given(st.lists(CELLS.filter(lambda row: any(row.values())), max_size=8))
def test_what_is_shown_and_sent_again_means_the_same(rows: list[dict[str, str | None]]) -> None:
    kept = json.dumps(rows)
    posted = {cell.name: cell.text for row in grids.grid(kept, ITEMS).rows for cell in row}
    again = grids.typed(grids.sent(posted), ITEMS)
    assert grids.same(again, kept, ITEMS.columns)
    assert not rows or not grids.same(again, "[]", ITEMS.columns)


def test_a_corrected_table_says_what_was_changed() -> None:
    said = json.dumps(
        [
            {"description": "Schnitzel m. Pommes", "quantity": "2", "amount": "15.86"},
            {"description": "Wasser", "quantity": None, "amount": "3.00"},
            {"description": "Kaffee", "quantity": "1", "amount": None},
        ]
    )
    assert grids.differences(READ, said, ITEMS) == [
        "Quantity, row 1: 1 → 2",
        "Item, row 2: Rabatt → Wasser",
        "Amount, row 2: -1.50 → 3.00",
        "Row 3 added: Kaffee, 1",
    ]
    assert grids.differences(READ, json.dumps(json.loads(READ)[1:]), ITEMS) == [
        "Row 1 taken away: Schnitzel m. Pommes, 1, 15.86"
    ]
    assert grids.differences(None, READ, ITEMS)[1] == "Row 2 added: Rabatt, -1.50"
    assert grids.differences(READ, READ, ITEMS) == []


def test_a_refused_table_stands_as_typed_with_its_wrong_cells() -> None:
    refused = grids.grid(grids.sent({"cell-0-amount": "abc", "cell-0-quantity": "2"}), ITEMS)
    assert [(cell.text, cell.wrong) for cell in refused.rows[0]] == [
        ("", False),
        ("2", False),
        ("abc", True),
    ]
