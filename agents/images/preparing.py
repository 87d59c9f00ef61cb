"""Files turned into pictures a model may get. Takes processor time: never on the loop."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from PIL.Image import Image
from PIL.ImageFile import ImageFile

from agents.images.colours import to_srgb
from agents.images.encoding import encode
from agents.images.kinds import Kind, kind_of
from agents.images.limits import MAX_IMAGES, Pieces, TooManyParts, complaint_of_file, complaint_of_header, frames_of
from agents.images.metadata import exif_of, removed_from, turn_of
from agents.images.names import to_name
from agents.images.pixels import load_scaled
from state.errors import ImageRefused
from state.images import ImageReceipt, StoredImage

T = TypeVar("T")

_log = logging.getLogger(__name__)

_decoding = ThreadPoolExecutor(1, thread_name_prefix="pictures")
"""A picture may take up to 300 MB while it is decoded, so there is one at a time. And all in one thread: glibc keeps for each thread
what was freed in it, and ten threads that took turns held 2.3 GB."""


@dataclass(frozen=True)
class Upload:
    """A file as a person gave it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class PreparedImage:
    """A picture, and the very bytes that are stored and sent."""

    stored: StoredImage
    data: bytes


def prepare_all(
    uploads: Sequence[Upload], *, most: int = MAX_IMAGES, room_after: int = 0, on_each: Callable[[int], None] = lambda _number: None
) -> tuple[list[PreparedImage], list[ImageRefused]]:
    """Prepare a message's pictures, and say for each that cannot go along why. The message has `room_after` others already.

    `on_each` is told the number of each before it is prepared.
    """
    prepared: list[PreparedImage] = []
    refused: list[ImageRefused] = []
    for number, upload in enumerate(uploads, start=1):
        on_each(number)
        if room_after + len(prepared) >= most:
            refused.append(ImageRefused(to_name(upload.name), f"a message takes up to {most} pictures. Send it with the next one."))
            continue
        try:
            prepared.append(prepare(upload.data, upload.name))
        except ImageRefused as error:
            refused.append(error)
    return prepared, refused


def prepare(data: bytes, name: str) -> PreparedImage:
    """Make of a file what a model may get: small, upright, opaque, sRGB and without anything but pixels. Raises ImageRefused."""
    name = to_name(name)
    if complaint := complaint_of_file(data):
        raise ImageRefused(name, complaint)
    kind = kind_of(data)
    if kind is None:
        raise ImageRefused(name, "it is not a PNG, JPEG, WebP, GIF, AVIF or HEIC picture, whatever its name says.")
    try:
        return decoded(lambda: _prepared(data, name, kind))
    except (ImageRefused, MemoryError):
        raise
    except TooManyParts:
        raise ImageRefused(name, "it is made of far more parts than a picture needs. Save it anew, and send that.") from None
    except Exception as error:  # decoders meet what their authors never thought of, and raise whatever they happen to
        _log.info("a %s picture of %d bytes was refused: %s", kind.name, len(data), type(error).__name__)
        raise ImageRefused(name, f"it begins like {kind.name} and is damaged or incomplete.") from None


def decoded(work: Callable[[], T]) -> T:
    """Do what decodes a picture when no other is being decoded, and wait for it."""
    return _decoding.submit(work).result()


def _prepared(data: bytes, name: str, kind: Kind) -> PreparedImage:
    with kind.open(Pieces(data)) as picture:
        if complaint := complaint_of_header(picture, kind, data):
            raise ImageRefused(name, complaint)
        width, height = picture.size
        pixels, notes = _pixels(picture)
    encoded, media_type = encode(pixels)
    receipt = ImageReceipt(format=kind.name, size=len(data), width=width, height=height, notes=tuple(notes))
    stored = StoredImage(
        id=sha256(encoded).hexdigest(),
        name=name,
        media_type=media_type,
        size=len(encoded),
        width=pixels.width,
        height=pixels.height,
        receipt=receipt,
    )
    return PreparedImage(stored, encoded)


def _pixels(picture: ImageFile) -> tuple[Image, list[str]]:
    """The pixels and nothing else, and what was done to them."""
    exif, frames, profile = exif_of(picture), frames_of(picture), picture.info.get("icc_profile")
    turn, removed = turn_of(exif), removed_from(picture, exif)
    scaled, was_transparent = load_scaled(picture)
    coloured, had_other_colours = to_srgb(scaled, profile)
    coloured.info.clear()  # the encoders would take comments and profiles from there
    notes = {
        "turned upright": turn is not None,
        f"first of {frames:,} frames": frames > 1,
        "transparency put on white": was_transparent,
        "colours brought to sRGB": had_other_colours,
        removed: removed is not None,
    }
    return coloured if turn is None else coloured.transpose(turn), [note for note, holds in notes.items() if note and holds]
