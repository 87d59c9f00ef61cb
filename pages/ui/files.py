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
from state.events import KeptFile
from state.file_history import FileHistory
from state.images import to_size

PICTURES = (".png", ".jpg", ".jpeg")
"""What is shown as a picture. An SVG is a program, and a page too: they can only be downloaded."""
TABLES = (".csv", ".tsv")
PREVIEWED_BYTES = 10_000_000
"""A larger file is not looked into."""
TABLE_BYTES = 100_000
PREVIEWED_ROWS = 20
PREVIEWED_COLUMNS = 20
CELL_CHARACTERS = 100
MOST_LISTED = 200
MOST_SHOWN = 20
"""How many files are drawn at one place."""


def files_of(conversation: str) -> FileHistory:
    return application().files.of(current_user(), conversation)


def render_made(conversation: str, files: Sequence[KeptFile], key: str) -> None:
    """What code made or changed."""
    history = files_of(conversation)
    for number, file in enumerate(files[:MOST_SHOWN]):
        _render_preview(history, file)
        _render_download(history, file, f"{key}_{number}")
    if len(files) > MOST_SHOWN:
        st.caption(f"And {len(files) - MOST_SHOWN:,} more, under *Files*.")


def render_files(conversation: str) -> None:
    """All files there are now; nothing where there are none."""
    history = files_of(conversation)
    files = history.workspace.files()
    if not files:
        return
    size = to_size(sum(file.bytes for file in files))
    with st.expander(f"Files ({len(files):,}, {size})", icon=":material/folder:"):
        for number, file in enumerate(files[:MOST_LISTED]):
            _render_download(history, KeptFile(name=file.name, bytes=file.bytes), f"now_{number}")
        if len(files) > MOST_LISTED:
            st.caption(f"And {len(files) - MOST_LISTED:,} more.")


def _render_preview(history: FileHistory, file: KeptFile) -> None:
    if file.bytes > PREVIEWED_BYTES:
        return
    try:
        if file.name.lower().endswith(PICTURES):
            st.image(_picture(history.content(file), file.name), alt=file.name)
        elif file.name.lower().endswith(TABLES):
            st.dataframe(_table(history.content(file)), hide_index=True)
    except RoundtableError as error:
        st.caption(f"Not shown: {error}")


@st.cache_data(max_entries=100, show_spinner=False)
def _picture(data: bytes, name: str) -> bytes:
    """The pixels and nothing else. Raises ImageRefused for what is no picture or too large a one."""
    return prepare(data, name.rpartition("/")[2]).data


def _table(data: bytes) -> list[dict[str, str]]:
    """The first rows of a table, as text."""
    text = data[:TABLE_BYTES].decode("utf-8-sig", "replace")
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    try:
        header, *body = [row[:PREVIEWED_COLUMNS] for row, _ in zip(rows, range(PREVIEWED_ROWS + 1), strict=False)]
    except (ValueError, csv.Error):
        return []
    names = [f"{name[:CELL_CHARACTERS]}{'' if header.index(name) == place else f' ({place + 1})'}" for place, name in enumerate(header)]
    return [{name: row[place][:CELL_CHARACTERS] if place < len(row) else "" for place, name in enumerate(names)} for row in body]


def _render_download(history: FileHistory, file: KeptFile, key: str) -> None:
    """The bytes are read when they are wanted."""
    st.download_button(
        f"{escaped(file.name)} · {to_size(file.bytes)}",
        partial(_content, history, file),
        file.name.rpartition("/")[2],
        "application/octet-stream",
        key=f"file_{key}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def _content(history: FileHistory, file: KeptFile) -> bytes:
    try:
        return history.content(file)
    except RoundtableError as error:
        return str(error).encode()
