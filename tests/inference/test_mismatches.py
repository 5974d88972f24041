"""Papers compared with what was declared."""

from typing import Any

import pytest

from cases.definition import FieldSpec, FieldType
from inference.extraction import FoundField
from inference.mismatches import Mismatch, mismatches


def compare(
    kind: FieldType,
    declared: Any,
    found: str | None,
    sure: float = 0.95,
    choices: tuple[str, ...] = (),
) -> str | None:
    spec = FieldSpec("it", "It", kind, declared="/part/it", choices=choices)
    field = FoundField("it", found, confidence=sure if found else 0.0)
    given = mismatches([spec], {"part": {"it": declared}}, [field])
    return given[0].kind if given else None


@pytest.mark.parametrize(
    ("kind", "declared", "found"),
    [
        ("money", 1234.5, "1234.50"),
        ("money", 12000, "12000.00"),
        ("money", "1.234,50 €", "1234.50"),
        ("date", "2026-03-01", "2026-03-01"),
        ("date", "1 March 2026", "2026-03-01"),
        ("percentage", 9.5, "9.5"),
        ("percentage", 10.0, "10"),
        ("integer", 36, "36"),
        ("id", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("name", "Jürgen Müller", "MUELLER JURGEN"),
        ("name", "Zbigniew Brzęczyszczykiewicz", "Zbigniew Brzeczyszczyklewicz"),
        ("choice", "car_used", "car_used"),
        ("text", "12 High Street, London", "12 High Street London"),
    ],
)
def test_the_same_fact_written_otherwise_is_no_mismatch(
    kind: FieldType, declared: Any, found: str
) -> None:
    assert compare(kind, declared, found) is None


@pytest.mark.parametrize(
    ("kind", "declared", "found"),
    [
        ("money", 1234.5, "1243.50"),
        ("money", 0.01, "0.02"),
        ("date", "2026-03-01", "2026-01-03"),
        ("percentage", 9.5, "95"),
        ("integer", 36, "63"),
        ("id", "DE89370400440532013000", "DE02120300000000202051"),
        ("name", "Lukas Müller", "Anna Müller"),
        ("choice", "car_used", "car_new"),
        ("text", "12 High Street, London", "5 Elm Avenue, Austin"),
    ],
)
def test_another_fact_differs(kind: FieldType, declared: Any, found: str) -> None:
    assert compare(kind, declared, found) == "differs"


def test_a_difference_that_a_doubtful_reading_may_have_made_is_unsure() -> None:
    assert compare("money", 1200, "1280.00", sure=0.4) == "unsure"


def test_names_near_each_other_are_unsure() -> None:
    assert compare("name", "Anna Maria Böhm", "Anna Böhm") == "unsure"


def test_ids_that_differ_only_where_ocr_confuses_are_unsure() -> None:
    assert compare("id", "L01X2C00", "LO1X2C0O") == "unsure"


def test_what_the_papers_do_not_show_is_not_found() -> None:
    assert compare("money", 1200, None) == "not found"


@pytest.mark.parametrize("declared", [None, ""])
def test_nothing_declared_is_no_mismatch(declared: str | None) -> None:
    assert compare("name", declared, "Anna Böhm") is None
    assert compare("name", declared, None) is None


def test_a_field_without_a_counterpart_in_the_data_is_not_compared() -> None:
    spec = FieldSpec("rate", "Rate", "percentage")
    assert mismatches([spec], {"rate": 3}, [FoundField("rate", "9.5", confidence=1.0)]) == ()


def test_a_mismatch_names_the_field_with_both_values() -> None:
    spec = FieldSpec("net", "Net", "money", declared="/pay/net")
    given = mismatches(
        [spec], {"pay": {"net": 2000}}, [FoundField("net", "1800.00", confidence=0.99)]
    )
    assert given == (Mismatch("net", "differs", "2000.00", "1800.00"),)
