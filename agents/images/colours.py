"""Any mode a picture may have, brought to what a model's server expects: opaque sRGB, eight bits."""

from io import BytesIO

from PIL import Image, ImageCms

KEPT = ("L", "RGB", "CMYK")
"""Modes a colour profile may be about. All others become one of these first."""
DEEP = ("I", "I;16", "I;16L", "I;16B", "I;16N")

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def on_white(picture: Image.Image) -> tuple[Image.Image, bool]:
    """Bring a picture to one of the kept modes, on white, where models and people expect it. Says whether white shows through."""
    if picture.mode in DEEP:
        return picture.point(lambda level: level * (1 / 256)).convert("L"), False
    if picture.has_transparency_data:
        return _flattened(picture.convert("RGBA"))
    return picture if picture.mode in KEPT else picture.convert("L" if picture.mode == "1" else "RGB"), False


def _flattened(picture: Image.Image) -> tuple[Image.Image, bool]:
    if picture.getchannel("A").getextrema()[0] == 255:  # many have an alpha channel and do not use it
        return picture.convert("RGB"), False
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB"), True


def to_srgb(picture: Image.Image, profile: bytes | None) -> tuple[Image.Image, bool]:
    """Follow the profile, if there is one that can be followed. Says whether the colours were another space's."""
    if profile:
        try:
            return _converted(picture, profile)
        except (ImageCms.PyCMSError, OSError, ValueError):  # for another mode, or broken: its numbers as they are
            pass
    return picture.convert("RGB"), picture.mode == "CMYK"


def _converted(picture: Image.Image, profile: bytes) -> tuple[Image.Image, bool]:
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    if picture.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
        return picture, False
    converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
    return converted or picture.convert("RGB"), True
