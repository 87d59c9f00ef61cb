"""Taking a conversation file in: shown first, taken when that is confirmed."""

import streamlit as st

from agents.application import application
from agents.imports import read_import
from agents.modes import find_mode
from pages.ui.identity import current_user
from pages.ui.link import render_link
from pages.ui.markdown import escaped
from pages.ui.moments import here
from pages.ui.notices import refusals_noticed
from pages.ui.session import IMPORT_FILE, dropped_file, tab
from pages.ui.taken import to_count
from pages.ui.working import working
from state.errors import ConversationNotFound, RoundtableError
from state.events import AgentMessage, UserMessage
from state.exports import ConversationFile
from state.imports import MAX_BYTES

FIRST_WORDS = 200
LONG_BYTES, LONG_EVENTS = 1_000_000, 500
"""What takes longer than a glance."""


def render_import() -> None:
    with st.expander("Import a conversation", icon=":material/upload_file:"):
        uploaded = st.file_uploader(
            "A file saved with Download, Conversation at the top of a conversation",
            type=["json"],
            key=IMPORT_FILE,
            max_upload_size=min(MAX_BYTES // 1_000_000, application().settings.upload_megabytes),
            on_change=_read,
        )
        if uploaded is None:
            tab().importing = None  # a page that was left and opened again has an empty box
        match tab().importing:
            case ConversationFile() as file:
                _render_preview(file)
                st.button("Import it", key="import_confirm", type="primary", icon=":material/check:", on_click=_take_in, args=(file,))
                _render_result()
            case RoundtableError() as error:
                st.error(str(error), icon=":material/block:")


def _read() -> None:
    """A callback: the file is read and checked once, as a long one takes a second, and not with each rerun."""
    tab().imported, data = "", dropped_file()
    try:
        with working("Reading the file …", is_long=len(data or b"") > LONG_BYTES):
            tab().importing = None if data is None else read_import(data)
    except RoundtableError as error:
        tab().importing = error


def _render_preview(file: ConversationFile) -> None:
    mode = find_mode(file.conversation.mode)
    said = [entry.event for entry in file.events if isinstance(entry.event, UserMessage | AgentMessage)]
    parts = [
        mode.title if mode else "",
        f"{to_count(len(file.runs), 'turn')}, {to_count(len(said), 'message')}",
        f"exported {here(file.exported):%Y-%m-%d %H:%M}",
    ]
    st.markdown(f"**{escaped(file.conversation.title)}**  \n{' · '.join(parts)}")
    if said:
        st.text(said[0].text[:FIRST_WORDS] + ("…" if len(said[0].text) > FIRST_WORDS else ""))
    if file.conversation.options.instructions:
        st.caption("It brings these instructions for its agents along:")
        st.text(file.conversation.options.instructions)
    st.caption("It is imported as a new conversation. What its agents remember is made from what is said in it, and nothing in it is run.")


def _take_in(file: ConversationFile) -> None:
    with refusals_noticed(), working("Importing the conversation …", is_long=len(file.events) > LONG_EVENTS):
        tab().imported = application().runner.take_in(application().store(current_user()), file)


def _render_result() -> None:
    if not tab().imported:
        return
    try:
        conversation = application().store(current_user()).conversation(tab().imported)
    except ConversationNotFound:  # deleted since, perhaps in the list below
        return
    st.success("It was imported. Importing it again makes another copy.", icon=":material/check_circle:")
    render_link(conversation)
