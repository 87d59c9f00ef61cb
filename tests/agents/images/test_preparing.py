"""Files of every kind become pictures a model may get."""

from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from agents.images.limits import MAX_IMAGES
from agents.images.preparing import Upload, prepare, prepare_all
from tests.agents.images.pictures import CORNERS, corners, heic, is_like, opened, photo, saved, seen

FILES = {
    "PNG": saved(corners(), "PNG"),
    "JPEG": saved(corners(), "JPEG", quality=95, subsampling=0),
    "WebP": saved(corners(), "WEBP", lossless=True),
    "GIF": saved(corners(), "GIF"),
    "AVIF": saved(corners(), "AVIF", quality=95, subsampling="4:4:4"),
    "HEIC": heic(corners()),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_is_known_by_its_content(kind: str) -> None:
    """The name says something else, and nobody asks it."""
    data = FILES[kind]
    prepared = prepare(data, "notes.txt")

    assert (prepared.stored.receipt.format, prepared.stored.receipt.size) == (kind, len(data))
    assert (prepared.stored.receipt.width, prepared.stored.receipt.height) == (96, 64)
    assert is_like(seen(prepared.data), *CORNERS)
    assert prepared.stored.receipt.notes == ()


def test_what_is_stored_says_what_the_bytes_are() -> None:
    prepared = prepare(saved(photo(2000, 1000), "PNG"), "sea.png")
    stored, picture = prepared.stored, opened(prepared.data)

    assert stored.id == sha256(prepared.data).hexdigest()
    assert (stored.name, stored.media_type, stored.size) == ("sea.png", "image/jpeg", len(prepared.data))
    assert (stored.width, stored.height) == picture.size == (1568, 784)
    assert picture.format == "JPEG"


def test_the_same_file_gives_the_same_id() -> None:
    assert prepare(FILES["HEIC"], "one").stored.id == prepare(FILES["HEIC"], "two").stored.id


@pytest.mark.parametrize(("format", "kind"), [("GIF", "GIF"), ("WEBP", "WebP"), ("PNG", "PNG"), ("AVIF", "AVIF")])
def test_of_an_animation_the_first_frame_is_taken(format: str, kind: str) -> None:
    frames = [Image.new("RGB", corners().size, (shade, shade, shade)) for shade in (0, 80, 160)]
    prepared = prepare(saved(corners(), format, save_all=True, append_images=frames, quality=95), "moving")

    assert prepared.stored.receipt.format == kind
    assert prepared.stored.receipt.notes == ("first of 4 frames",)
    assert is_like(seen(prepared.data), *CORNERS, by=30)


def test_the_good_ones_of_a_message_go_along() -> None:
    """Each is told of before it is looked at."""
    uploads, told = [Upload("a.png", FILES["PNG"]), Upload("b.png", b"no picture"), Upload("c", FILES["GIF"])], list[int]()
    prepared, refused = prepare_all(uploads, on_each=told.append)

    assert told == [1, 2, 3]
    assert [image.stored.name for image in prepared] == ["a.png", "c"]
    assert [error.name for error in refused] == ["b.png"]


def test_a_message_takes_so_many() -> None:
    uploads = [Upload("empty.png", b""), *[Upload(f"{number}.png", FILES["PNG"]) for number in range(MAX_IMAGES + 2)]]
    prepared, refused = prepare_all(uploads)

    assert len(prepared) == MAX_IMAGES
    assert [str(error) for error in refused[1:]] == [
        "`10.png` was left out: a message takes up to 10 pictures. Send it with the next one.",
        "`11.png` was left out: a message takes up to 10 pictures. Send it with the next one.",
    ]


def test_a_refusal_lets_the_next_one_in() -> None:
    _, refused = prepare_all([Upload("broken.png", FILES["PNG"][:60])])
    read = Image.open(BytesIO(prepare(FILES["PNG"], "whole.png").data))

    assert refused
    assert read.size == (96, 64)
