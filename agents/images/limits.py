"""What a picture may be before any of it is decoded. Each refusal is the end of a sentence that begins with the file's name."""

from io import BytesIO

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from agents.images.kinds import HEIC, JPEG, Kind
from state.images import to_size

MAX_BYTES = 30_000_000
MAX_FRAMES = 1_000
MAX_IMAGES = 10
"""In one message."""
MAX_BATCH = 50
"""In one that has each of them described by itself."""

DEEP_MEGAPIXELS = 18
"""HEIC of more than eight bits takes 15 bytes for each pixel, one with an alpha channel 12, what phones make 8."""
BUFFERED_MEGAPIXELS = 32
"""A JPEG in several scans, as progressive ones are, is held whole before it is scaled: up to 8 bytes for each pixel."""

WIDEST = 32_768
"""Pixels. Of a picture that is all width, what is scaled at once is most of it."""
MOST_SCANS = 100
"""A progressive JPEG has some ten. Each is a walk over the whole picture, and may be as short as 67 bytes of the file."""
LONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
"""Of a JPEG: no length follows them."""

MOST_READS = 1_000_000
"""Pillow walks from part to part of a file in Python: 29 MB of padding between two markers of a JPEG kept it busy for 20 seconds. The
longest animations of sound files take about 250,000 reads."""


class TooManyParts(Exception):
    """A file is made to keep its reader busy."""


class Pieces(BytesIO):
    """A file's bytes, to be read in a bearable number of pieces."""

    _reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads += 1
        if self._reads > MOST_READS:
            raise TooManyParts
        return super().read(size)


def complaint_of_file(data: bytes) -> str | None:
    """What speaks against a file, whatever it is."""
    if not data:
        return "it is empty."
    if len(data) > MAX_BYTES:
        return f"it is {to_size(len(data))}, and a picture takes up to {to_size(MAX_BYTES)}."
    return None


def complaint_of_header(picture: ImageFile, kind: Kind, data: bytes) -> str | None:
    """What speaks against a picture that was opened and not decoded."""
    pixels, (limit, like) = picture.width * picture.height, _megapixels(picture, kind, data)
    if pixels == 0:
        return "it has no pixels."
    if pixels > limit * 1_000_000:
        return f"it has {pixels / 1e6:,.1f} megapixels, more than the {limit} that are taken of {like}. Make it smaller, and send that."
    if max(picture.size) > WIDEST:
        return f"a side of it has {max(picture.size):,} pixels, more than the {WIDEST:,} that are taken. Cut it, and send the parts."
    if kind is JPEG and has_too_many_scans(data):
        return f"it is drawn in more than {MOST_SCANS} passes. Save it anew, and send that."
    if frames_of(picture) > MAX_FRAMES:
        return f"it has more than {MAX_FRAMES:,} frames. Take one of them, and send that."
    return None


def has_too_many_scans(data: bytes) -> bool:
    """Whether decoding a JPEG would take minutes. In what is drawn, the marker's two bytes do not occur."""
    return data.count(b"\xff\xda") > MOST_SCANS


def frames_of(picture: ImageFile) -> int:
    return int(getattr(picture, "n_frames", 1))


def _megapixels(picture: ImageFile, kind: Kind, data: bytes) -> tuple[int, str]:
    if kind is JPEG and isinstance(picture, JpegImageFile) and _is_buffered(picture, data):
        return BUFFERED_MEGAPIXELS, "progressive JPEG"
    if kind is HEIC and (picture.info.get("bit_depth", 8) > 8 or picture.has_transparency_data):
        return DEEP_MEGAPIXELS, "HEIC with deep colours or transparency"
    return kind.megapixels, kind.name


def _is_buffered(picture: JpegImageFile, data: bytes) -> bool:
    return bool(picture.info.get("progressive")) or _components_of_first_scan(data) < picture.layers


def _components_of_first_scan(data: bytes) -> int:
    """Walk from marker to marker to where the first scan begins, and read how many components it carries."""
    place = 2
    while place + 5 <= len(data):
        if data[place] != 0xFF or data[place + 1] in (0xFF, 0x00):
            place += 1
        elif data[place + 1] in LONE_MARKERS:
            place += 2
        elif data[place + 1] == 0xDA:
            return data[place + 4]
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return 0
