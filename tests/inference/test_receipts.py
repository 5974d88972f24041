"""What receipts of many countries say: taxes, currencies and lines of goods, on pages typed as text."""

import json

import pytest

from cases.definition import ColumnSpec, FieldSpec, parse, read_toml
from inference.extraction import FoundField, find_fields
from inference.mismatches import mismatches
from inference.values import Kind, find
from tests.expenses import TOML
from tests.inference.typed import paper

SPECS = tuple(
    spec for spec in parse(read_toml(TOML.read_text())).fields if spec.document == "receipt"
)


def read(text: str, name: str) -> FoundField:
    found = find_fields(SPECS, [paper(text, "receipt")])
    return next(field for field in found if field.name == name)


def rows(text: str) -> list[tuple[str, str | None, str]]:
    table = json.loads(read(text, "items").value or "[]")
    return [(row["description"], row["quantity"], row["amount"]) for row in table]


GERMAN = """
Büro Krause e.K.
Lindenstraße 17
10115 Berlin

12.03.2025  09:14              Bon-Nr. 4711
Kopierpapier A4                10,98 A
   2 x 5,49
Ordner breit                    2,99 A
Saft                            1,07 B
Rabatt                         -0,30 A
SUMME EUR                      14,74
Mastercard                     14,74
MwSt      Netto     Steuer     Brutto
19 %      11,49      2,18      13,67
7 %        1,00      0,07       1,07
Vielen Dank
"""
CZECH = """
Hospoda U Kocoura
110 00 Praha 1

Položka             Množství   Cena     Celkem
Svíčková            2          189,00   378,00
Káva                1           62,00    62,00
Mezisoučet                              440,00
CELKEM K ÚHRADĚ                         440,00 Kč
Hotovost                                500,00
Vráceno                                  60,00
DPH 12%                                  47,14
"""
HUNGARIAN = """
Paprika Vendéglő Kft.
6720 Szeged

2025.04.01. 18:01
3 x 1 450
Lángos                          4 350
Limonádé                          990
ÖSSZESEN                        5 340 Ft
Készpénz                        6 000
Visszajáró                        660
ÁFA 27%                         1 135
"""
AMERICAN = """
Cactus Flat Grill
Austin, TX 78701
03/04/2025  6:15 PM
2 Iced Tea                       5.90
1 Caesar Salad                   9.25
Subtotal                        15.15
State Tax                        0.95
City Tax                         0.30
TOTAL DUE                      $16.40
Tip                              3.00
VISA                            19.40
"""


@pytest.mark.parametrize(
    ("text", "total", "tax", "currency", "date"),
    [
        (GERMAN, "14.74", "2.25", "EUR", "2025-03-12"),
        (CZECH, "440.00", "47.14", "CZK", None),
        (HUNGARIAN, "5340.00", "1135.00", "HUF", "2025-04-01"),
        (AMERICAN, "16.40", "1.25", "USD", "2025-03-04"),
    ],
    ids=["German", "Czech", "Hungarian", "American"],
)
def test_receipts_of_other_countries_are_read(
    text: str, total: str, tax: str, currency: str, date: str | None
) -> None:
    names = ("total", "tax", "currency", "date")
    assert tuple(read(text, name).value for name in names) == (total, tax, currency, date)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            GERMAN,
            [
                ("Kopierpapier A4", "2", "10.98"),
                ("Ordner breit", None, "2.99"),
                ("Saft", None, "1.07"),
                ("Rabatt", None, "-0.30"),
            ],
        ),
        (CZECH, [("Svíčková", "2", "378.00"), ("Káva", "1", "62.00")]),
        (HUNGARIAN, [("Lángos", "3", "4350.00"), ("Limonádé", None, "990.00")]),
        (AMERICAN, [("Iced Tea", "2", "5.90"), ("Caesar Salad", "1", "9.25")]),
    ],
    ids=["German", "Czech", "Hungarian", "American"],
)
def test_lines_of_goods_are_rows_without_sums_taxes_and_payments(
    text: str, expected: list[tuple[str, str | None, str]]
) -> None:
    assert rows(text) == expected


def test_goods_that_add_up_are_surer_and_their_box_is_around_all_rows() -> None:
    whole, short = (
        read(CZECH, "items"),
        read(CZECH.replace("62,00    62,00", "62,00    92,00"), "items"),
    )
    assert whole.confidence > short.confidence
    assert whole.box is not None
    assert whole.box[3] - whole.box[1] > 40


def test_a_slip_without_goods_has_no_table() -> None:
    assert (
        read("Taxi Wawel\nul. Długa 15\nDo zapłaty      36,80 PLN\nKarta      36,80", "items").value
        is None
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Krogen Ankaret AB\nAtt betala   125,00 kr\nTack för besöket", "SEK"),
        ("Fjordkroa AS\nÅ betale   kr 169,00\nMVA 15%   22,04", "NOK"),
        ("Café Sundet\nI alt   129,00 kr.\nMoms 25%   25,80", "DKK"),
        ("Kopi House Pte Ltd\nSingapore 049483\nTotal   $8.20", "SGD"),
        ("Ramen Ichiban\nKyoto 600\nTOTAL   ¥1,538", "JPY"),
        ("Restoran Sri\nRON 95   60.00\nTOTAL   RM60.00", "MYR"),
    ],
)
def test_a_sign_of_several_currencies_is_that_of_the_papers_country(text: str, code: str) -> None:
    assert read(text, "currency").value == code


def test_a_sign_alone_is_less_sure_than_a_code_and_nothing_said_is_nothing_found() -> None:
    unclear, clear = (
        read(f"Corner Shop\nTotal   {sign}12.00", "currency") for sign in ("$", "USD ")
    )
    assert (unclear.value, clear.value) == ("USD", "USD")
    assert unclear.confidence < clear.confidence
    assert read("Corner Shop\nTotal   12.00", "currency").value is None


def test_words_that_look_like_codes_are_none_where_no_amount_stands_by() -> None:
    assert find("TRY OUR NEW TOP MENU, ALL DAY", Kind("currency")) == ()


@pytest.mark.parametrize(
    ("text", "tax"),
    [
        ("Shop\nTotal incl. VAT   12.00\nVAT No. GB 123456789", None),
        ("Shop\nTotal excl. VAT   10.00\nVAT 20%   2.00\nTotal   12.00", "2.00"),
        ("Shop\nCGST 2.5%   5.00\nSGST 2.5%   5.00\nTotal   210.00", "10.00"),
        ("Shop\nTotal   21,40 €\ndont TVA 7%   1,40", "1.40"),
        ("Shop\nTOTAL   53.00\nGST Summary   Amount   Tax\nSR   50.00   3.00", "3.00"),
    ],
)
def test_the_tax_is_told_from_sums_that_hold_it(text: str, tax: str | None) -> None:
    assert read(text, "tax").value == tax


def test_a_currency_differs_exactly_and_a_table_has_no_mismatch() -> None:
    currency = FieldSpec("currency", "Currency", "currency", declared="/currency")
    column = ColumnSpec("amount", "Amount", "money")
    table = FieldSpec("items", "Items", "table", declared="/items", columns=(column,))
    found = (
        FoundField("currency", "USD", confidence=0.95),
        FoundField("items", "[]", confidence=0.9),
    )
    data = {"currency": "CAD", "items": [{"amount": 1}]}
    assert [each.kind for each in mismatches((currency, table), data, found)] == ["differs"]
