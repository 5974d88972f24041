"""Setting type: labels, values, signatures and logos put on a sheet in a paper's style."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from config.demo.sheets import (
    BLACK,
    GREY,
    PAGE_WIDTH,
    PALE,
    Align,
    Ink,
    Panel,
    Rule,
    Shape,
    Sheet,
    Stamp,
    Stroke,
    Text,
    fitting,
    text_width,
)
from config.demo.styles import PEN_INKS, SIGNATURES, Style

LEFT, RIGHT = 20.0, PAGE_WIDTH - 16.0  # the margins of most papers, mm
STAMP_INKS: tuple[Ink, ...] = ((30, 60, 150), (150, 30, 40), (90, 40, 120), (20, 110, 70))


@dataclass(slots=True)
class Setter:
    """Sets one page; `shown` are the canonical values by field."""

    style: Style
    shown: Mapping[str, str]
    rng: random.Random
    sheet: Sheet = field(default_factory=Sheet)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9,
        ink: Ink | None = None,
        align: Align = "left",
    ) -> float:
        """Print `text` in the label's face; returns its width in mm."""
        face, _, factor = self.style.label
        return self._set(Text(x, y, text, face, size * factor, ink or self.style.label_ink, align))

    def bold(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9,
        ink: Ink | None = None,
        align: Align = "left",
    ) -> float:
        """Print `text` in the label's bold face; returns its width in mm."""
        _, face, factor = self.style.label
        return self._set(Text(x, y, text, face, size * factor, ink or self.style.label_ink, align))

    def fill(
        self,
        x: float,
        y: float,
        text: str,
        width: float,
        size: float = 10.5,
        align: Align = "left",
        name: str | None = None,
    ) -> None:
        """Fill in `text`, no wider than `width`, as the style fills forms in: printed or by pen."""
        face, _, factor = self.style.value
        unsteady = self.style.by_hand
        size = fitting(text, face, size * factor * self.rng.uniform(1 - unsteady / 6, 1), width)
        x += unsteady * self.rng.uniform(-1, 2)
        y += unsteady * self.rng.uniform(-1, 0.6)
        self.sheet.add(Text(x, y, text, face, size, self.style.value_ink, align, name))

    def fill_field(
        self,
        x: float,
        y: float,
        name: str,
        width: float,
        size: float = 10.5,
        align: Align = "left",
    ) -> None:
        """Fill in a field's value."""
        self.fill(x, y, self.value(name), width, size, align, name)

    def print_field(
        self,
        x: float,
        y: float,
        name: str,
        size: float = 9.5,
        align: Align = "left",
        ink: Ink = BLACK,
        width: float = 90,
    ) -> None:
        """Print a field's value in bold."""
        _, face, factor = self.style.label
        text = self.value(name)
        size = fitting(text, face, size * factor, width)
        self.sheet.add(Text(x, y, text, face, size, ink, align, name))

    def label(self, name: str) -> str:
        """What this paper calls the field."""
        return self.style.labels[name]

    def value(self, name: str) -> str:
        """The field's value as this paper shows it."""
        return self.style.shown(name, self.shown[name])

    def rule(self, y: float, x0: float = LEFT, x1: float = RIGHT, width: float = 0.25) -> None:
        """A horizontal line."""
        self.sheet.add(Rule(x0, y, x1, y, width))

    def dotted(self, y: float, x0: float, x1: float) -> None:
        """A dotted line to write on."""
        self.sheet.add(Rule(x0, y, x1, y, 0.2, GREY, 0.5))

    def bar(self, x0: float, y0: float, x1: float, y1: float, fill: Ink) -> None:
        """A filled rectangle."""
        self.sheet.add(Panel(x0, y0, x1, y1, fill=fill))

    def frame(self, x0: float, y0: float, x1: float, y1: float, edge: Ink = GREY) -> None:
        """An empty rectangle with thin edges."""
        self.sheet.add(Panel(x0, y0, x1, y1, edge=edge, width=0.22))

    def tick_box(self, x: float, y: float, text: str, *, ticked: bool) -> float:
        """A box to tick and its text on the baseline `y`; returns the width of both in mm."""
        self.frame(x, y - 2.7, x + 2.9, y + 0.2)
        if ticked:
            ink = self.style.value_ink
            self.sheet.add(
                Stroke(((x + 0.3, y - 2.5), (x + 2.7, y + 0.1)), 0.4, ink),
                Stroke(((x + 2.6, y - 2.7), (x + 0.4, y + 0.2)), 0.4, ink),
            )
        return 4.2 + self.text(x + 4.2, y, text, 8)

    def sign(self, x: float, y: float, name: str) -> None:
        """Sign with `name` on the baseline `y`, with a flourish below it."""
        face, ink = self.rng.choice(SIGNATURES), self.rng.choice(PEN_INKS)
        given, *_, family = name.split(" ")
        text = f"{given[0]}. {family}"
        size = fitting(text, face, self.rng.uniform(19, 24), 52)
        self.sheet.add(Text(x, y, text, face, size, ink))
        width = text_width(text, face, size)
        wave = (0.6, 1.9, 1.2, 2.2, 1.5, 0.9)
        points = tuple((x + width * n / 4.2, y + dy) for n, dy in enumerate(wave))
        if self.rng.random() < 0.6:
            self.sheet.add(Stroke(points, 0.3, ink))

    def stamp(self, x: float, y: float, *lines: str) -> None:
        """Put a rubber stamp about (x, y), askew."""
        rng = self.rng
        angle, ink = rng.uniform(-16, 16), rng.choice(STAMP_INKS)
        self.sheet.added.append(Stamp(x, y, lines, angle, ink, rng.random() < 0.3))

    def logo(self, x: float, y: float, size: float) -> None:
        """A simple logo in the paper's accent, its upper left corner at (x, y)."""
        ink, s = self.style.accent, size
        match self.style.logo:
            case 0:
                self.sheet.add(Shape(((x, y + s), (x + s / 2, y), (x + s, y + s)), ink))
                self.bar(x + s * 0.38, y + s * 0.62, x + s * 0.62, y + s, (255, 255, 255))
            case 1:
                for n in range(3):
                    self.bar(x + n * s / 3, y + s * (2 - n) / 3, x + (n + 0.7) * s / 3, y + s, ink)
            case 2:
                self.sheet.add(Panel(x, y, x + s, y + s, fill=ink, radius=s / 2))
                self.sheet.add(Panel(x + s * 0.3, y + s * 0.3, x + s * 0.8, y + s * 0.8,
                                     fill=(255, 255, 255), radius=s / 4))  # fmt: skip
            case _:
                middle = ((x + s / 2, y), (x + s, y + s / 2), (x + s / 2, y + s), (x, y + s / 2))
                self.sheet.add(Shape(middle, ink))
                self.sheet.add(Rule(x, y + s / 2, x + s, y + s / 2, s / 12, PALE))

    def _set(self, mark: Text) -> float:
        self.sheet.add(mark)
        return text_width(mark.text, mark.face, mark.size)
