"""A photo is sent as JPEG, a drawing as PNG."""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont

from agents.images.encoding import encode
from tests.agents.images.pictures import opened, photo


def page() -> Image.Image:
    picture = Image.new("RGB", (900, 1200), "white")
    for line in range(20, 1180, 24):
        ImageDraw.Draw(picture).text((30, line), "The quick brown fox jumps. " * 4, fill="black", font=ImageFont.load_default(18))
    return picture


@pytest.mark.parametrize(
    ("picture", "media_type"),
    [(photo(900, 600), "image/jpeg"), (page(), "image/png"), (Image.new("RGB", (900, 100), "red"), "image/png")],
    ids=["photo", "page", "plain"],
)
def test_the_smaller_one_is_taken(picture: Image.Image, media_type: str) -> None:
    other, format = BytesIO(), "PNG" if media_type == "image/jpeg" else "JPEG"
    picture.save(other, format)
    data, chosen = encode(picture)

    assert chosen == media_type
    assert len(data) < len(other.getvalue())
    assert opened(data).size == picture.size
