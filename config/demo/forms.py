"""Application forms, in four layouts."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from config.demo.applicants import CASES_OF, Applicant
from config.demo.people import LENDER
from config.demo.setting import LEFT, RIGHT, Setter
from config.demo.sheets import BLACK, GREY, PALE, WHITE, Sheet, Text
from config.demo.styles import SANS, SERIF, Style, filled_in, typed_in

PURPOSES: Mapping[str, str] = {
    "car_new": "New car",
    "car_used": "Used car",
    "furniture": "Furniture",
    "television": "Radio, television",
    "appliances": "Appliances",
    "repairs": "Repairs",
    "education": "Education",
    "retraining": "Retraining",
    "business": "Business",
    "other": "Other",
}
SINCE: Mapping[str, str] = {
    "unemployed": "without work",
    "below_1_year": "less than 1 year",
    "1_to_4_years": "1 to 4 years",
    "4_to_7_years": "4 to 7 years",
    "7_years_or_more": "7 years or more",
}
HOUSING: Mapping[str, str] = {"rent": "Rented", "own": "Own home", "free": "Rent-free"}
SAVINGS: Mapping[str, str] = {
    "below_100": "below 100 EUR",
    "100_to_500": "100 to 500 EUR",
    "500_to_1000": "500 to 1,000 EUR",
    "1000_or_more": "1,000 EUR or more",
    "unknown": "none stated",
}
CLERK, CLERK_INK = "Kalam-Regular", (20, 90, 60)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a form: its label, what is filled in, and which field that is, if any."""

    label: str
    value: str
    field: str | None = None


def application_form(applicant: Applicant, rng: random.Random, pens: float) -> list[Sheet]:
    """The application form of `applicant` in one of the layouts, a share `pens` written by hand."""
    layout = rng.choice((boxed_form, lined_form, table_form, letter))
    fill = filled_in if rng.random() < pens else typed_in
    return layout(applicant, fill(rng, rng.choice((SANS, SERIF))), rng)


def boxed_form(applicant: Applicant, style: Style, rng: random.Random) -> list[Sheet]:
    """Two columns of boxes, each with a small label above its value."""
    page = Setter(style, applicant.shown, rng)
    _masthead(page, "Application for a small-business loan")
    y = 44.0
    for title, entries in _sections(page, applicant):
        page.bar(LEFT, y, RIGHT, y + 5.6, style.accent)
        page.bold(LEFT + 2, y + 4.1, title, 8.5, WHITE)
        y = _boxes(page, y + 5.6, entries) + 4
    _purposes(page, y + 3, applicant.data["loan"]["purpose"])
    _office_box(page, y + 17)
    _declaration(page, applicant, 236)
    if rng.random() < 0.4:
        _received(page, rng)
    return [page.sheet]


def lined_form(applicant: Applicant, style: Style, rng: random.Random) -> list[Sheet]:
    """One column of labels with colons, the values written on dotted lines."""
    page = Setter(style, applicant.shown, rng)
    page.bold(105, 26, "LOAN APPLICATION", 16, align="centre")
    page.text(105, 32.5, f"to {LENDER} · Business lending", 9.5, GREY, "centre")
    page.rule(36, 60, 150, 0.4)
    y = 48.0
    for number, (title, entries) in enumerate(_sections(page, applicant), 1):
        page.bold(LEFT, y, f"{number}.  {title}", 11)
        for entry in entries:
            y += 9.0
            width = page.text(LEFT + 4, y, f"{entry.label}:", 10)
            start = max(LEFT + 4 + width + 2.5, 72)
            page.dotted(y + 0.9, start, RIGHT)
            page.fill(start + 1.5, y, entry.value, RIGHT - start - 3, 11, name=entry.field)
        y += 12.5
    _declaration(page, applicant, 252)
    if rng.random() < 0.35:
        _received(page, rng)
    return [page.sheet]


