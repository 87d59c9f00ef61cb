"""The description of the conversation file, held to the code."""

import re
from typing import get_args

from pydantic import BaseModel

from state.conversations import Conversation, Options, RunRecord
from state.events import CodeResult, Event, KeptFile, RoleOption, SavedEvent, Usage
from state.exports import FORMAT, VERSION, ConversationFile
from state.imports import MAX_BYTES
from tests.server import ROOT

TEXT = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| `")]


def fields(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def first_cells(heading: str) -> set[str]:
    """The names in the first cells of the table with a heading."""
    table = TEXT.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_all_fields_of_the_file_are_described() -> None:
    assert first_cells("field") == fields(ConversationFile) | {"checksum"}
    assert first_cells("field of `conversation`") == fields(Conversation)
    assert first_cells("field of a run") == fields(RunRecord)
    assert fields(Options) <= set(re.findall(r"`(\w+)`", next(row for row in ROWS if row.startswith("| `options`"))))


def test_all_types_of_events_are_described() -> None:
    """With all their fields, and no others."""
    kinds = {kind.model_fields["type"].default: kind for kind in get_args(get_args(SavedEvent)[0])}
    described = {name: row for row in ROWS if (name := re.findall(r"`(\w+)`", row)[0]) in kinds}

    assert described.keys() == kinds.keys()
    for name, kind in kinds.items():
        own = fields(kind) - fields(Event) - {"type"}
        named = set(re.findall(r"`(\w+)`", described[name])) - {name, "null"}
        inner = fields(Usage) | fields(KeptFile) | fields(RoleOption) | set(get_args(CodeResult.model_fields["ended"].annotation))
        assert own <= named <= own | inner, name


def test_format_version_and_limit_are_those_of_the_code() -> None:
    assert f'`"{FORMAT}"`' in TEXT
    assert f"| `version` | `{VERSION}`;" in TEXT
    assert f"more than {MAX_BYTES // 1_000_000} MB" in TEXT
