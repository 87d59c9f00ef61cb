"""A hostile file costs a sentence: no memory, no time, and none of the other pictures."""

import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from agents.images.limits import MAX_BYTES
from agents.images.preparing import prepare
from state.errors import ImageRefused
from tests.agents.images.pictures import corners, heic, photo, saved

NO_PICTURE = "it is not a PNG, JPEG, WebP, GIF, AVIF or HEIC picture, whatever its name says."
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


WIDE_GIF = b"GIF89a\xff\xff\xff\xff\x80\x00\x00" + bytes(6) + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;"


def too_large(megapixels: str, limit: int, kind: str) -> str:
    return f"it has {megapixels} megapixels, more than the {limit} that are taken of {kind}. Make it smaller, and send that."


def black(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *, rows: int, before: bytes = b"") -> bytes:
    """A PNG of one bit a pixel, all black, with as many rows as are said and not as its header says."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    pixels = zlib.compress(bytes((width + 7) // 8 + 1) * rows, 9)
    return b"\x89PNG\r\n\x1a\n" + header + before + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def with_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The JPEG, claiming another size."""
    frame = jpeg.index(b"\xff\xc0")
    return jpeg[: frame + 5] + struct.pack(">HH", height, width) + jpeg[frame + 9 :]


def in_scans(jpeg: bytes) -> bytes:
    """The JPEG, claiming that its first scan carries one component of three."""
    scan = jpeg.index(b"\xff\xda")
    return jpeg[: scan + 4] + b"\x01" + jpeg[scan + 5 :]


def frames(count: int) -> bytes:
    """A GIF of so many frames of one pixel, a few bytes each."""
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0" * count + b";"


def padded(jpeg: bytes) -> bytes:
    """The JPEG, with as much between its first two markers as fits."""
    return jpeg[:2] + b"\xff" * (MAX_BYTES - len(jpeg)) + jpeg[2:]


def behind_a_lone_marker(jpeg: bytes) -> bytes:
    """No length follows the marker: who takes the next two bytes for one walks past the first scan."""
    return jpeg[:2] + b"\xff\xd0" + jpeg[2:]


