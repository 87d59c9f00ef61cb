"""Pictures stand upright, and nothing but their pixels goes on."""

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from agents.images.metadata import TURNS
from agents.images.preparing import prepare
from tests.agents.images.pictures import CORNERS, corners, heic, is_like, opened, saved, seen

UNDONE = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What a camera does to the upright picture before it writes this orientation beside it."""


def oriented(orientation: int) -> tuple[Image.Image, Image.Exif]:
    exif, turn = Image.Exif(), UNDONE[orientation]
    exif[Base.Orientation] = orientation
    return corners() if turn is None else corners().transpose(turn), exif


def told() -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Make] = "Planted Camera"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
    return exif


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", UNDONE)
def test_every_orientation_ends_upright(orientation: int, format: str) -> None:
    picture, exif = oriented(orientation)
    prepared = prepare(saved(picture, format, exif=exif, quality=95), "turned")

    assert (prepared.stored.width, prepared.stored.height) == (96, 64)
    assert is_like(seen(prepared.data), *CORNERS, by=30)
    assert prepared.stored.receipt.notes == (("turned upright",) if orientation in TURNS else ())


@pytest.mark.parametrize("orientation", UNDONE)
def test_a_heic_is_not_turned_twice(orientation: int) -> None:
    """Its decoder has turned it already."""
    picture, exif = oriented(orientation)
    prepared = prepare(heic(picture, exif=exif.tobytes()), "turned.heic")

    assert (prepared.stored.width, prepared.stored.height) == (96, 64)
    assert is_like(seen(prepared.data), *CORNERS, by=30)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC"])
def test_location_and_camera_are_gone(format: str) -> None:
    data = heic(corners(), exif=told().tobytes()) if format == "HEIC" else saved(corners(), format, exif=told())
    prepared = prepare(data, "holiday")

    assert b"Planted" in data
    assert prepared.stored.receipt.notes == ("location and camera data removed",)
    assert b"Planted" not in prepared.data
    assert b"Exif" not in prepared.data
    assert IFD.GPSInfo not in opened(prepared.data).getexif()


def test_comments_and_texts_are_gone() -> None:
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", "<x>planted</x>")
    text.add_text("Author", "planted")
    files = [
        saved(corners(), "PNG", pnginfo=text),
        saved(corners(), "JPEG", comment=b"planted"),
        saved(corners(), "GIF", comment=b"planted"),
    ]

    for prepared in (prepare(data, "told") for data in files):
        assert prepared.stored.receipt.notes == ("camera data and comments removed",)
        assert b"planted" not in prepared.data


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data", "ignore:Truncated File Read")  # Pillow says so, and goes on
def test_a_broken_exif_is_none() -> None:
    data = saved(corners(), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff" + b"\x01" * 40)

    assert is_like(seen(prepare(data, "odd.jpg").data), *CORNERS, by=30)
