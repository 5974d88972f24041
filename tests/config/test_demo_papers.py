"""The demo's applicants and papers: true to their row, to the pipeline, and to what they say."""

import io
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter, ImageOps
from reportlab.pdfbase.ttfonts import TTFontFile

from cases.definition import Definition, at_pointer, parse, read_toml
from config.demo import people, styles, wear
from config.demo.applicants import (
    BALANCES,
    CONTRADICTIONS,
    INSTALMENT_BANDS,
    LIVING,
    SHARE_CONTRADICTING,
    Applicant,
    applicant,
    iban,
)
from config.demo.drawing import draw
from config.demo.forms import application_form
from config.demo.papers import GRADES, KINDS, DemoPaper, papers
from config.demo.payslips import pay, payslip
from config.demo.sheets import FONTS, MM_PER_POINT, PAGE_WIDTH, Sheet, Text, text_width
from config.demo.statements import account, bank_statement
from inference.training.holdout import held_out_rows

ROWS: list[Mapping[str, Any]] = [row.features for row in held_out_rows()]
SEEDS = st.integers(0, 10**9)
MONEY = ("amount", "net_income", "closing_balance")


@cache
def loan() -> Definition:
    root = Path(__file__).parents[2]
    return parse(read_toml((root / "cases" / "pipelines" / "loan" / "pipeline.toml").read_text()))


def someone(seed: int) -> Applicant:
    return applicant(ROWS[seed % len(ROWS)], seed)


def declared(person: Applicant, field: str) -> str | None:
    pointer = loan().field_spec(field).declared
    if pointer is None:
        return None
    value = at_pointer(person.data, pointer)
    return f"{value:.2f}" if field in MONEY else str(value)


# ---------------------------------------------------------------- applicants


def test_data_of_every_held_out_row_is_valid_in_the_pipeline() -> None:
    validator = jsonschema.Draft202012Validator(loan().schema, format_checker=FORMATS)
    for seed, row in enumerate(ROWS):
        validator.validate(applicant(row, seed).data)


FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER


@given(SEEDS)
def test_the_models_inputs_are_the_rows_own(seed: int) -> None:
    row = ROWS[seed % len(ROWS)]
    data = applicant(row, seed).data
    inputs = {name: at_pointer(data, at) for name, at in loan().own_model.features.items()}
    assert inputs == row


@given(SEEDS)
def test_income_and_balance_fit_the_rows_bands(seed: int) -> None:
    row, data = ROWS[seed % len(ROWS)], someone(seed).data
    low, high = INSTALMENT_BANDS[int(row["instalment_percent"])]
    least, most = LIVING[str(row["housing"])]
    instalment = float(row["amount"]) / float(row["duration_months"])
    income = data["employment"]["net_income"]
    assert instalment / high + least - 0.01 <= income <= instalment / low + most + 0.01
    bottom, top = BALANCES[str(row["checking_account"])]
    assert bottom <= data["finances"]["closing_balance"] <= top


@given(SEEDS)
def test_papers_agree_with_the_data_but_for_the_contradictions(seed: int) -> None:
    person = someone(seed)
    told = {field: declared(person, field) for field in person.shown}
    differing = {f for f, value in told.items() if value not in (None, person.shown[f])}
    assert differing == set(person.contradictions)


def test_the_stated_share_contradicts_and_each_way_happens() -> None:
    ways = Counter(field for seed in range(3000) for field in someone(seed).contradictions)
    assert ways.keys() == CONTRADICTIONS.keys()
    assert ways.total() / 3000 == pytest.approx(SHARE_CONTRADICTING, abs=0.02)


@pytest.mark.parametrize(
    ("number", "country", "domestic"),
    [
        ("DE89370400440532013000", "DE", "370400440532013000"),
        ("NL91ABNA0417164300", "NL", "ABNA0417164300"),
        ("FR1420041010050500013M02606", "FR", "20041010050500013M02606"),
    ],
)
def test_ibans_have_the_registrys_check_digits(number: str, country: str, domestic: str) -> None:
    assert iban(country, domestic) == number


@given(SEEDS)
def test_every_iban_passes_its_checksum(seed: int) -> None:
    person = someone(seed)
    for number in (person.shown["iban"], person.data["finances"]["iban"]):
        assert int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


