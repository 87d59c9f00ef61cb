"""A conversation to read: its heading and its turns, and one of a mode that this Roundtable does not have."""

import streamlit as st

from agents.modes import mode_to_read
from pages.ui.address import named_place
from pages.ui.downloads import render_downloads
from pages.ui.markdown import escaped
from pages.ui.session import tab
from pages.ui.taken import to_count, to_taken
from pages.ui.transcript import render_answer, render_prompt
from state.conversations import Conversation, Totals, Transcript
from state.errors import ModeMissing
from state.store import Store
from state.turns import to_turns


def render_heading(store: Store, conversation: Conversation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="heading"):
        st.markdown(f"**{escaped(conversation.title)}**  \n:small[:gray[{_taken(store.totals(conversation.id))}]]")
        render_downloads(store, conversation)


def shown_transcript(store: Store, id: str) -> Transcript:
    """As much of it as the page shows: its end, or all from the place on that the address names."""
    place = named_place()
    transcript = store.transcript(id, tab().events_shown(id), reaching=place)
    if place:
        tab().has_shown(id, len(transcript.entries))
    return transcript


def render_earlier(id: str, transcript: Transcript) -> None:
    """The way to what is before the part that is shown."""
    if transcript.has_earlier:
        st.button("Show earlier", key="show_earlier", on_click=tab().show_earlier, args=(id,), icon=":material/expand_less:")


def render_read_only(store: Store, conversation: Conversation) -> None:
    """A conversation that nobody can answer in: what was said, its files to take along, and where to go on instead."""
    render_heading(store, conversation)
    transcript = shown_transcript(store, conversation.id)
    render_earlier(conversation.id, transcript)
    mode = mode_to_read(conversation.mode, [entry.event for entry in transcript.entries])
    for turn in to_turns(transcript.entries):
        with st.container(key=f"turn_{turn.runs[0]}"):
            if turn.prompt is not None:
                render_prompt(turn.prompt, turn.runs[0], is_in_table=bool(turn.described))
            render_answer(mode, conversation.id, turn, turn.said, lambda: None)
    with st.bottom:
        st.info(str(ModeMissing(conversation.mode)), icon=":material/lock:")
        st.page_link("home.py", label="Start a new conversation", icon=":material/edit_square:", width="content")


def _taken(totals: Totals) -> str:
    return " · ".join(filter(None, [to_count(totals.turns, "turn"), to_taken(totals.usage, totals.cost), f"{totals.seconds:.0f} s"]))
