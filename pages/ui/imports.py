"""Taking a conversation file in: shown first, taken when that is confirmed."""

import streamlit as st

from agents.application import application
from agents.imports import read_import, take_in
from agents.modes import find_mode
from pages.ui.identity import current_user
from pages.ui.link import render_link
from pages.ui.markdown import escaped
from pages.ui.moments import here
from pages.ui.session import tab
from pages.ui.taken import to_count
from state.errors import RoundtableError
from state.events import AgentMessage, UserMessage
from state.exports import ConversationFile
from state.imports import MAX_BYTES

FIRST_WORDS = 200


def render_import() -> None:
    with st.expander("Import a conversation", icon=":material/upload_file:"):
        uploaded = st.file_uploader(
            "A conversation file, as the button Conversation at the top of each gives it",
            type=["json"],
            key="import_file",
            max_upload_size=min(MAX_BYTES // 1_000_000, application().settings.upload_megabytes),
            on_change=tab().forget_import,
        )
        if uploaded is None:
            return
        try:
            file = read_import(uploaded.getvalue())
        except RoundtableError as error:
            st.error(str(error), icon=":material/block:")
            return
        _render_preview(file)
        st.button("Import it", key="import_confirm", type="primary", icon=":material/check:", on_click=_take_in, args=(file,))
        _render_result()


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
    st.caption("It becomes a new conversation of yours. What its agents remember is made from what is said in it, and nothing in it runs.")


def _take_in(file: ConversationFile) -> None:
    try:
        tab().imported = take_in(application().store(current_user()), application().files, file)
    except RoundtableError as error:
        tab().notice = str(error)


def _render_result() -> None:
    if tab().imported:
        st.success("It was imported. Importing it again makes another copy.", icon=":material/check_circle:")
        render_link(application().store(current_user()).conversation(tab().imported), is_live=False)
