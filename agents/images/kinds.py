"""The kinds of pictures we take, told by their first bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif.as_plugin import HeifImageFile

from state.images import ImageFormat


@dataclass(frozen=True)
class Kind:
    name: ImageFormat
    open: Callable[[BytesIO], ImageFile]
    """Read the header and no pixel. The plugin itself: `PIL.Image.open` would try all that are registered in the process."""
    megapixels: int
    """What is decoded within 300 MB. The decoders take, measured in bytes for each pixel at worst: PNG and GIF 4, JPEG 1 because it
    is scaled while decoding, HEIC 8, AVIF 13, WebP 16."""


PNG = Kind("PNG", PngImageFile, 50)
JPEG = Kind("JPEG", JpegImageFile, 100)
GIF = Kind("GIF", GifImageFile, 50)
WEBP = Kind("WebP", WebPImageFile, 15)
AVIF = Kind("AVIF", AvifImageFile, 16)
HEIC = Kind("HEIC", HeifImageFile, 25)

_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG, b"GIF87a": GIF, b"GIF89a": GIF}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}


def kind_of(data: bytes) -> Kind | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[4:8] == b"ftyp":
        return _by_brands(data[8 : min(int.from_bytes(data[:4]), 256)])
    return next((kind for beginning, kind in _BEGINNINGS.items() if data.startswith(beginning)), None)


def _by_brands(box: bytes) -> Kind | None:
    """The main brand, and after four bytes of its version those it is compatible with, of which `mif1` says nothing by itself."""
    brands = {box[:4], *(box[start : start + 4] for start in range(8, len(box), 4))}
    if brands & {b"avif", b"avis"}:
        return AVIF
    return HEIC if brands & _HEIC_BRANDS else None
