"""Whatever colours a file is written in, the model gets opaque sRGB."""

from typing import Any

import pytest
from PIL import Image, ImageCms

from agents.images.preparing import prepare
from tests.agents.images.pictures import CORNERS, RED, YELLOW, corners, is_like, opened, saved, seen

WHITE = (255, 255, 255)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def swapped_profile() -> bytes:
    """An sRGB in which red and blue have changed places, and with another name: whoever follows it swaps them back."""
    places = {SRGB[at : at + 4]: at + 4 for at in range(132, 132 + 12 * SRGB[131], 12)}
    red, blue = (int.from_bytes(SRGB[places[tag] : places[tag] + 4]) for tag in (b"rXYZ", b"bXYZ"))
    profile = bytearray(SRGB)
    profile[red : red + 20], profile[blue : blue + 20] = SRGB[blue : blue + 20], SRGB[red : red + 20]
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def clear() -> Image.Image:
    """The right half is transparent, and black below."""
    picture = corners().convert("RGBA")
    picture.paste((0, 0, 0, 0), (48, 0, 96, 64))
    return picture


def palette(picture: Image.Image) -> Image.Image:
    indexed = picture.convert("RGB").quantize(8)
    indexed.info["transparency"] = indexed.getpixel((90, 5))
    return indexed


@pytest.mark.parametrize(
    ("picture", "format"),
    [(clear(), "PNG"), (clear(), "WEBP"), (clear(), "GIF"), (clear(), "AVIF"), (palette(clear()), "PNG"), (clear().convert("LA"), "PNG")],
    ids=["PNG", "WebP", "GIF", "AVIF", "palette", "grey"],
)
def test_what_is_transparent_is_white(picture: Image.Image, format: str) -> None:
    prepared = prepare(saved(picture, format), "logo")

    assert is_like([seen(prepared.data)[1], seen(prepared.data)[3]], WHITE, WHITE)
    assert not is_like([seen(prepared.data)[0]], WHITE)
    assert prepared.stored.receipt.notes == ("transparency put on white",)


def test_an_alpha_channel_nobody_uses_is_not_mentioned() -> None:
    assert prepare(saved(corners().convert("RGBA"), "PNG"), "opaque.png").stored.receipt.notes == ()


def test_half_transparent_is_half_white() -> None:
    picture = Image.new("RGBA", (50, 50), (0, 0, 0, 128))

    assert is_like(seen(prepare(saved(picture, "PNG"), "veil.png").data), *[(127, 127, 127)] * 4)


def test_one_colour_of_an_rgb_png_may_be_transparent() -> None:
    prepared = prepare(saved(corners(), "PNG", transparency=RED), "keyed.png")

    assert is_like(seen(prepared.data), WHITE, *CORNERS[1:])


def test_cmyk_becomes_rgb() -> None:
    """The file is as an office's printer writes it: inverted, and marked by Adobe."""
    prepared = prepare(saved(corners().convert("CMYK"), "JPEG", quality=95), "print.jpg")

    assert is_like(seen(prepared.data), *CORNERS, by=30)
    assert prepared.stored.receipt.notes == ("colours brought to sRGB",)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_a_colour_profile_is_followed_and_left_out(format: str) -> None:
    prepared = prepare(saved(corners(), format, icc_profile=swapped_profile(), quality=95), "wide")

    assert is_like(seen(prepared.data)[:1], RED[::-1], by=40)
    assert prepared.stored.receipt.notes == ("colours brought to sRGB",)
    assert "icc_profile" not in opened(prepared.data).info


@pytest.mark.parametrize("profile", [SRGB, LAB, b"no profile"], ids=["sRGB", "of another mode", "broken"])
def test_a_profile_that_says_nothing_changes_nothing(profile: bytes) -> None:
    prepared = prepare(saved(corners(), "PNG", icc_profile=profile), "plain.png")

    assert is_like(seen(prepared.data), *CORNERS)
    assert prepared.stored.receipt.notes == ()
    assert "icc_profile" not in opened(prepared.data).info


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "I;16"])
def test_every_mode_of_a_png_is_read(mode: str) -> None:
    """Sixteen bits are scaled, where Pillow alone would make everything white."""
    grey = corners().convert("L")
    picture = grey.convert("I").point(lambda level: level * 256).convert("I;16") if mode == "I;16" else corners().convert(mode)
    expected: list[Any] = [(level, level, level) for level in map(grey.getpixel, ((4, 4), (90, 4), (4, 60), (90, 60)))]
    prepared = prepare(saved(picture, "PNG"), "mode.png")

    assert opened(prepared.data).mode == "RGB"
    if mode in ("L", "I;16"):
        assert is_like(seen(prepared.data), *expected)
    elif mode != "1":
        assert is_like(seen(prepared.data)[3:], YELLOW, by=40)
