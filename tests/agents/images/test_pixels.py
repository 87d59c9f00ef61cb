"""Pictures are made small, and look the same."""

import pytest
from PIL import Image, ImageChops, ImageStat

from agents.images.pixels import LONGEST_SIDE, scaled_size
from agents.images.preparing import prepare
from tests.agents.images.pictures import CORNERS, corners, is_like, opened, photo, saved, seen


@pytest.mark.parametrize(
    ("size", "expected"),
    [((4032, 3024), (1568, 1176)), ((3024, 4032), (1176, 1568)), ((1568, 10), (1568, 10)), ((20, 10), (20, 10)), ((9000, 1), (1568, 1))],
)
def test_the_longest_side_is_bounded_and_nothing_grows(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert scaled_size(size) == expected


@pytest.mark.parametrize(("width", "height"), [(1569, 1567), (2353, 5), (4703, 3001), (7, 4999), (1, 1), (5001, 1)])
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_odd_sizes_come_out_whole(width: int, height: int, format: str) -> None:
    prepared = prepare(saved(Image.new("RGB", (width, height), (10, 20, 200)), format, quality=95), "odd")
    picture = opened(prepared.data).convert("RGB")

    assert picture.size == scaled_size((width, height))
    assert max(picture.size) <= LONGEST_SIDE
    assert is_like([tuple(round(mean) for mean in ImageStat.Stat(picture).mean)], (10, 20, 200), by=6)
    assert ImageStat.Stat(picture).extrema[2][0] > 180  # no seam, no black rim


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_large_picture_keeps_its_corners(format: str) -> None:
    assert is_like(seen(prepare(saved(corners(4800, 2400), format, quality=90), "large").data), *CORNERS, by=30)


def test_strips_are_not_seen() -> None:
    """The picture is as if it had been scaled in one piece."""
    source = photo(5000, 3000)
    prepared = opened(prepare(saved(source, "PNG", compress_level=1), "photo.png").data)
    difference = ImageChops.difference(prepared, source.resize(prepared.size, Image.Resampling.LANCZOS, reducing_gap=2))

    assert max(ImageStat.Stat(difference).mean) < 3
