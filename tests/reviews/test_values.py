"""Values as people of each locale read and type them: what is shown can be typed again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from cases.definition import FieldSpec, parse, read_toml
from reviews.presenting import formats, values
from reviews.presenting.data import groups
from reviews.presenting.times import due, span
from reviews.presenting.words import fact, inside, sentence_case

LANGUAGES = [language for language, _ in settings.LANGUAGES]
LOAN = parse(
    read_toml((settings.BASE_DIR / "cases" / "pipelines" / "loan" / "pipeline.toml").read_text())
)
AMOUNT = FieldSpec("amount", "Amount", "money")
DAY = FieldSpec("paid_on", "Paid on", "date")
RATE = FieldSpec("rate", "Rate", "percentage")
MONTHS = FieldSpec("months", "Months", "integer")
AT = datetime(2026, 9, 3, 12, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def as_people_start() -> Iterator[None]:
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.mark.parametrize(
    ("language", "amount", "euros", "day", "rate", "score", "at"),
    [
        (
            "en-gb", "-1,234.50", "€8,450.00", "31 Mar 2026", "4.5%", "0.71",
            "3 Sept 2026, 14:05 CEST",
        ),
        (
            "en-us", "-1,234.50", "€8,450.00", "Mar 31, 2026", "4.5%", "0.71",
            "Sep 3, 2026, 2:05\u202fPM CEST",
        ),
        (
            "de", "-1.234,50", "8.450,00\xa0€", "31. März 2026", "4,5\xa0%", "0,71",
            "3. Sept. 2026, 14:05 CEST",
        ),
    ],
)  # fmt: skip
def test_values_are_written_as_the_locale_has_it(
    language: str, amount: str, euros: str, day: str, rate: str, score: str, at: str
) -> None:
    with translation.override(language), timezone.override(ZoneInfo("Europe/Berlin")):
        assert values.shown("-1234.50", AMOUNT) == amount
        assert values.declared(8450, AMOUNT, "EUR") == euros
        assert values.shown("2026-03-31", DAY) == day
        assert values.shown("4.5", RATE) == rate
        assert formats.decimals(0.71) == score
        assert formats.moment(AT) == at


def test_a_day_is_the_readers_own() -> None:
    late = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert formats.short_moment(late) == "1 Apr, 01:30"
    assert formats.moment(late) == "31 Mar 2026, 23:30 UTC"


@pytest.mark.parametrize("language", LANGUAGES)
@given(
    amount=st.decimals(min_value=-(10**8), max_value=10**8, places=2),
    day=st.dates(min_value=date(1970, 1, 1), max_value=date(2068, 12, 31)),
    rate=st.decimals(min_value=0, max_value=100, places=2),
    months=st.integers(min_value=0, max_value=10**6),
)
def test_what_is_shown_can_be_typed_again(
    language: str, amount: Decimal, day: date, rate: Decimal, months: int
) -> None:
    with translation.override(language):
        for currency in ("", "EUR", "USD", "GBP"):
            again = values.typed(values.shown(str(amount), AMOUNT, currency), AMOUNT)
            assert again is not None
            assert Decimal(again) == amount
        assert values.typed(values.shown(day.isoformat(), DAY), DAY) == day.isoformat()
        again = values.typed(values.shown(str(rate), RATE), RATE)
        assert again is not None
        assert Decimal(again) == rate
        assert values.typed(values.shown(str(months), MONTHS), MONTHS) == str(months)


@pytest.mark.parametrize(
    ("language", "text", "spec", "value"),
    [
        ("de", "1.234", AMOUNT, "1234.00"),
        ("de", "1.234,5", AMOUNT, "1234.50"),
        ("de", "1,5", AMOUNT, "1.50"),
        ("de", "1234,50 €", AMOUNT, "1234.50"),
        ("de", "1,234.50", AMOUNT, "1234.50"),
        ("de", "4,5", RATE, "4.5"),
        ("de", "1.200", MONTHS, "1200"),
        ("de", "03/04/2026", DAY, "2026-04-03"),
        ("de", "3.4.2026", DAY, "2026-04-03"),
        ("de", "3. März 2026", DAY, "2026-03-03"),
        ("en-gb", "03/04/2026", DAY, "2026-04-03"),
        ("en-us", "03/04/2026", DAY, "2026-03-04"),
        ("en-us", "31/03/2026", DAY, "2026-03-31"),
        ("en-us", "1,234", AMOUNT, "1234.00"),
    ],
)
def test_what_is_typed_is_taken_as_the_locale_has_it(
    language: str, text: str, spec: FieldSpec, value: str
) -> None:
    with translation.override(language):
        assert values.typed(text, spec) == value


def test_amounts_of_the_data_bear_the_currency_that_it_names() -> None:
    data = {
        "loan": {"amount": 8450, "currency": "EUR", "duration_months": 24},
        "applicant": {"name": "Mia", "date_of_birth": "1990-02-28"},
    }
    with translation.override("de"):
        said = {item.title: item.value for group in groups(data, LOAN) for item in group.entries}
    assert "8.450,00\xa0€" in said.values()
    assert "28. Feb. 1990" in said.values()
    assert "24" in said.values()


@pytest.mark.parametrize(
    ("data", "currency"),
    [
        ({}, ""),
        ({"loan": {"currency": "EUR"}}, "EUR"),
        ({"loan": {"currency": "EUR"}, "fee": {"currency": "EUR"}}, "EUR"),
        ({"loan": {"currency": "EUR"}, "fee": {"currency": "USD"}}, ""),
        ({"currency": "euros"}, ""),
    ],
)
def test_a_currency_is_said_where_there_is_one(data: dict[str, object], currency: str) -> None:
    assert values.currency_of(data) == currency


def test_what_is_no_value_of_its_type_is_shown_as_it_is() -> None:
    assert values.shown("unreadable", AMOUNT) == "unreadable"
    assert values.shown("NaN", AMOUNT) == "NaN"
    assert values.shown("2026-02-30", DAY) == "2026-02-30"
    assert values.shown("half", RATE) == "half"


def test_english_writes_names_small_inside_of_a_sentence_and_german_does_not() -> None:
    assert (inside("Loan amount"), inside("IBAN")) == ("loan amount", "IBAN")
    assert sentence_case("Change Password") == "Change password"
    with translation.override("de"):
        assert inside("Darlehensbetrag") == "Darlehensbetrag"
        assert sentence_case("Passwort ändern") == "Passwort ändern"


def test_a_models_figures_are_written_as_the_locale_has_it() -> None:
    assert fact("1,234.5 months") == "1,234.5 months"
    with translation.override("de"):
        assert fact("1,234.5") == "1.234,5"
        assert fact("-3") == "-3"
        assert fact("24 months") == "24 Monate"
        assert fact("7 years or more") == "7 Jahre oder mehr"
        assert fact("9 months (outside of the range in training)").startswith("9 Monate (")


def test_deadlines_count_down_whatever_the_language() -> None:
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    with translation.override("de"):
        assert due(now + timedelta(minutes=5), now).css == "due-bad"
        assert "5" in span(timedelta(minutes=5))