# ---------------------------------------------------------------- what papers say


def test_kinds_and_fields_are_the_pipelines() -> None:
    specs = loan().fields
    assert list(KINDS) == [document.kind for document in loan().documents]
    for kind, fields in KINDS.items():
        assert list(fields) == [spec.name for spec in specs if spec.document == kind]


def test_most_labels_are_looked_for_and_some_are_not() -> None:
    words = [(field, word) for field, words in styles.LABELS.items() for word in words]
    looked_for = [word in loan().field_spec(field).labels for field, word in words]
    assert 0.75 < sum(looked_for) / len(words) < 0.95


@given(SEEDS)
def test_pay_adds_up_to_the_net_income_shown(seed: int) -> None:
    person = someone(seed)
    net = Decimal(person.shown["net_income"])
    month = pay(net, person, random.Random(seed))
    assert month.gross - month.taken == month.net == net
    assert all(amount > 0 for _, amount in (*month.earned, *month.deducted))


@given(SEEDS, st.integers(2, 40))
def test_transactions_add_up_to_the_closing_balance_shown(seed: int, count: int) -> None:
    person = someone(seed)
    month = account(person, random.Random(seed), count)
    balance = month.opening
    for entry in month.transactions:
        balance += entry.amount
        assert entry.balance == balance
    assert balance == Decimal(person.shown["closing_balance"])
    assert sorted(entry.day for entry in month.transactions) == [e.day for e in month.transactions]


def sheets_of(seed: int) -> Iterator[Sheet]:
    person, rng = someone(seed), random.Random(seed)
    yield from application_form(person, rng, pens=0.5)
    yield from payslip(person, rng)
    yield from bank_statement(person, rng)


def extent(mark: Text) -> tuple[float, float, float, float]:
    """Where the text's letters stand, in mm."""
    width, height = text_width(mark.text, mark.face, mark.size), mark.size * MM_PER_POINT
    left = mark.x - {"left": 0, "centre": width / 2, "right": width}[mark.align]
    return left, mark.y - 0.6 * height, left + width, mark.y


@given(SEEDS)
def test_no_text_leaves_the_page_or_runs_into_another(seed: int) -> None:
    for sheet in sheets_of(seed):
        extents = [extent(mark) for mark in sheet.marks if isinstance(mark, Text)]
        for n, (left, top, right, bottom) in enumerate(extents):
            assert left > 8
            assert right < PAGE_WIDTH - 6
            for other in extents[:n]:
                beside = (right < other[2] and right < other[0] + 0.3) or left > other[2] - 0.3
                assert beside or bottom < other[1] + 0.2 or top > other[3] - 0.2


def test_every_font_has_every_letter_of_the_people() -> None:
    words: set[str] = set()
    for given_names, family_names in people.NAMES:
        words.update(given_names, family_names)
    for place in people.PLACES:
        words.update(place.towns, place.streets)
    words.update(people.EMPLOYERS, people.BANKS, ["0123456789€%−.,:/·-"])
    letters = set("".join(words) + "".join(words).upper()) - {"\N{COMBINING DOT ABOVE}"}
    for font in FONTS.glob("*.ttf"):
        assert not letters - {chr(code) for code in TTFontFile(font).charToGlyph}, font.name


# ---------------------------------------------------------------- files


@cache
def some_papers() -> tuple[DemoPaper, ...]:
    return tuple(one for seed in range(24) for one in papers(someone(seed), seed))


def pages_of(one: DemoPaper) -> list[Image.Image]:
    """The file's pages as a viewer shows them, at a low resolution."""
    if one.media_type == "application/pdf":
        with pypdfium2.PdfDocument(one.blob) as document:
            return [page.render(scale=0.5).to_pil() for page in document]
    image = Image.open(io.BytesIO(one.blob))
    pages = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        pages.append(ImageOps.exif_transpose(image).convert("L"))
    return pages


def test_a_seed_always_gives_the_same_bytes() -> None:
    again = papers(someone(7), 7)
    assert [one.blob for one in again] == [one.blob for one in some_papers()[21:24]]
    assert [one.blob for one in papers(someone(7), 8)] != [one.blob for one in again]


