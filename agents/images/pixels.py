"""A picture's pixels: as many as a model looks at, in little memory."""

from collections.abc import Iterator

from PIL.Image import Image, Resampling
from PIL.Image import new as new_image
from PIL.ImageFile import ImageFile

from agents.images.colours import on_white

LONGEST_SIDE = 1_568
"""Anthropic scales down what is longer, and OpenAI looks at no more than 2,048 × 768; more would only cost."""
STRIP_PIXELS = 1_000_000


def load_scaled(picture: ImageFile) -> tuple[Image, bool]:
    """Decode a picture, opaque and at most `LONGEST_SIDE` long, and say whether it was transparent.

    A JPEG is scaled while it is decoded. All others are brought near their size by averaging whole pixels, strip by strip, so that
    beside the decoded picture there is never a second one of its size: a 50-megapixel PNG takes 200 MB already.
    """
    size = scaled_size(picture.size)
    picture.draft(None, size)
    picture.load()
    factor = max(1, max(picture.size) * 2 // (LONGEST_SIDE * 3))  # leaves half as much again to the better filter
    canvas = new_image(on_white(picture.crop((0, 0, 1, 1)))[0].mode, (-(-picture.width // factor), -(-picture.height // factor)))
    transparent, top = False, 0
    for strip in _strips(picture, factor):
        opaque, shows_white = on_white(strip)
        canvas.paste(opaque.reduce(factor), (0, top // factor))
        transparent, top = transparent or shows_white, top + strip.height
    return canvas.resize(size, Resampling.LANCZOS), transparent


def scaled_size(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, LONGEST_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _strips(picture: Image, factor: int) -> Iterator[Image]:
    """Cut in strips whose height is a multiple of `factor`, so that the cuts are not seen."""
    height = max(1, STRIP_PIXELS // (picture.width * factor)) * factor
    for top in range(0, picture.height, height):
        yield picture.crop((0, top, picture.width, min(top + height, picture.height)))
