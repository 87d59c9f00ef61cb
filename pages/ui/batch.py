"""A batch of pictures drawn as a table that fills, to be downloaded, with a row to be described again."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from pages.ui.pictures import render_table, to_shown
from pages.ui.session import triggered
from state.descriptions import Row, to_csv, to_json
from state.turns import Turn

WAITING = "…"
NOT_YET = "Not described."


def render_batch(turn: Turn, again: Callable[[str], None] | None) -> None:
    """Draw the table of a turn. `again` describes a picture anew by its id, where that can be done now."""
    rows, run = turn.rows, turn.runs[0]
    key = f"table_{run}"
    shown = [_shown(row, is_over=turn.ended is not None) for row in rows]
    render_table(shown, key, can_ask_again=again is not None, on_again=lambda: again(triggered(key, "again")) if again else None)
    _render_downloads(rows, run)


def render_progress(turn: Turn) -> None:
    """How far a batch is that is being worked at."""
    if turn.rows:
        done = sum(row.described is not None for row in turn.rows)
        st.progress(done / len(turn.rows), text=f"{done} of {len(turn.rows)} pictures described")


def _shown(row: Row, *, is_over: bool) -> dict[str, object]:
    it = row.described
    if it is None:
        return {**to_shown(row.image), "id": row.image.id, "error": NOT_YET if is_over else WAITING}
    texts = {"title": it.title, "alt_text": it.alt_text, "description": it.description, "tags": list(it.tags), "error": it.error}
    return {**to_shown(row.image), "id": row.image.id, **texts}


def _render_downloads(rows: Sequence[Row], run: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"table_downloads_{run}"):
        st.caption("Download the table", width="content")
        for label, export, extension, mime in (("CSV", to_csv, "csv", "text/csv"), ("JSON", to_json, "json", "application/json")):
            st.download_button(
                label,
                partial(export, rows),
                f"pictures.{extension}",
                mime,
                key=f"table_{extension}_{run}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
            )
