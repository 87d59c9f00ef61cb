"""What a file says beside its pixels: which way is up, and what nobody else needs to know."""

from contextlib import suppress

from PIL.ExifTags import IFD, Base
from PIL.Image import Exif, Image, Transpose

TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""By EXIF's orientation. HEIC has its own, which its decoder follows."""


def exif_of(picture: Image) -> Exif:
    """The file's EXIF. A broken one is none: the pixels are what counts."""
    with suppress(Exception):  # it is parsed by hand, from bytes anybody may have written
        return picture.getexif()
    return Exif()


def turn_of(exif: Exif) -> Transpose | None:
    return TURNS.get(exif.get(Base.Orientation, 1))


def removed_from(picture: Image, exif: Exif) -> str | None:
    """Say what is lost because only pixels go on, if anything is."""
    if IFD.GPSInfo in exif:
        return "location and camera data removed"
    if set(exif) - {Base.Orientation} or picture.info.keys() & {"xmp", "photoshop", "comment", "XML:com.adobe.xmp"}:
        return "camera data and comments removed"
    return None
