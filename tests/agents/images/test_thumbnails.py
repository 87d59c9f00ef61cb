"""Small versions of prepared pictures."""

import pytest
from PIL import Image

from agents.images.encoded import media_type_of_bytes
from agents.images.preparing import prepare
from agents.images.thumbnails import LONGEST_SIDE, thumbnail
from tests.agents.images.pictures import CORNERS, corners, is_like, opened, photo, saved, seen


@pytest.mark.parametrize("picture", [corners(1500, 1000), photo(1500, 1000)])
def test_it_is_the_picture_and_small(picture: Image.Image) -> None:
    prepared = prepare(saved(picture, "PNG"), "x.png")
    small = thumbnail(prepared.data)

    assert max(opened(small).size) == LONGEST_SIDE
    assert len(small) < 30_000
    assert media_type_of_bytes(small) in {"image/png", "image/jpeg"}


def test_its_colours_are_the_picture_s() -> None:
    assert is_like(seen(thumbnail(prepare(saved(corners(1500, 1000), "PNG"), "x.png").data)), *CORNERS)


def test_a_small_picture_stays_as_small() -> None:
    assert opened(thumbnail(prepare(saved(corners(), "PNG"), "x.png").data)).size == (96, 64)
