"""The files of a conversation's workspace: shown where that is safe, and to be downloaded."""

import csv
import io
from collections.abc import Sequence
from functools import partial

import streamlit as st

from agents.application import application
from agents.images.preparing import prepare
from pages.ui.identity import current_user
from pages.ui.markdown import escaped
from state.errors import RoundtableError
from state.events import CodeFile
from state.images import to_size
from state.workspaces import Workspace

PICTURES = (".png", ".jpg", ".jpeg")
"""What is shown as a picture. An SVG is a program, and a page too: they can only be downloaded."""
PICTURE_BYTES = 10_000_000
TABLES = (".csv", ".tsv")
PREVIEWED_BYTES = 100_000
PREVIEWED_ROWS = 20
PREVIEWED_COLUMNS = 20
CELL_CHARACTERS = 100
MOST_SHOWN = 20
"""How many files are drawn at one place."""
GONE = "It has been removed or changed into something else since."


def workspace_of(conversation: str) -> Workspace:
    return application().workspaces.of(current_user(), conversation)


def render_made(conversation: str, files: Sequence[CodeFile], key: str) -> None:
    """What code made or changed."""
    workspace = workspace_of(conversation)
    for number, file in enumerate(files[:MOST_SHOWN]):
        _render_preview(workspace, file.name, file.bytes)
        _render_download(workspace, file.name, file.bytes, f"{key}_{number}")
    if len(files) > MOST_SHOWN:
        st.caption(f"And {len(files) - MOST_SHOWN:,} more, under *Files*.")


def _render_preview(workspace: Workspace, name: str, size: int) -> None:
    suffix = f".{name.rpartition('.')[2].lower()}"
    try:
        if suffix in PICTURES and size <= PICTURE_BYTES:
            st.image(_picture(workspace.read(name), name))
        elif suffix in TABLES and size <= PICTURE_BYTES:
            st.dataframe(_table(workspace.read(name)), hide_index=True)
    except RoundtableError:
        st.caption(f"`{escaped(name)}` cannot be shown. {GONE}")


@st.cache_data(max_entries=100, show_spinner=False)
def _picture(data: bytes, name: str) -> bytes:
    """The pixels and nothing else. Raises ImageRefused for what is no picture or too large a one."""
    return prepare(data, name.rpartition("/")[2]).data


def _table(data: bytes) -> list[dict[str, str]]:
    """The first rows of a table, as text."""
    text = data[:PREVIEWED_BYTES].decode("utf-8-sig", "replace")
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    try:
        header, *body = [row[:PREVIEWED_COLUMNS] for row, _ in zip(rows, range(PREVIEWED_ROWS + 1), strict=False)]
    except (ValueError, csv.Error):
        return []
    names = [f"{name[:CELL_CHARACTERS]}{'' if header.index(name) == place else f' ({place + 1})'}" for place, name in enumerate(header)]
    return [{name: row[place][:CELL_CHARACTERS] if place < len(row) else "" for place, name in enumerate(names)} for row in body]


def _render_download(workspace: Workspace, name: str, size: int, key: str) -> None:
    """The bytes are read when they are wanted."""
    st.download_button(
        f"{escaped(name)} · {to_size(size)}",
        partial(_content, workspace, name),
        name.rpartition("/")[2],
        "application/octet-stream",
        key=f"file_{key}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def _content(workspace: Workspace, name: str) -> bytes:
    try:
        return workspace.read(name)
    except RoundtableError as error:
        return str(error).encode()
