"""The table of a batch: a row for each picture, as pages show it and files hold it."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from state.events import ImageDescribed
from state.images import StoredImage

COLUMNS = ("picture", "title", "alt_text", "description", "tags", "error")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run, at the beginning of a cell. A quotation mark before it keeps it text."""


@dataclass(frozen=True)
class Row:
    """One picture of a batch."""

    image: StoredImage
    described: ImageDescribed | None
    """None as long as nothing has come about it."""

    @property
    def is_done(self) -> bool:
        return self.described is not None and not self.described.error


def to_text(described: ImageDescribed) -> str:
    """A row in a few lines, for transcripts and for a model."""
    if described.error:
        return f"**{described.name}**: not described. {described.error}"
    lines = [f"**{described.name}**: {described.title}", described.description, f"Alt text: {described.alt_text}"]
    return "\n".join([*lines, f"Tags: {', '.join(described.tags)}"] if described.tags else lines)


def to_csv(rows: Sequence[Row]) -> str:
    """A table for spreadsheets, which know UTF-8 by the mark at its beginning."""
    file = StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([_safe(str(value)) for value in _values(row)] for row in rows)
    return "\ufeff" + file.getvalue()


def to_json(rows: Sequence[Row]) -> str:
    return json.dumps([_fields(row) for row in rows], ensure_ascii=False, indent=2)


def _fields(row: Row) -> dict[str, object]:
    it = row.described or ImageDescribed(source="roundtable", image=row.image.id, name=row.image.name, error="Not described.")
    return dict(zip(COLUMNS, (row.image.name, it.title, it.alt_text, it.description, list(it.tags), it.error), strict=True))


def _values(row: Row) -> list[object]:
    return [", ".join(map(str, value)) if isinstance(value, list) else value for value in _fields(row).values()]


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
