"""A picture as the bytes every model's server takes: JPEG, or PNG where that is smaller."""

from io import BytesIO

from PIL.Image import Image
from PIL.Image import new as new_image

from state.images import MediaType

QUALITY = 85
BAND, EVERY = 8, 128
"""Rows: one band of so many in so many is what both are tried on."""


def encode(picture: Image) -> tuple[bytes, MediaType]:
    """Encode once. What is smaller is tried on a sixteenth of the picture: a photo takes ten times as long to become a PNG."""
    sample = _sample(picture)
    if len(_to_png(sample, effort=3)) <= len(_to_jpeg(sample)):
        return _to_png(picture), "image/png"
    return _to_jpeg(picture), "image/jpeg"


def _sample(picture: Image) -> Image:
    tops = range(0, picture.height, EVERY)
    if len(tops) == 1:
        return picture
    sample = new_image(picture.mode, (picture.width, BAND * len(tops)))
    for index, top in enumerate(tops):
        sample.paste(picture.crop((0, top, picture.width, top + BAND)), (0, index * BAND))
    return sample


def _to_png(picture: Image, *, effort: int = 6) -> bytes:
    return _saved(picture, format="PNG", compress_level=effort)


def _to_jpeg(picture: Image) -> bytes:
    return _saved(picture, format="JPEG", quality=QUALITY)


def _saved(picture: Image, **options: str | int) -> bytes:
    file = BytesIO()
    picture.save(file, **options)  # type: ignore[arg-type]  # of the plugin's own, which Pillow does not type
    return file.getvalue()
