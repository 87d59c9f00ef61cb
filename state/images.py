"""A picture as it is stored and shown: what the model gets, and what became of the file on its way there."""

from typing import Literal

from pydantic import Field

from state.values import Count, Value

MediaType = Literal["image/jpeg", "image/png"]
ImageFormat = Literal["PNG", "JPEG", "WebP", "GIF", "AVIF", "HEIC"]


class ImageReceipt(Value):
    """What came in, and what was changed or taken away."""

    format: ImageFormat
    """By content, whatever the name says."""
    size: Count
    """In bytes."""
    width: Count
    height: Count
    notes: tuple[str, ...] = ()
    """For example `turned upright` or `location and camera data removed`."""


class StoredImage(Value):
    """A prepared picture. Its bytes lie elsewhere, under its id."""

    id: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the bytes in hex: the same picture sent twice is stored once, and no id is a path."""
    name: str
    """The file's name for people to read, never a path to open."""
    media_type: MediaType
    size: Count
    """In bytes."""
    width: Count
    height: Count
    receipt: ImageReceipt


def to_line(image: StoredImage) -> str:
    """Say a picture's receipt in one line: `HEIC, 4,032 × 3,024, 2.1 MB → JPEG, 1,568 × 1,176, 310 kB · turned upright`."""
    came = _measures(image.receipt.format, image.receipt.width, image.receipt.height, image.receipt.size)
    sent = _measures(image.media_type.removeprefix("image/").upper(), image.width, image.height, image.size)
    return " · ".join((f"{came} → {sent}", *image.receipt.notes))


def to_size(size: int) -> str:
    """Bytes as people write them."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1_000))} kB"
    return f"{round(size / 1_000_000, 1):g} MB"


def _measures(format: str, width: int, height: int, size: int) -> str:
    return f"{format}, {width:,} × {height:,}, {to_size(size)}"
