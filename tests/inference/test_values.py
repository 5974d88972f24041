"""Typed values in text as OCR gives it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.values import Kind, find, parse
from inference.values.comparing import alike_names
from inference.values.dates import order_of
from inference.values.iban import holds
from inference.values.money import CODES

MONEY, DATE = Kind("money"), Kind("date")
IBAN = "DE89370400440532013000"


def canonical(text: str, kind: Kind) -> list[str]:
    return [value.canonical for value in find(text, kind)]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("12.345.678,90", "12345678.90"),
        ("RM 9.00", "9.00"),
        ("RM9.00", "9.00"),
        ("€ 12", "12.00"),
        ("12,50 EUR", "12.50"),
        ("12,-", "12.00"),
        ("US$1,000", "1000.00"),
        ("-0.01", "-0.01"),
        ("−5,00 €", "-5.00"),
        ("(9.00)", "-9.00"),
        ("5.50-", "-5.50"),
        ("12.00 DR", "-12.00"),
        ("12.00 CR", "12.00"),
        ("-RM 0.02", "-0.02"),
        ("9. 00", "9.00"),
    ],
)
def test_amounts_of_many_locales_are_read(text: str, amount: str) -> None:
    assert parse(text, MONEY) == amount


@pytest.mark.parametrize(
    "text", ["25/12/2018", "12:30", "12:30:59", "6%", "07-3867524", "12.5.2018"]
)
def test_dates_times_shares_and_telephone_numbers_are_no_sure_amounts(text: str) -> None:
    assert all(value.parse < 0.5 for value in find(text, MONEY))


def test_an_amount_without_cents_or_currency_is_doubtful() -> None:
    bare, priced = find("36", MONEY)[0], find("36.00", MONEY)[0]
    assert bare.parse < 0.5 < priced.parse


@pytest.mark.parametrize(
    ("text", "amount"), [("1O.00", "10.00"), ("l2.5O", "12.50"), ("RM 5O.O0", "50.00")]
)
def test_letters_read_for_digits_are_mended_and_doubted(text: str, amount: str) -> None:
    value = find(text, MONEY)[-1]
    assert value.canonical == amount
    assert value.parse < 0.9


@given(
    cents=st.integers(0, 99_999_999_99),
    form=st.sampled_from(
        [
            ("", ".", ""),
            (",", ".", ""),
            (".", ",", ""),
            ("", ",", " €"),
            (" ", ",", " EUR"),
            ("'", ".", " CHF"),
        ]
    ),
)
def test_any_amount_written_in_a_locale_is_read_back(
    cents: int, form: tuple[str, str, str]
) -> None:
    group, point, after = form
    whole, rest = divmod(cents, 100)
    text = f"{whole:,}".replace(",", group) + f"{point}{rest:02d}{after}"
    assert parse(text, MONEY) == str(Decimal(cents) / 100 + Decimal("0.00"))


@given(st.text(max_size=60))
def test_no_text_breaks_the_search_and_values_lie_within_it(text: str) -> None:
    kinds = [
        *(Kind(name) for name in ("money", "date", "percentage", "integer", "id", "name", "text")),
        *(Kind("id", form) for form in ("iban", "luhn", "nhs", "npi", "lei")),
        Kind("choice", choices=("a_b", "c")),
    ]
    for kind in kinds:
        for value in find(text, kind):
            assert 0 <= value.start < value.end <= len(text)
            assert 0 < value.parse <= 1


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("01.03.2026", "2026-03-01"),
        ("1/3/26", "2026-03-01"),
        ("12. 3. 2018", "2018-03-12"),
        ("12/31/2018", "2018-12-31"),
        ("05 MAR 2018", "2018-03-05"),
        ("05MAR2018", "2018-03-05"),
        ("March 1st, 2026", "2026-03-01"),
        ("1 de marzo de 2026", "2026-03-01"),
        ("1er février 2026", "2026-02-01"),
        ("3. Dezember 2025", "2025-12-03"),
        ("7 września 2024", "2024-09-07"),
        ("14 Agustus 2023", "2023-08-14"),
        ("24-11-17", "2017-11-24"),
        ("12.05.84", "1984-05-12"),
        ("20180325", "2018-03-25"),
        ("27032018", "2018-03-27"),
        ("2O/O3/2018", "2018-03-20"),
        ("5 Septcmber 2019", "2019-09-05"),
    ],
)
def test_dates_of_many_languages_are_read(text: str, day: str) -> None:
    assert canonical(text, DATE) == [day]


@pytest.mark.parametrize(
    "text", ["31/02/2020", "45.13.2020", "123456", "12:30", "99 of 100", "07-355 2616"]
)
def test_what_the_calendar_lacks_is_no_date(text: str) -> None:
    assert canonical(text, DATE) == []


def test_a_time_run_into_the_year_is_cut_off() -> None:
    assert canonical("29/12/201711:41", DATE) == ["2017-12-29"]


def test_the_order_of_day_and_month_follows_the_format_where_both_can_be() -> None:
    assert parse("03/04/2026", Kind("date", "mdy")) == "2026-03-04"
    assert parse("03/04/2026", DATE) == "2026-04-03"


def test_papers_show_their_order_of_day_and_month() -> None:
    assert order_of(["Paid 12/31/2025", "Due 01/02/2026"]) == "mdy"
    assert order_of(["Paid 31/12/2025", "Due 01/02/2026"]) == "dmy"
    assert order_of(["Lot 3/2, 07-355 2616", "09/01/2019"]) is None


@given(
    day=st.dates(date(1970, 1, 1), date(2068, 12, 31)),
    form=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y"]),
)
def test_any_date_written_is_read_back(day: date, form: str) -> None:
    assert parse(day.strftime(form), DATE) == day.isoformat()


def test_percentages_and_whole_numbers_are_read() -> None:
    assert canonical("Rate 4,50 % p.a.", Kind("percentage")) == ["4.5"]
    assert parse("10 per cent", Kind("percentage")) == "10"
    assert canonical("36 months, A12, 3.50", Kind("integer")) == ["36"]


def test_an_iban_is_found_by_its_length_and_checked() -> None:
    value = find("IBAN: DE89 3704 0044 0532 0130 00 BIC X", Kind("id", "iban"))[0]
    assert (value.canonical, value.checked, value.parse) == (IBAN, True, 1.0)


def test_an_iban_whose_check_digits_fail_is_told() -> None:
    value = find("DE88 3704 0044 0532 0130 00", Kind("id", "iban"))[0]
    assert value.checked is False


@given(position=st.integers(2, 21), country=st.just(IBAN))
def test_one_changed_digit_never_passes_as_the_iban(position: int, country: str) -> None:
    changed = country[:position] + str((int(country[position]) + 1) % 10) + country[position + 1 :]
    assert not holds(changed)
    assert all(value.canonical != country for value in find(changed, Kind("id", "iban")))


def test_letters_in_an_iban_are_mended_where_it_then_holds() -> None:
    value = find("DE89 37O4 OO44 0532 0I30 00", Kind("id", "iban"))[0]
    assert (value.canonical, value.checked) == (IBAN, True)
    assert value.parse < 1


@pytest.mark.parametrize(
    ("text", "form", "packed", "holds"),
    [
        ("4111 1111 1111 1111", "luhn", "4111111111111111", True),
        ("4111 1111 1111 1112", "luhn", "4111111111111112", False),
        ("943 476 5919", "nhs", "9434765919", True),
        ("1234567893", "npi", "1234567893", True),
        ("5493001KJTIIGC8Y1R12", "lei", "5493001KJTIIGC8Y1R12", True),
    ],
)
def test_ids_are_checked_by_their_format(text: str, form: str, packed: str, holds: bool) -> None:
    value = find(text, Kind("id", form))[0]
    assert (value.canonical, value.checked) == (packed, holds)


def test_an_id_of_its_own_pattern_is_found() -> None:
    assert canonical("Case ab-12 34 of x", Kind("id", r"[a-z]{2}-\d\d \d\d")) == ["AB-1234"]


def test_a_choice_is_known_by_its_words() -> None:
    kind = Kind("choice", choices=("car_new", "car_used", "furniture"))
    assert canonical("Used car", kind) == ["car_used"]
    assert canonical("Boat", kind) == []


def test_a_name_is_cut_at_gaps_and_colons_and_loses_the_number_behind_it() -> None:
    assert canonical("ACME TOOLS LTD (126926-H)   Invoice", Kind("name")) == [
        "ACME TOOLS LTD",
        "Invoice",
    ]
    assert canonical("WorId of  0ld Tea", Kind("name")) == ["World of Old Tea"]


def test_only_a_text_that_is_all_value_parses() -> None:
    assert parse("about 12.00", MONEY) is None
    assert parse(" 12.00. ", MONEY) == "12.00"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Jürgen Müller", "MUELLER JURGEN", 1),
        ("Łukasz Dąbrowski", "Lukasz Dabrowski", 1),
        ("Brzęczyszczykiewicz", "Brzeczyszczykiewlcz", 1),
        ("Anna Böhm", "AnnaBöhm", 1),
        ("Anna Maria Böhm", "Anna Böhm", 0.5),
        ("A. Böhm", "Anna Böhm", 0.5),
        ("Jana Novák", "Jan Novák", 0.5),
        ("Lukas Müller", "Anna Müller", 0),
        ("", "Anna", 0),
    ],
)
def test_names_are_compared_as_people_would(one: str, other: str, alike: float) -> None:
    assert alike_names(one, other) == alike


def test_currency_codes_are_no_part_of_words() -> None:
    assert "RM" in CODES
    assert find("FARM 9", MONEY)[0].parse < 0.5