BUSY = "it is made of far more parts than a picture needs. Save it anew, and send that."
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (bytes, "it is empty."),
    "JPEG of many scans": (
        lambda: saved(corners(), "JPEG", progressive=True)[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 100,
        "it is drawn in more than 100 passes. Save it anew, and send that.",
    ),
    "all width": (
        lambda: png(32_769, 1, rows=1),
        "a side of it has 32,769 pixels, more than the 32,768 that are taken. Cut it, and send the parts.",
    ),
    "several scans behind a marker without a length": (
        lambda: behind_a_lone_marker(in_scans(with_size(saved(corners(), "JPEG"), 6000, 6000))),
        too_large("36.0", 32, "progressive JPEG"),
    ),
    "padded JPEG": (lambda: padded(saved(corners(), "JPEG")), BUSY),
    "JPEG of empty parts": (lambda: b"\xff\xd8" + b"\xff\xfe\x00\x02" * 7_000_000, BUSY),
    "PNG of empty chunks": (lambda: png(8, 8, rows=8, before=chunk(b"abCd", b"") * 2_000_000), BUSY),
    "GIF of empty comments": (lambda: WIDE_GIF[:13] + b"\x21\xfe\x01a\x00" * 5_000_000 + WIDE_GIF[13:], BUSY),
    "text": (lambda: b"just text", NO_PICTURE),
    "SVG": (lambda: SVG, NO_PICTURE),
    "XML": (lambda: b"<?xml version='1.0'?>" + SVG, NO_PICTURE),
    "BMP": (lambda: saved(corners(), "BMP"), NO_PICTURE),
    "TIFF": (lambda: saved(corners(), "TIFF"), NO_PICTURE),
    "PDF": (lambda: saved(corners(), "PDF"), NO_PICTURE),
    "film": (lambda: b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", NO_PICTURE),
    "sound": (lambda: b"RIFF\x24\x00\x00\x00WAVEfmt ", NO_PICTURE),
    "zeros": (lambda: bytes(MAX_BYTES), NO_PICTURE),
    "200 MB": (lambda: bytes(200_000_000), "it is 200 MB, and a picture takes up to 30 MB."),
    "bomb": (lambda: png(30_000, 30_000, rows=30_000), too_large("900.0", 50, "PNG")),
    "claimed size": (lambda: with_size(saved(corners(), "JPEG"), 65_500, 65_500), too_large("4,290.2", 100, "JPEG")),
    "progressive": (lambda: saved(black(6000, 6000), "JPEG", progressive=True), too_large("36.0", 32, "progressive JPEG")),
    "several scans": (lambda: in_scans(with_size(saved(corners(), "JPEG"), 6000, 6000)), too_large("36.0", 32, "progressive JPEG")),
    "WebP": (lambda: saved(black(8000, 3000), "WEBP", method=0), too_large("24.0", 15, "WebP")),
    "AVIF": (lambda: saved(black(5000, 4000), "AVIF", speed=10), too_large("20.0", 16, "AVIF")),
    "HEIC": (lambda: heic(black(5000, 4000, "RGBA"), quality=10), too_large("20.0", 18, "HEIC with deep colours or transparency")),
    "wide GIF": (lambda: WIDE_GIF, too_large("4,294.8", 50, "GIF")),
    "frames": (lambda: frames(1_001), "it has more than 1,000 frames. Take one of them, and send that."),
    "ten thousand frames": (lambda: frames(10_000), "it has more than 1,000 frames. Take one of them, and send that."),
    "million frames": (lambda: frames(1_000_000), BUSY),
    "no pixels": (lambda: png(0, 0, rows=0), "it begins like PNG and is damaged or incomplete."),
}


@pytest.mark.parametrize(("file", "reason"), REFUSED.values(), ids=REFUSED)
def test_each_has_its_sentence(file: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(ImageRefused) as refused:
        prepare(file(), "../../etc/`picture`.png")

    assert str(refused.value) == f"`’picture’.png` was left out: {reason}"


WHOLE = {
    "PNG": saved(photo(200, 200), "PNG"),
    "JPEG": saved(photo(200, 200), "JPEG"),
    "WebP": saved(photo(200, 200), "WEBP"),
    "GIF": saved(photo(200, 200), "GIF"),
    "AVIF": saved(photo(200, 200), "AVIF"),
    "HEIC": heic(photo(200, 200)),
}


@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.9])
@pytest.mark.parametrize("kind", WHOLE)
def test_a_truncated_file_is_said_to_be_incomplete(kind: str, part: float) -> None:
    data = WHOLE[kind]
    with pytest.raises(ImageRefused) as refused:
        prepare(data[: max(24, round(len(data) * part))], "cut")

    assert str(refused.value) == f"`cut` was left out: it begins like {kind} and is damaged or incomplete."


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow says of some that they are odd, and goes on
@pytest.mark.parametrize("kind", WHOLE)
def test_a_garbled_file_is_a_picture_or_a_sentence(kind: str) -> None:
    random, data, sentences = Random(7), WHOLE[kind], set[str]()
    for _ in range(40):
        garbled = bytearray(data)
        for _ in range(random.randint(1, 20)):
            garbled[random.randrange(12, len(data))] = random.randrange(256)
        try:
            prepare(bytes(garbled), "garbled")
        except ImageRefused as error:
            sentences.add(str(error).split(" ")[-1])

    assert sentences <= {"incomplete.", "that."}


def test_a_picture_at_the_limit_of_its_frames_is_taken() -> None:
    assert prepare(frames(1_000), "moving.gif").stored.receipt.notes == ("first of 1,000 frames",)


def grown(folder: Path, *files: bytes) -> int:
    """By how many bytes a process grows that prepares these files in as many threads."""
    paths = [folder / f"{number}.png" for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    ran = subprocess.run([sys.executable, "-m", "tests.agents.images.peak", *map(str, paths)], capture_output=True, text=True, check=True)
    return int(ran.stdout.splitlines()[-1])


HEAVY: dict[str, Callable[[], bytes]] = {
    "bomb": lambda: png(30_000, 30_000, rows=30_000),
    "bomb in a text": lambda: png(64, 64, rows=64, before=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000)))),
    "bomb in a profile": lambda: png(64, 64, rows=64, before=chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(200_000_000)))),
    "million frames": lambda: frames(1_000_000),
    "PNG": lambda: saved(black(7000, 7000, "RGBA"), "PNG", compress_level=1),
    "CMYK": lambda: saved(black(5600, 5600, "CMYK"), "JPEG", progressive=True, subsampling=0),
    "WebP": lambda: saved(black(3870, 3870, "RGBA"), "WEBP", lossless=True, method=0),
    "AVIF": lambda: saved(black(4000, 4000, "RGBA"), "AVIF", speed=10, subsampling="4:4:4"),
    "HEIC": lambda: heic(black(4200, 4200, "RGBA"), quality=10),
}
"""Bombs, and the heaviest that are taken of each kind."""


@pytest.mark.parametrize("file", HEAVY.values(), ids=HEAVY)
def test_no_file_takes_more_than_300_mb(tmp_path: Path, file: Callable[[], bytes]) -> None:
    assert grown(tmp_path, file()) < 300_000_000


def test_ten_at_once_take_no_more_than_one(tmp_path: Path) -> None:
    assert grown(tmp_path, *[HEAVY["PNG"]()] * 10) < 300_000_000