def table_form(applicant: Applicant, style: Style, rng: random.Random) -> list[Sheet]:
    """A ruled table: labels on the left, values on the right."""
    page = Setter(style, applicant.shown, rng)
    _masthead(page, "Credit application")
    middle, y = LEFT + 62, 46.0
    for title, entries in _sections(page, applicant):
        page.bold(LEFT, y + 4.6, title.upper(), 8.5, style.accent)
        y += 6.5
        for entry in entries:
            page.bar(LEFT, y, middle, y + 8.2, (240, 241, 243))
            page.frame(LEFT, y, middle, y + 8.2, PALE)
            page.frame(middle, y, RIGHT, y + 8.2, PALE)
            page.text(LEFT + 2, y + 5.4, entry.label, 9)
            page.fill(middle + 2.5, y + 5.7, entry.value, RIGHT - middle - 5, name=entry.field)
            y += 8.2
        y += 3.5
    _office_box(page, y + 4)
    _declaration(page, applicant, 248)
    if rng.random() < 0.4:
        _received(page, rng)
    return [page.sheet]


def letter(applicant: Applicant, style: Style, rng: random.Random) -> list[Sheet]:
    """A letter that gives the facts as a list with colons."""
    page = Setter(
        replace(style, label=style.value, label_ink=style.value_ink), applicant.shown, rng
    )
    person = applicant.data["applicant"]
    street, town = person["address"].split(", ")
    for n, line in enumerate((person["name"], street, town)):
        page.text(LEFT, 28 + 5 * n, line, 10.5)
    for n, line in enumerate((LENDER, "Business lending", "Marktplatz 1")):
        page.text(LEFT, 56 + 5 * n, line, 10.5)
    page.text(RIGHT, 80, f"{_town(applicant)}, {style.day(CASES_OF)}", 10.5, align="right")
    page.bold(LEFT, 92, "Application for a loan", 12)
    page.text(LEFT, 102, "Dear Sir or Madam,", 10.5)
    page.text(
        LEFT, 109, "I hereby apply for a loan on the following terms and enclose my latest", 10.5
    )
    page.text(LEFT, 114.5, "payslip and bank statement.", 10.5)
    y = 125.0
    for _, entries in _sections(page, applicant):
        for entry in entries:
            page.text(LEFT + 6, y, f"{entry.label}:", 10.5)
            page.fill(LEFT + 66, y, entry.value, RIGHT - LEFT - 68, 10.5, name=entry.field)
            y += 6.6
    page.text(LEFT, y + 8, "I confirm that these statements are complete and true.", 10.5)
    page.text(LEFT, y + 16, "Yours faithfully,", 10.5)
    page.sign(LEFT + 2, y + 30, person["name"])
    page.text(LEFT, y + 37, person["name"], 10.5)
    return [page.sheet]


def _sections(page: Setter, applicant: Applicant) -> list[tuple[str, list[Entry]]]:
    """What a form asks; every paper asks for name, amount and duration, most for the rest."""
    data = applicant.data
    work, finances = data["employment"], data["finances"]
    income = page.style.money(Decimal(str(work["net_income"])))
    person = [
        _field(page, "applicant_name"),
        _field(page, "date_of_birth"),
        Entry("Identity card no.", data["applicant"]["id_number"]),
        Entry("Address", data["applicant"]["address"]),
    ]
    if page.rng.random() < 0.06:
        del person[1]
    loan = [_field(page, "amount"), _field(page, "duration_months")]
    loan.append(Entry("Purpose", PURPOSES[data["loan"]["purpose"]]))
    means = [
        Entry("Employed at", work["employer"]),
        Entry("Employed for", SINCE[work["since"]]),
        Entry("Monthly income", income),
        Entry("Housing", HOUSING[finances["housing"]]),
        Entry("Savings", SAVINGS[finances["savings"]]),
        Entry("Credits running", str(finances["existing_credits"])),
    ]
    sections = [("Applicant", person), ("Loan", loan), ("Work and means", means)]
    return sections if page.rng.random() < 0.6 else [sections[1], sections[0], sections[2]]


def _field(page: Setter, name: str) -> Entry:
    return Entry(page.label(name), page.value(name), name)


