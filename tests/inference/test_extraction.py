"""Fields found on pages by their label, place and form."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.definition import FieldSpec, parse, read_toml
from inference.extraction import FoundField, PageOfDocument, find_fields
from inference.extraction.lines import GAP, lines_of
from inference.words import Box, PageWords, Word
from tests.inference.typed import paper, typed

NAME = FieldSpec("name", "Name", "name", ("Name of applicant", "Full name", "Name"))
BIRTH = FieldSpec("birth", "Born", "date", ("Date of birth", "Born on"))
AMOUNT = FieldSpec("amount", "Amount", "money", ("Loan amount", "Amount requested"))
MONTHS = FieldSpec("months", "Months", "integer", ("Term (months)", "Duration in months"))
IBAN = FieldSpec("iban", "IBAN", "id", ("IBAN", "Account no."), format="iban")
RATE = FieldSpec("rate", "Rate", "percentage", ("Overdraft rate",))
PURPOSE = FieldSpec("purpose", "Purpose", "choice", ("Purpose",), choices=("car_used", "car_new"))
FORM = (NAME, BIRTH, AMOUNT, MONTHS, IBAN, RATE, PURPOSE)
VALUES = ("Anna Böhm", "1984-05-12", "12500.00", "36", "DE89370400440532013000", "9.5", "car_used")

MERCHANT = FieldSpec("merchant", "Merchant", "name")
DATE = FieldSpec("date", "Date", "date", ("Date",), place="anywhere")
TOTAL = FieldSpec("total", "Total", "money", ("Total", "Grand total", "Amount due"))
RECEIPT = (MERCHANT, DATE, TOTAL)


def values(found: tuple[FoundField, ...]) -> tuple[str | None, ...]:
    return tuple(field.value for field in found)


def total_of(text: str) -> str | None:
    return find_fields([TOTAL], [paper(text)])[0].value


BESIDE = """
Name of applicant:   Anna Böhm
Date of birth:       12.05.1984
Loan amount          EUR 12,500.00
Term (months)        36
IBAN                 DE89 3704 0044 0532 0130 00
Overdraft rate:      9.50 % p.a.
Purpose:             Used car
"""
ABOVE = """
Full name                     Date of birth
Anna Böhm                     12 May 1984

Nationality                   Amount requested
German                        12.500,00 €

Duration in months            Overdraft rate
36                            9,5 %

IBAN                          Purpose
DE89 3704 0044 0532 0130 00   Car, used
"""
COLUMNS = """
Name: Anna Böhm          Born on: 12/05/1984
Loan amount: 12,500.00   Term (months): 36
Overdraft rate: 9.5%     Purpose: used car
Account no.: DE89370400440532013000
"""


@pytest.mark.parametrize("text", [BESIDE, ABOVE, COLUMNS], ids=["beside", "above", "two columns"])
def test_values_are_found_beside_and_below_their_labels(text: str) -> None:
    assert values(find_fields(FORM, [paper(text)])) == VALUES


@pytest.mark.parametrize("skew", [-0.025, -0.01, 0.01, 0.025])
def test_rows_are_followed_on_a_tilted_page(skew: float) -> None:
    assert values(find_fields(FORM, [paper(BESIDE, skew=skew)])) == VALUES


def test_a_field_says_where_it_was_read() -> None:
    found = find_fields([AMOUNT], [paper("\n\nLoan amount    EUR 12,500.00")])[0]
    assert (found.text, found.page) == ("EUR 12,500.00", 0)
    assert found.box == (150, 0, 278, 20)


def test_labels_are_known_with_slips_of_the_ocr() -> None:
    text = "L0an arnount:  5,000.00\nDate ot blrth:  12.05.1984\nFu11 narne:  Anna Böhm"
    assert values(find_fields([AMOUNT, BIRTH, NAME], [paper(text)])) == (
        "5000.00",
        "1984-05-12",
        "Anna Böhm",
    )


def test_words_run_together_are_told_apart() -> None:
    page = PageWords(
        (Word("Dateofbirth:12.05.1984", (0, 0, 220, 20), 0.9),), 500, 500, "rapidocr", "1"
    )
    found = find_fields([BIRTH], [PageOfDocument("form", 0, page)])[0]
    assert found.value == "1984-05-12"
    assert found.box == (120, 0, 220, 20)


def test_a_line_given_as_one_word_is_divided() -> None:
    page = PageWords(
        (Word("Loan amount  500.00", (0, 0, 190, 20), 0.9),), 500, 500, "rapidocr", "1"
    )
    assert find_fields([AMOUNT], [PageOfDocument("form", 0, page)])[0].box == (130, 0, 190, 20)


def test_a_longer_label_of_another_field_keeps_its_value() -> None:
    employer = FieldSpec("employer", "Employer", "name", ("Name of employer",))
    found = find_fields([NAME, employer], [paper("Name of employer:  Acme GmbH")])
    assert values(found) == (None, "Acme GmbH")


def test_a_part_of_an_unknown_label_is_a_weak_label() -> None:
    text = "Employer name:  Acme GmbH\nName:  Anna Böhm"
    assert find_fields([NAME], [paper(text)])[0].value == "Anna Böhm"


def test_what_is_not_there_is_not_guessed() -> None:
    text = "Dear Sir or Madam,\nplease find enclosed 3 papers.\nBerlin, 12.03.2026   12,500.00"
    found = find_fields(FORM, [paper(text)])
    assert values(found) == (None,) * len(FORM)
    assert all(
        field.confidence == 0 and field.box is None and field.page is None for field in found
    )


def test_an_empty_page_has_no_fields() -> None:
    assert values(find_fields(FORM, [paper("")])) == (None,) * len(FORM)
    assert values(find_fields(FORM, [])) == (None,) * len(FORM)


def test_a_field_is_sought_on_its_own_document_only() -> None:
    spec = FieldSpec("net", "Net", "money", ("Net pay",), document="payslip")
    pages = [
        paper("Net pay  100.00", kind="letter"),
        paper("Net pay  200.00", kind="payslip", page=1),
    ]
    found = find_fields([spec], pages)[0]
    assert (found.value, found.page) == ("200.00", 1)


def test_the_demo_pipelines_fields_are_those_it_names() -> None:
    definition = parse(read_toml(Path("cases/pipelines/loan/pipeline.toml").read_text()))
    found = find_fields(
        definition.fields, [paper("IBAN DE89 3704 0044 0532 0130 00", kind="bank_statement")]
    )
    assert {field.name: field.value for field in found if field.value} == {
        "iban": "DE89370400440532013000"
    }


RECEIPT_TEXT = """
          tan woon

       GOLDEN MAPLE TRADING SDN BHD
            (126926-H)
       12, JALAN MAWAR 3/2
         81100 JOHOR BAHRU
