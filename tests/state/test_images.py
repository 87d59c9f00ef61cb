"""A stored picture is a value, and says what became of the file."""

import pytest
from pydantic import ValidationError

from state.images import ImageReceipt, StoredImage, to_line, to_size

RECEIPT = ImageReceipt(format="HEIC", size=2_140_000, width=4032, height=3024, notes=("turned upright", "location and camera data removed"))
STORED = StoredImage(id="0a" * 32, name="sea.heic", media_type="image/jpeg", size=310_400, width=1176, height=1568, receipt=RECEIPT)


def test_a_picture_is_the_same_after_a_round_trip() -> None:
    assert StoredImage.model_validate_json(STORED.model_dump_json()) == STORED


def test_the_receipt_is_one_line() -> None:
    line = "HEIC, 4,032 × 3,024, 2.1 MB → JPEG, 1,176 × 1,568, 310 kB · turned upright · location and camera data removed"

    assert to_line(STORED) == line


@pytest.mark.parametrize("id", ["", "../../etc/passwd", "0a" * 31, "0A" * 32, "0a" * 32 + "\n"])
def test_an_id_is_never_a_path(id: str) -> None:
    with pytest.raises(ValidationError):
        StoredImage.model_validate(STORED.model_dump() | {"id": id})


@pytest.mark.parametrize(
    ("size", "said"), [(1, "1 kB"), (999_400, "999 kB"), (1_000_000, "1 MB"), (2_140_000, "2.1 MB"), (30_000_000, "30 MB")]
)
def test_sizes_are_written_as_people_do(size: int, said: str) -> None:
    assert to_size(size) == said
