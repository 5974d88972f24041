"""No engine: for papers that are shown to people and not read, such as a photo of a rash."""

from PIL import Image

from inference.words import PageWords


class Unread:
    """Sees no words. A page's picture is kept as it was sent, whichever way up it is."""

    name = "none"
    version = "1"
    upright_above = 0.0

    def read(self, image: Image.Image) -> PageWords:
        """A page without words."""
        return PageWords((), image.width, image.height, self.name, self.version)

    def read_line(self, image: Image.Image) -> tuple[str, float]:
        """Nothing."""
        return "", 0.0
