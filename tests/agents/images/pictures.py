"""Pictures for tests: four corners of known colours, and files of every kind made from them."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw
from pillow_heif import HeifFile, from_pillow

RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 30), (30, 30, 200), (220, 210, 40)
CORNERS = (RED, GREEN, BLUE, YELLOW)
"""Top left, top right, bottom left, bottom right."""


def corners(width: int = 96, height: int = 64) -> Image.Image:
    picture = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(picture)
    boxes = [(0, 0), (width // 2, 0), (0, height // 2), (width // 2, height // 2)]
    for (left, top), colour in zip(boxes, CORNERS, strict=True):
        pen.rectangle((left, top, left + width // 2 - 1, top + height // 2 - 1), fill=colour)
    return picture


def photo(width: int, height: int) -> Image.Image:
    """Many shades and some noise, as a camera gives."""
    noise = Image.effect_noise((width, height), 20)
    shades = [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90)]
    return Image.blend(
        Image.merge("RGB", [band.resize((width, height)) for band in shades]), Image.merge("RGB", (noise, noise, noise)), 0.3
    )


def saved(picture: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def heic(picture: Image.Image, **options: Any) -> bytes:
    file, made = BytesIO(), from_pillow(picture)
    assert isinstance(made, HeifFile)
    made.save(file, **{"quality": -1, "chroma": 444, "enc_params": {"preset": "ultrafast"}} | options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def seen(data: bytes) -> list[tuple[int, ...]]:
    """The colours in the four corners, as `CORNERS` names them."""
    picture = opened(data).convert("RGB")
    right, bottom = picture.width - 5, picture.height - 5
    colours = [picture.getpixel(place) for place in ((4, 4), (right, 4), (4, bottom), (right, bottom))]
    return [colour for colour in colours if isinstance(colour, tuple)]


def is_like(seen: list[tuple[int, ...]], *expected: tuple[int, ...], by: int = 12) -> bool:
    """Whether colours are these, but for what JPEG and colour spaces round off."""
    return all(abs(a - b) <= by for one, other in zip(seen, expected, strict=True) for a, b in zip(one, other, strict=True))


def turned(picture: Image.Image) -> bytes:
    """A JPEG as a phone held on its side gives: with EXIF that says so, and where it was."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned right by 90°
    exif[0x010F] = "Planted Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    return saved(picture.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)
