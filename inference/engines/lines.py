"""Finding lines of text on a page: the detector's map of where text is, turned into boxes.

The map is that of a "differentiable binarization" detector (Liao et al., arXiv:1911.08947): each
pixel says how sure the network is that it lies inside a shrunken line, so every blob is grown back.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Quad = Floats
"""Four points, clockwise from where the line's text begins at its top: shape (4, 2)."""

SURE_OF_PIXEL = 0.3
SURE_OF_LINE = 0.5
GROWTH = 1.6
"""How much a blob is grown, times its area over its perimeter; the paper's value is 1.5."""
SMALLEST = 3.0
MOST_LINES = 1000
STRIDE = 32
"""The detector halves its picture five times, so both sides are multiples of 2⁵."""
A4 = 2**0.5
"""Its longer side over its shorter one."""
AROUND = 0.05
"""Of a page's longer side: what is left around the text that is looked at more closely."""
CLOSER = 0.6
"""Of a page's pixels: text that covers no more is looked for again on that part alone."""


def detector_input(page: Pixels, longest: int) -> Floats:
    """The page as the detector wants it, values from −1 to 1: no side over `longest` pixels, but for a
    long slip, which may have as many pixels as a page of A4 and so keeps its letters.
    """
    height, width = page.shape[:2]
    as_many = longest / float(np.sqrt(A4 * height * width))
    scale = min(1.0, max(longest / max(height, width), as_many))
    size = (_to_stride(width * scale), _to_stride(height * scale))
    return network_input(cv2.resize(page, size))


def network_input(picture: NDArray[np.generic]) -> Floats:
    """A picture in rows of pixels as a batch of one in planes of colour, from −1 to 1."""
    planes = np.ascontiguousarray(picture.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)
    planes *= 2 / 255
    planes -= 1
    return planes


def lines_in(text_map: Floats, width: int, height: int) -> list[Quad]:
    """The lines in the detector's map in reading order, in pixels of a page of that size."""
    blobs = cv2.dilate((text_map > SURE_OF_PIXEL).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(blobs, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    scale = np.array([width / text_map.shape[1], height / text_map.shape[0]], np.float32)
    limit = np.array([width - 1, height - 1], np.float32)
    found = []
    for contour in contours[:MOST_LINES]:
        centre, (across, down), angle = cv2.minAreaRect(contour)
        if min(across, down) < SMALLEST:
            continue
        inner = np.asarray(cv2.boxPoints((centre, (across, down), angle)), np.float32)
        if _mean_inside(text_map, inner) < SURE_OF_LINE:
            continue
        growth = GROWTH * across * down / (across + down)
        outer = cv2.boxPoints((centre, (across + growth, down + growth), angle))
        found.append(_from_top_left(np.clip(np.round(outer * scale), 0, limit)))
    return in_reading_order(found)


def part_with_text(text_map: Floats, width: int, height: int) -> tuple[int, int, int, int] | None:
    """The box, in pixels of a page of that size, that holds all text on the detector's map, where it is
    little of the page: a receipt that was photographed from afar, or lies on a large sheet.
    """
    rows, columns = np.nonzero(text_map > SURE_OF_PIXEL)
    if not rows.size:
        return None
    margin = AROUND * max(width, height)
    across, down = width / text_map.shape[1], height / text_map.shape[0]
    left, right = columns.min() * across - margin, (columns.max() + 1) * across + margin
    top, bottom = rows.min() * down - margin, (rows.max() + 1) * down + margin
    box = max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom))
    covered = (box[2] - box[0]) * (box[3] - box[1])
    return box if covered <= CLOSER * width * height else None


def in_reading_order(lines: list[Quad]) -> list[Quad]:
    """Lines from top to bottom, and from left to right where they stand on the same row."""
    rows: list[list[Quad]] = []
    for line in sorted(lines, key=lambda quad: float(quad[:, 1].mean())):
        if rows and _same_row(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda quad: float(quad[0, 0]))]


def cut_out(page: Pixels, line: Quad, height: int) -> tuple[Pixels, Quad]:
    """The line straightened to `height` pixels, and its quad; one on its end is laid down."""
    width, tall = _sides(line)
    if tall >= 1.5 * width:
        line = np.roll(line, -1, axis=0)
        width, tall = tall, width
    across = max(1, round(height * width / max(tall, 1.0)))
    corners = np.array([[0, 0], [across, 0], [across, height], [0, height]], np.float32)
    straighten = cv2.getPerspectiveTransform(line, corners)
    cut = cv2.warpPerspective(
        page, straighten, (across, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return cut.astype(np.uint8, copy=False), line


def _to_stride(side: float) -> int:
    return max(STRIDE, round(side / STRIDE) * STRIDE)


def _mean_inside(text_map: Floats, points: Floats) -> float:
    height, width = text_map.shape
    left, top = np.clip(np.floor(points.min(axis=0)), 0, [width - 1, height - 1]).astype(int)
    right, bottom = np.clip(np.ceil(points.max(axis=0)), 0, [width - 1, height - 1]).astype(int)
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(points - [left, top]).astype(np.int32)], [1])
    return float(cv2.mean(text_map[top : bottom + 1, left : right + 1], mask)[0])


def _from_top_left(points: Floats) -> Quad:
    """The points clockwise, beginning with the upper of the two on the left."""
    by_x = points[np.argsort(points[:, 0], kind="stable")]
    top_left, bottom_left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    top_right, bottom_right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([top_left, top_right, bottom_right, bottom_left], np.float32)


def _sides(line: Quad) -> tuple[float, float]:
    width = max(np.linalg.norm(line[0] - line[1]), np.linalg.norm(line[2] - line[3]))
    height = max(np.linalg.norm(line[0] - line[3]), np.linalg.norm(line[1] - line[2]))
    return float(width), float(height)


def _same_row(first: Quad, second: Quad) -> bool:
    """Whether two lines overlap in height by more than half of the lower one."""
    top = max(first[:, 1].min(), second[:, 1].min())
    bottom = min(first[:, 1].max(), second[:, 1].max())
    lower = min(np.ptp(first[:, 1]), np.ptp(second[:, 1]))
    return bool(bottom - top > lower / 2)
