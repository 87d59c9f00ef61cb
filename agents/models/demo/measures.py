"""What can be measured in an image, with Pillow alone."""

import colorsys
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageStat

LOOKED_AT = 800
"""Longest side in pixels that is looked at; an image is reduced to it first."""

COLOURED = 96
"""Longest side in pixels that colours are counted on."""

_BROKEN = (OSError, ValueError, SyntaxError, TypeError, AttributeError, IndexError, struct.error, zlib.error, MemoryError)
"""What Pillow raises, lazily, for data that is no image or only half of one."""

_HUES = (
    (15, "red"),
    (42, "orange"),
    (68, "yellow"),
    (160, "green"),
    (188, "turquoise"),
    (255, "blue"),
    (310, "purple"),
    (335, "pink"),
    (360, "red"),
)


@dataclass(frozen=True)
class Measures:
    """Shares and levels go from 0 to 1."""

    width: int
    height: int
    colours: tuple[tuple[str, float], ...]
    """Names with their shares, the largest first."""
    brightness: float
    contrast: float
    """The standard deviation of the light, 0.5 at most."""
    sharpness: float | None
    """How much of what changes from pixel to pixel goes when it is blurred; nothing where nothing changes."""
    saturation: float
    kind: str
    """photo, text, graphic or plain."""
    transparent: float

    @property
    def orientation(self) -> str:
        if self.width == self.height:
            return "square"
        return "landscape" if self.width > self.height else "portrait"


def measure(image: Image.Image) -> Measures | None:
    """Measure an image, or nothing if it cannot be read."""
    try:
        return _measure(image)
    except (*_BROKEN, Image.DecompressionBombError):
        return None


def _measure(image: Image.Image) -> Measures | None:
    width, height = image.size
    if not width or not height:
        return None
    reduced, transparent = _flat(image)
    light = reduced.convert("L")
    spread = ImageStat.Stat(light)
    colours, most = _colours(reduced)
    return Measures(
        width=width,
        height=height,
        colours=colours,
        brightness=spread.mean[0] / 255,
        contrast=spread.stddev[0] / 255,
        sharpness=_sharpness(light),
        saturation=ImageStat.Stat(_small(reduced).convert("HSV").getchannel("S")).mean[0] / 255,
        kind=_kind(light, most, spread.stddev[0]),
        transparent=transparent,
    )


def _flat(image: Image.Image) -> tuple[Image.Image, float]:
    """Reduce an image and lay it on white; tell the share that was transparent."""
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    whole = image.convert("RGBA" if has_alpha else "RGB")
    reduced = whole.reduce(max(1, -(-max(whole.size) // LOOKED_AT)))
    if not has_alpha:
        return reduced, 0.0
    alpha = reduced.getchannel("A")
    white = Image.new("RGB", reduced.size, "white")
    white.paste(reduced, mask=alpha)
    return white, 1 - ImageStat.Stat(alpha).mean[0] / 255


def _small(image: Image.Image) -> Image.Image:
    """Thin an image out without mixing its colours."""
    longest = max(image.size)
    size = max(1, image.width * COLOURED // longest), max(1, image.height * COLOURED // longest)
    return image.resize(size, Image.Resampling.NEAREST)


def _colours(image: Image.Image) -> tuple[tuple[tuple[str, float], ...], float]:
    """Name the main colours; tell too what share the four most frequent shades have."""
    small = _small(image)
    quantised = small.quantize(16, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette = quantised.getpalette() or []
    counts = sorted(quantised.getcolors() or [], reverse=True)
    total = small.width * small.height
    shares: dict[str, float] = {}
    for count, index in counts:
        name = colour_name(*palette[3 * int(str(index)) : 3 * int(str(index)) + 3])
        shares[name] = shares.get(name, 0) + count / total
    main = sorted(shares.items(), key=lambda item: -item[1])[:4]
    return tuple(item for item in main if item[1] >= 0.04) or tuple(main[:1]), _most(small)


def _most(small: Image.Image) -> float:
    counts = sorted((count for count, _ in small.getcolors(COLOURED * COLOURED) or []), reverse=True)
    return sum(counts[:4]) / max(1, small.width * small.height)


def colour_name(red: int, green: int, blue: int) -> str:
    """Name a colour as people do."""
    hue, lightness, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    chroma = max(red, green, blue) - min(red, green, blue)
    if chroma < 28 or saturation < 0.1:
        return _grey(lightness)
    if lightness < 0.08:
        return "black"
    name = next(name for limit, name in _HUES if hue * 360 <= limit)
    if name in ("orange", "red", "yellow") and lightness < 0.4 and hue * 360 > 12:
        return "brown" if hue * 360 < 50 else "olive"
    if (name == "orange" and lightness > 0.75) or (name in ("orange", "yellow") and saturation < 0.6 and lightness > 0.6):
        return "beige"
    return _shade(name, lightness)


def _grey(lightness: float) -> str:
    return next(
        name
        for limit, name in ((0.1, "black"), (0.35, "dark grey"), (0.65, "grey"), (0.9, "light grey"), (1.1, "white"))
        if lightness <= limit
    )


def _shade(name: str, lightness: float) -> str:
    if lightness < 0.25:
        return f"dark {name}"
    if name == "red" and lightness > 0.7:
        return "pink"
    return f"light {name}" if lightness > 0.72 else name


def _sharpness(light: Image.Image) -> float | None:
    """Compare the steps between neighbours before and after a blur: an image that was blurred already loses little.

    After Crété-Roffet and others, The blur effect, SPIE 2007.
    """
    blurred = light.filter(ImageFilter.BoxBlur(2))
    lost = kept = 0.0
    for across, down in ((1, 0), (0, 1)):
        steps = _steps(light, across, down)
        kept += ImageStat.Stat(steps).sum[0]
        lost += ImageStat.Stat(ImageChops.subtract(steps, _steps(blurred, across, down))).sum[0]
    return lost / kept if kept > light.width * light.height * 0.02 else None


def _steps(light: Image.Image, across: int, down: int) -> Image.Image:
    box = (0, 0, max(1, light.width - across), max(1, light.height - down))
    return ImageChops.difference(light.crop(box), ImageChops.offset(light, -across, -down).crop(box))


def _kind(light: Image.Image, most: float, spread: float) -> str:
    if spread < 2:
        return "plain"
    if most > 0.55 and _is_written(light):
        return "text"
    return "graphic" if most > 0.5 else "photo"


def _is_written(light: Image.Image) -> bool:
    """Tell whether small dark marks cover a light ground, or the other way, with many changes along the lines."""
    darkest, lightest = light.getextrema()
    middle = (int(str(darkest)) + int(str(lightest))) // 2
    marks = light.point([255 * (level > middle) for level in range(256)])
    ink = ImageStat.Stat(marks).mean[0] / 255
    changes = ImageStat.Stat(_steps(marks, 1, 0)).mean[0] / 255
    return 0.01 < min(ink, 1 - ink) < 0.4 and changes > 0.02 and changes / min(ink, 1 - ink) > 0.15