def _boxes(page: Setter, y: float, entries: list[Entry]) -> float:
    """Set the entries as boxes, two a row, a long one alone; returns where they end."""
    middle, height = (LEFT + RIGHT) / 2, 12.5
    column = 0
    for entry in entries:
        wide = column == 0 and (len(entry.value) > 26 or entry is entries[-1])
        left, right = (LEFT, RIGHT) if wide else ((LEFT, middle), (middle, RIGHT))[column]
        page.frame(left, y, right, y + height)
        page.text(left + 1.6, y + 3.6, entry.label, 7, GREY)
        page.fill(left + 3, y + 9.8, entry.value, right - left - 6, 11, name=entry.field)
        column = 0 if wide else 1 - column
        y += height * (column == 0)
    return y + height * column


def _masthead(page: Setter, title: str) -> None:
    page.logo(LEFT, 14, 11)
    page.bold(LEFT + 15, 20, LENDER, 12, page.style.accent)
    page.text(LEFT + 15, 25, "Business lending · Marktplatz 1", 8, GREY)
    page.bold(RIGHT, 20, title, 12.5, BLACK, "right")
    form = (
        f"Form {page.rng.randint(100, 999)}/{page.rng.choice('ABCD')} · please use capital letters"
    )
    page.text(RIGHT, 25, form, 7, GREY, "right")
    page.rule(30, width=0.5)
    page.text(LEFT, 36, "Please complete all boxes. The bank may ask for further papers.", 8, GREY)


def _purposes(page: Setter, y: float, purpose: str) -> None:
    page.text(LEFT, y, "What will the loan pay for?", 8.5)
    for n, (key, words) in enumerate(PURPOSES.items()):
        x, row = LEFT + 34.5 * (n % 5), y + 6 + 6 * (n // 5)
        page.tick_box(x, row, words, ticked=key == purpose)


def _office_box(page: Setter, y: float) -> None:
    """What the lender's clerk notes on the form; often still empty."""
    page.bar(LEFT, y, RIGHT, y + 22, (238, 238, 240))
    page.text(LEFT + 2, y + 4.5, "For bank use only", 7, GREY)
    seen = page.rng.random() < 0.6
    notes = (
        ("File no.", f"{page.rng.randint(100, 999)}/{page.rng.randint(1000, 9999)}"),
        ("Papers complete", page.rng.choice(("yes", "yes", "payslip pending"))),
        ("Initials", page.rng.choice(("HK", "M.B.", "Sö", "jw"))),
    )
    for n, (label, note) in enumerate(notes):
        x = LEFT + 3 + 58 * n
        page.text(x, y + 19, label, 7, GREY)
        page.dotted(y + 15, x, x + 50)
        if seen:
            page.sheet.added.append(Text(x + 2, y + 13.8, note, CLERK, 11, CLERK_INK))


def _declaration(page: Setter, applicant: Applicant, y: float) -> None:
    signed = _signing_day(page.rng)
    page.text(
        LEFT, y, "I declare that the statements above are complete and true and agree", 8, GREY
    )
    page.text(LEFT, y + 4, "to their being checked with credit reference agencies.", 8, GREY)
    page.rule(y + 22, LEFT, LEFT + 55)
    page.text(LEFT, y + 26, "Place, date", 7, GREY)
    page.rule(y + 22, RIGHT - 75, RIGHT)
    page.text(RIGHT - 75, y + 26, "Signature", 7, GREY)
    page.fill(LEFT + 2, y + 20.5, f"{_town(applicant)}, {page.style.day(signed)}", 52, 10)
    page.sign(RIGHT - 70, y + 20, applicant.data["applicant"]["name"])


def _town(applicant: Applicant) -> str:
    """The town of residence without its postcode."""
    words = applicant.data["applicant"]["address"].split(", ")[1].split(" ")
    return " ".join(word for word in words if not (word.isupper() or word[0].isdigit()))


def _signing_day(rng: random.Random) -> date:
    return CASES_OF.replace(day=rng.randint(2, 31))


def _received(page: Setter, rng: random.Random) -> None:
    day = _signing_day(rng).strftime("%d %b %Y").upper()
    page.stamp(rng.uniform(120, 172), rng.uniform(38, 205), "RECEIVED", day)
