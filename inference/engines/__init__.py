"""OCR engines by name; each is built when first asked for, once in every process."""

import os
from collections.abc import Callable
from functools import cache

from PIL import Image

from inference.engines import rapid, tesseract
from inference.engines.base import Engine, EngineUnavailable
from inference.engines.unread import Unread
from inference.words import Box

__all__ = [
    "ENGINES",
    "UNREAD",
    "Engine",
    "EngineUnavailable",
    "engine",
    "read_crop",
    "second_engine",
]

UNREAD = Unread()
"""For papers that are only shown: it is none of those to choose from."""

ENGINES: dict[str, Callable[[], Engine]] = {
    "rapidocr": rapid.RapidOcr,
    "tesseract": tesseract.build,
}

SECOND_ENGINE = {"rapidocr": "tesseract", "tesseract": "rapidocr"}

MARGIN = 0.15
"""Of a line's height: what is left around a box when it is read again."""


def engine(name: str) -> Engine:
    """The engine called `name`; raises KeyError for another, EngineUnavailable if it cannot run."""
    return _built(name, os.getpid())


def second_engine(engine: str, default: str) -> str:
    """Which engine reads after another: the `default` one after a PDF's own text, which none has read."""
    return SECOND_ENGINE.get(engine, default)


def read_crop(engine: Engine, image: Image.Image, box: Box) -> tuple[str, float]:
    """What `engine` reads in `box` alone, as one line, and its raw confidence (0–1)."""
    left, top, right, bottom = box
    margin = max(2, round((bottom - top) * MARGIN))
    crop = (
        max(0, left - margin),
        max(0, top - margin),
        min(image.width, right + margin),
        min(image.height, bottom + margin),
    )
    if crop[0] >= crop[2] or crop[1] >= crop[3]:
        return "", 0.0
    return engine.read_line(image.crop(crop))


@cache
def _built(name: str, process: int) -> Engine:
    """Keyed by the process: an engine's threads and locks do not survive a fork."""
    return ENGINES[name]()
