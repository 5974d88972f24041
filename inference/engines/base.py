"""What every OCR engine can do."""

from typing import Protocol

from PIL import Image

from inference.words import PageWords


class EngineUnavailable(RuntimeError):
    """An engine that this machine cannot run; the message says what is missing."""


class Engine(Protocol):
    """Reads pages; one serves all threads of a process and is never carried over a fork."""

    @property
    def name(self) -> str:
        """The engine's name as it stands on readings, `rapidocr` for one."""

    @property
    def version(self) -> str:
        """Changes whenever the same page might be read differently."""

    @property
    def upright_above(self) -> float:
        """The mean raw confidence over which a page surely does not lie the wrong way round."""

    def read(self, image: Image.Image) -> PageWords:
        """The words on a page, boxes in pixels of `image`."""

    def read_line(self, image: Image.Image) -> tuple[str, float]:
        """The text of a picture of one line, and the engine's raw confidence in it (0–1)."""