TAX INVOICE              No: 18341
{date}
ITEM        QTY      PRICE     TOTAL
Coffee        2       5.00     10.00
Bread         1       7.10      7.10
{sums}
"""
SUMS = """
SUBTOTAL                       17.10
GST 6%                          1.03
TOTAL AMOUNT                   18.13
ROUNDING ADJ                   -0.03
TOTAL ROUNDED                  18.10
CASH                           20.00
CHANGE                          1.90
GST SUMMARY         AMOUNT       TAX
TOTAL                17.10      1.03
"""


def test_a_receipt_gives_its_merchant_date_and_total() -> None:
    text = RECEIPT_TEXT.format(date="Date: 09/01/2019 8:01 PM", sums=SUMS)
    assert values(find_fields(RECEIPT, [paper(text)])) == (
        "GOLDEN MAPLE TRADING SDN BHD",
        "2019-01-09",
        "18.10",
    )


def test_a_date_without_a_label_is_found_where_the_field_allows_it() -> None:
    text = RECEIPT_TEXT.format(date="Counter 3     19-03-18 09:06PM", sums=SUMS)
    assert find_fields([DATE], [paper(text)])[0].value == "2018-03-19"
    assert (
        find_fields([FieldSpec("date", "Date", "date", ("Date",))], [paper(text)])[0].value is None
    )


def test_a_firms_form_on_the_next_line_belongs_to_its_name() -> None:
    text = "LITTLE BAMBOO GARDEN\nRESTAURANT SDN BHD\n12 High Street\nTable 4"
    assert (
        find_fields([MERCHANT], [paper(text)])[0].value == "LITTLE BAMBOO GARDEN RESTAURANT SDN BHD"
    )


@pytest.mark.parametrize(
    "other", ["Subtotal", "Sub Total", "Total excl. GST", "Total tax", "Total discount", "Total qty", "Cash",
              "Change", "Rounding", "Total savings"],
)  # fmt: skip
def test_other_sums_do_not_pass_for_the_total(other: str) -> None:
    assert total_of(f"{other}:      99.00\nTotal:        50.00") == "50.00"
    assert total_of(f"Total:        50.00\n{other}:      99.00") == "50.00"
    assert total_of(f"{other}:      99.00") is None


def test_a_total_that_includes_tax_is_the_total() -> None:
    assert total_of("Total excl. GST    94.34\nTotal incl. GST   100.00") == "100.00"


def test_the_amount_rounded_to_coins_is_taken_though_no_label_names_it() -> None:
    assert (
        total_of("Total AMT   RM   60.31\nRounding adj     -0.01\n            RM   60.30")
        == "60.30"
    )


def test_payment_and_change_prove_a_total() -> None:
    text = "Total due      15.00\nTotal          21.00\nCash           30.00\nChange          9.00"
    assert total_of(text) == "21.00"


def test_a_columns_head_is_no_label_of_its_first_amount() -> None:
    head = "Item          Total\nTea            3.00\nMilk           4.00\nRice           5.00"
    assert total_of(f"{head}\n\nAmount due     12.00") == "12.00"
    assert total_of(head) is None


def test_a_near_rival_lowers_confidence() -> None:
    alone = find_fields([TOTAL], [paper("Total   12.00")])[0]
    rivalled = find_fields([TOTAL], [paper("Total   12.00\n\nTotal   13.00")])[0]
    assert alone.signals["rival"] == 0 < rivalled.signals["rival"]
    assert rivalled.confidence < alone.confidence


def test_doubtful_words_lower_confidence() -> None:
    clear, blurred = (find_fields([AMOUNT], [paper(BESIDE, sure=sure)])[0] for sure in (0.99, 0.6))
    assert blurred.confidence < clear.confidence


def test_a_second_engine_that_agrees_raises_confidence_and_one_that_differs_lowers_it() -> None:
    asked: list[tuple[int, Box]] = []

    def reading(text: str) -> float:
        def second(page: int, box: Box) -> tuple[str, float]:
            asked.append((page, box))
            return text, 0.95

        return find_fields([AMOUNT], [paper(BESIDE)], second=second)[0].confidence

    assert reading("EUR 12.500,00") > 0.9
    assert reading("EUR 12.500,00") > reading("EUR 12,600.00")
    assert set(asked) == {(0, (210, 60, 338, 80))}


def test_a_broken_checksum_lowers_confidence() -> None:
    good, bad = (
        find_fields([IBAN], [paper(f"IBAN: DE{digits} 3704 0044 0532 0130 00")])[0]
        for digits in ("89", "88")
    )
    assert bad.value == "DE88370400440532013000"
    assert bad.confidence < good.confidence


def test_equal_values_are_no_rivals() -> None:
    found = find_fields([TOTAL], [paper("Total   12.00\nVISA   12.00\nGrand total   12.00")])[0]
    assert (found.signals["rival"], found.signals["again"]) == (0, 1)


def test_columns_of_a_row_are_kept_apart() -> None:
    line = lines_of(0, typed("Name      Anna Böhm"))[0]
    assert line.text == f"Name{GAP}Anna Böhm"


BOXES = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(1, 300), st.integers(1, 80))
WORDS = st.builds(
    lambda text, box, sure: Word(text, (box[0], box[1], box[0] + box[2], box[1] + box[3]), sure),
    st.text(max_size=20) | st.sampled_from(["Total", "12.00", "IBAN", "Name:", "12.05.1984", "%"]),
    BOXES,
    st.floats(0, 1),
)


@settings(max_examples=60)
@given(st.lists(WORDS, max_size=40))
def test_any_words_give_each_field_once_with_a_probability(words: list[Word]) -> None:
    page = PageOfDocument("form", 0, PageWords(tuple(words), 1200, 1200, "tesseract", "1"))
    found = find_fields((*FORM, *RECEIPT), [page])
    assert [field.name for field in found] == [spec.name for spec in (*FORM, *RECEIPT)]
    for field in found:
        assert 0 <= field.confidence <= 1
        assert (field.value is None) == (field.box is None) == (field.page is None)


def test_a_value_that_is_another_fields_is_not_taken_for_an_empty_one() -> None:
    text = "Amount requested\nEUR 900.00\nMonthly income\n\n"
    income = FieldSpec("income", "Income", "money", ("Amount requested per month",))
    found = find_fields([AMOUNT, income], [paper(text)])
    assert values(found) == ("900.00", None)


def test_the_value_above_a_label_is_not_its_own() -> None:
    assert find_fields([NAME], [paper("Acme GmbH\nName of applicant")])[0].value is None


def test_a_label_one_letter_from_another_fields_stays_that_fields() -> None:
    employer = FieldSpec("employer", "Employer", "name", ("Employer name",))
    employee = FieldSpec("employee", "Employee", "name", ("Employee name",))
    found = find_fields([employee, employer], [paper("Employer name   Acme GmbH")])
    assert values(found) == (None, "Acme GmbH")


def test_a_value_beside_its_own_label_is_not_taken_by_the_label_above_it() -> None:
    income = FieldSpec("income", "Income", "money", ("Monthly income",))
    found = find_fields([income, AMOUNT], [paper("Monthly income\nLoan amount: 900.00")])
    assert values(found) == (None, "900.00")


def test_names_stand_where_the_papers_figures_do() -> None:
    text = "Full name       Works for\nAnna Böhm       Acme GmbH\n\nBorn on         Loan amount\n"
    found = find_fields([NAME, BIRTH, AMOUNT], [paper(text + "12.05.1984      900.00")])
    assert values(found) == ("Anna Böhm", "1984-05-12", "900.00")


@pytest.mark.parametrize("skew", [-0.03, 0.03])
def test_wide_rows_of_a_tilted_page_keep_their_values(skew: float) -> None:
    labels = [
        "Opening",
        "Loan amount",
        "Paid",
        "Date of birth",
        "Refunds",
        "Overdraft rate",
        "Fees",
    ]
    shown = ["1.00", "12,500.00", "3.00", "12.05.1984", "5.00", "9.5%", "7.00"]
    text = "\n".join(f"{a:<88}{b}" for a, b in zip(labels, shown, strict=True))
    found = find_fields([AMOUNT, BIRTH, RATE], [paper(text, skew=skew)])
    assert values(found) == ("12500.00", "1984-05-12", "9.5")
