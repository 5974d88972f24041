"""How well a value stands to a label: on its right, or below it."""

from inference.extraction.labels import TOKEN, Label
from inference.extraction.lexicon import NEUTRAL
from inference.extraction.lines import GAP, Span
from inference.values.folding import fold_letters

REACH = 12.0  # rows below a column's head that still belong to it


def place(label: Label, span: Span, page_width: int) -> float:
    """How likely, 0–1, a value at `span` is the label's by where it stands; 0 where it cannot be."""
    if label.span.line.page != span.line.page or label.span.overlaps(span):
        return 0.0
    if in_row(label.span, span):
        return beside(label.span, span, page_width)
    rows = (span.middle - label.span.middle) / max(span.height, label.span.height)
    return alignment(label.span, span) * below(rows) if rows > 0 else 0.0


def in_row(one: Span, other: Span) -> bool:
    """Whether both stand in one row, even where it was taken for two."""
    distance = abs(one.middle - other.middle)
    return one.line is other.line or distance < 0.45 * min(one.height, other.height)


def beside(label: Span, span: Span, page_width: int) -> float:
    """The place of a value in the label's row: nearly 1 on its right with nothing between."""
    gap = span.box[0] - label.box[2]
    if span.line is label.line:
        if span.start < label.end:
            return 0.0
        between = blocks(label.line.text[label.end : span.start])
    else:
        if gap < -0.5 * label.height:
            return 0.0
        between = 0.1
    return (1 - 0.05 * max(0, gap) / page_width) / (1 + 0.6 * between)


def blocks(text: str) -> float:
    """How much stands between a label and a value: other cells count 1, figures in its own 1/4.

    The words in its own cell are the label's, and weighed as such.
    """
    cells = [[fold_letters(word) for word in TOKEN.findall(cell)] for cell in text.split(GAP)]
    first, others = cells[0], [cell for cell in cells[1:] if set(cell) - NEUTRAL]
    return len(others) + 0.25 * sum(word.isdigit() for word in first)


def below(rows: float) -> float:
    """The place of a value some rows below its label: the next row is good, a far one in a column is weak."""
    if rows <= 3:
        return 0.9 - 0.18 * max(0.0, rows - 1.5)
    return max(0.0, 0.5 * (1 - rows / REACH))


def stacked(upper: Span, lower: Span) -> bool:
    """Whether one value stands right under another, as in a column of them."""
    if upper.line.page != lower.line.page or upper.line is lower.line:
        return False
    rows = (lower.middle - upper.middle) / max(upper.height, lower.height)
    return 0.5 < rows <= 2 and alignment(upper, lower) > 0


def alignment(label: Span, span: Span) -> float:
    """How well two boxes in different rows stand in one column, 0–1."""
    left, right = max(label.box[0], span.box[0]), min(label.box[2], span.box[2])
    if right <= left:
        return 0.0
    narrower = min(label.box[2] - label.box[0], span.box[2] - span.box[0])
    edges = min(abs(label.box[0] - span.box[0]), abs(label.box[2] - span.box[2]))
    if edges <= 1.2 * label.height:
        return 1.0
    return 0.85 if right - left >= 0.6 * narrower else 0.55
