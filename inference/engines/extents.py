"""Where on its line a word begins and ends: the recogniser tells roughly, the ink exactly."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Extent = tuple[float, float]
"""From and to, in pixels across a straightened line."""

INK = 0.35
"""Of the line's whole contrast: what a column of pixels spans where it holds ink."""


def tightened(
    line: NDArray[np.uint8], rough: Sequence[Extent], character: float
) -> tuple[Extent, ...]:
    """The extents of a line's words, each end moved to the gap that the ink leaves near it.

    `character` is the width of one in pixels. Words that touch keep the border they had; the outer
    ends of the line are those of its ink.
    """
    if not rough:
        return ()
    grey = line.min(axis=2)
    inked = np.ptp(grey, axis=0) >= INK * np.ptp(grey)
    at = np.flatnonzero(inked)
    begins = [float(at[0]) if len(at) else 0.0]
    ends = []
    for (_, end), (begin, _) in pairwise(rough):
        from_, to = max(0, round(end - character / 2)), round(begin + character / 2)
        gap = widest(~inked[from_:to])
        ends.append(from_ + gap[0] if gap else end)
        begins.append(from_ + gap[1] if gap else begin)
    ends.append(float(at[-1] + 1) if len(at) else float(len(inked)))
    return tuple(zip(begins, ends, strict=True))


def widest(free: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The longest run of true values: its first index and the one past its last."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8)))
    runs = changes.reshape(-1, 2)
    if not len(runs):
        return None
    first, last = runs[(runs[:, 1] - runs[:, 0]).argmax()]
    return int(first), int(last)
