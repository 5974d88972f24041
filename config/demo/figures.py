"""What the demo shows, measured: true figures, because each case's truth is known."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit import vault
from cases.models import Case
from config.demo.seeding import PORTALS
from inference.models import FieldRead
from reviews.models import Route


@dataclass
class Figures:
    """Counts over the demo's cases; shares are counted / of."""

    cases: int = 0
    automatic: int = 0
    automatic_right: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    sure: Counter[str] = field(default_factory=Counter)
    sure_right: Counter[str] = field(default_factory=Counter)


def measure(truth_file: Path, minimum: float) -> Figures:
    """The figures over all cases that have been routed; `minimum` is the confidence to be sure."""
    figures = Figures()
    truths = {}
    for line in truth_file.read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        truths[truth["reference"]] = truth
    for case in Case.objects.filter(client__name=PORTALS["loan"]).iterator():
        route = Route.objects.filter(case=case).order_by("id").first()
        if route is None or case.reference not in truths:
            continue
        count_route(figures, route, truths[case.reference])
        count_fields(figures, case, truths[case.reference]["papers"], minimum)
    return figures


def count_route(figures: Figures, route: Route, truth: Mapping[str, Any]) -> None:
    """One case's route against how its loan really ended."""
    figures.cases += 1
    figures.reasons.update({reason["code"] for reason in route.reasons})
    if route.kind == Route.Kind.AUTOMATIC:
        figures.automatic += 1
        figures.automatic_right += route.outcome == truth["outcome"]


def count_fields(
    figures: Figures, case: Case, papers: Iterable[Mapping[str, Any]], minimum: float
) -> None:
    """One case's fields against what stands on its papers, by the papers' grade."""
    opened = vault.of(case.pk)
    read = {row.name: row for row in FieldRead.objects.filter(case=case)}
    for paper in papers:
        for name, value in paper["truth"].items():
            row = read.get(name)
            if value is None or row is None:
                continue
            grade = paper["grade"]
            seen = opened.open_json(f"field:{name}", row.sealed_value)["value"]
            is_right = seen is not None and same(seen, value)
            figures.fields[grade] += 1
            figures.found[grade] += row.found
            figures.right[grade] += is_right
            if row.found and row.confidence >= minimum:
                figures.sure[grade] += 1
                figures.sure_right[grade] += is_right


def same(seen: str, value: str) -> bool:
    """Whether two canonical values are the same, letter case and spaces aside."""
    return "".join(seen.split()).casefold() == "".join(value.split()).casefold()


def report(figures: Figures) -> list[str]:
    """The figures as the lines of a Markdown table."""
    lines = [
        f"Cases: {figures.cases}; decided automatically: {figures.automatic} "
        f"({share(figures.automatic, figures.cases)}), of these right: {figures.automatic_right} "
        f"({share(figures.automatic_right, figures.automatic)})",
        "",
        "| scan | fields | found | right | of the confident ones, right |",
        "|---|---|---|---|---|",
    ]
    for grade in ("digital", "clean", "worn", "poor", "unreadable"):
        total = figures.fields[grade]
        sure = share(figures.sure_right[grade], figures.sure[grade])
        lines.append(
            f"| {grade} | {total} | {share(figures.found[grade], total)} | "
            f"{share(figures.right[grade], total)} | {sure} of {figures.sure[grade]} |"
        )
    lines += ["", "| why a person was asked | cases |", "|---|---|"]
    lines += [f"| {code} | {count} |" for code, count in figures.reasons.most_common()]
    return lines


def share(part: int, whole: int) -> str:
    """A share in per cent, or a dash where there is nothing to share."""
    return f"{part / whole:.1%}" if whole else "–"
