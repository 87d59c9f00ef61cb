"""A batch's table as files."""

import csv
import json
from io import StringIO

import pytest

from state.descriptions import COLUMNS, Row, to_csv, to_json, to_text
from state.events import ImageDescribed
from state.images import ImageReceipt, StoredImage

RECEIPT = ImageReceipt(format="PNG", size=9, width=1, height=1)
IMAGE = StoredImage(id="0" * 64, name="a.png", media_type="image/png", size=9, width=1, height=1, receipt=RECEIPT)
DONE = ImageDescribed(
    source="observer", image=IMAGE.id, name="a.png", title="Ä, “b”", alt_text="Two\nlines", description="D", tags=("x", "y")
)
FAILED = ImageDescribed(source="observer", image=IMAGE.id, name="a.png", error="No.")


def table(*rows: Row) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(to_csv(rows).removeprefix("\ufeff"), newline="")))


def test_a_table_reads_back_as_it_was() -> None:
    rows = [Row(IMAGE, DONE), Row(IMAGE, FAILED), Row(IMAGE, None)]
    first, second, third = json.loads(to_json(rows))

    assert first == {"picture": "a.png", "title": "Ä, “b”", "alt_text": "Two\nlines", "description": "D", "tags": ["x", "y"], "error": ""}
    assert (second["error"], third["error"]) == ("No.", "Not described.")
    assert [row.is_done for row in rows] == [True, False, False]
    assert table(*rows)[0] == {**first, "tags": "x, y"}
    assert tuple(table(*rows)[1]) == COLUMNS


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", '=HYPERLINK("http://evil.example")'])
def test_a_spreadsheet_runs_nothing_of_it(text: str) -> None:
    """Whatever a model wrote or a file is called."""
    row = Row(IMAGE.model_copy(update={"name": text}), DONE.model_copy(update={"title": text, "tags": (text,)}))
    (cells,) = table(row)

    assert cells["picture"] == cells["title"] == cells["tags"] == f"'{text}"


def test_spreadsheets_know_it_for_utf_8() -> None:
    assert to_csv([]).startswith("\ufeffpicture,")


def test_a_row_in_words() -> None:
    assert to_text(DONE) == "**a.png**: Ä, “b”\nD\nAlt text: Two\nlines\nTags: x, y"
    assert to_text(FAILED) == "**a.png**: not described. No."