def test_files_are_what_their_media_types_say() -> None:
    formats = {"image/png": "PNG", "image/jpeg": "JPEG", "image/tiff": "TIFF", "image/webp": "WEBP"}
    for one in some_papers():
        if one.media_type == "application/pdf":
            assert one.blob.startswith(b"%PDF-")
        else:
            assert Image.open(io.BytesIO(one.blob)).format == formats[one.media_type]
        assert pages_of(one)


def test_all_grades_and_formats_are_among_them() -> None:
    assert {one.grade for one in some_papers()} == GRADES.keys()
    assert len({one.media_type for one in some_papers()}) == 5
    assert any(len(pages_of(one)) == 2 for one in some_papers())


def test_file_names_tell_nobody_whose_they_are() -> None:
    for seed in range(24):
        names = someone(seed).data["applicant"]["name"].casefold().split()
        files = " ".join(one.filename for one in some_papers()[3 * seed : 3 * seed + 3])
        assert not any(name in files.casefold() for name in names)


def test_text_layers_say_what_the_truth_says() -> None:
    digital = [one for one in some_papers() if one.grade == "digital"]
    assert {one.kind for one in digital} == KINDS.keys()
    for one in digital:
        with pypdfium2.PdfDocument(one.blob) as document:
            text = " ".join(page.get_textpage().get_text_bounded() for page in document)
        for field, value in one.truth.items():
            assert value is None or figures(field, value) in figures(field, text), (field, value)


def figures(field: str, text: str) -> str:
    """The text without what papers vary: separators, spaces, and the order of a date."""
    if field in MONEY:
        text = text.removesuffix(".00")
    if loan().field_spec(field).type == "date":
        return text[:4] if len(text) == 10 else text  # the year stands in every form
    return "".join(c for c in text if c.isalnum())


def test_truth_leaves_out_only_what_may_be_missing() -> None:
    missing = {field for one in some_papers() for field, value in one.truth.items() if not value}
    assert missing <= {"date_of_birth"}
    assert all(tuple(one.truth) == KINDS[one.kind] for one in some_papers())


# ---------------------------------------------------------------- wear


@cache
def fresh() -> Image.Image:
    rng = random.Random(3)
    return draw(payslip(someone(3), rng)[0], rng)


def strokes(page: Image.Image) -> np.ndarray[Any, Any]:
    """Dark against its surroundings, on a grid fine enough to tell letters apart."""
    grid = page.convert("L").resize((740, 1046), Image.Resampling.BOX)
    around = grid.filter(ImageFilter.BoxBlur(6))
    darker: np.ndarray[Any, Any] = np.asarray(around, float) - np.asarray(grid, float)
    return darker


def likeness(page: Image.Image) -> float:
    """How well the page's strokes stand where the fresh page has them: 1 where exactly there."""
    return float(np.corrcoef(strokes(fresh()).ravel(), strokes(page).ravel())[0, 1])


def likenesses(grade: wear.Grade, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Of pages worn without being moved, which would tell nothing about what can be read."""
    monkeypatch.setattr(wear, "TURNED", 0)
    monkeypatch.setattr(wear, "skew", lambda page, degrees: page)
    return [likeness(wear.WEARS[grade](fresh(), random.Random(seed))) for seed in range(8)]


def test_clean_and_worn_pages_keep_their_strokes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert min(likenesses("clean", monkeypatch)) > 0.9
    assert min(likenesses("worn", monkeypatch)) > 0.7


def test_unreadable_pages_have_lost_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert max(likenesses("unreadable", monkeypatch)) < 0.6


def test_a_fax_is_black_and_white_and_a_photograph_lies_on_a_desk() -> None:
    assert set(np.unique(np.asarray(wear.fax(fresh(), random.Random(1))))) == {0, 255}
    photograph = wear.photograph(fresh(), random.Random(1)).convert("L")
    corner = np.asarray(photograph)[:3, :3].mean()
    assert corner < np.asarray(photograph).mean() - 30


def test_pages_are_turned_about_as_often_as_stated() -> None:
    rng = random.Random(9)
    page = Image.new("L", (2, 3))
    page.putpixel((0, 0), 255)
    turned = sum(wear.turn(page, rng).tobytes() != page.tobytes() for _ in range(4000))
    assert turned / 4000 == pytest.approx(wear.TURNED, abs=0.015)
