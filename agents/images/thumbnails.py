"""Small versions of prepared pictures, for pages to show many."""

from io import BytesIO

from PIL import Image
from PIL.Image import Resampling

from agents.images.encoding import encode
from agents.images.preparing import decoded

LONGEST_SIDE = 320
"""Twice what a page shows, for dense screens."""


def thumbnail(data: bytes) -> bytes:
    """Make a small picture of a prepared one, which is known to be sound. Takes some milliseconds: never on the loop."""
    return decoded(lambda: _small(data))


def _small(data: bytes) -> bytes:
    with Image.open(BytesIO(data), formats=["JPEG", "PNG"]) as picture:
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Resampling.LANCZOS)
        return encode(picture)[0]
