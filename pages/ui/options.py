"""What can be chosen for a conversation: the model, and whether answers may come from the cache."""

import streamlit as st

from agents.application import application
from pages.ui.identity import current_user
from pages.ui.session import MODEL, USE_CACHE, picked_options, show_options, tab
from state.conversations import Conversation, Options
from state.errors import RoundtableError


def chosen_options(conversation: Conversation | None) -> Options:
    """What holds for a conversation's next prompt; for one not begun, what this tab has chosen."""
    return conversation.options if conversation else tab().options


def render_options(conversation: Conversation | None) -> None:
    """A picker where there is more than one model, and the switch for the cache, behind the name of the model in use."""
    options = chosen_options(conversation)
    catalog = application().catalog
    model = catalog.find(options.model)
    label = f"{model.name} · cache on" if options.use_cache else model.name
    with st.popover(label, icon=":material/tune:", key="options"):
        show_options(model.name, use_cache=options.use_cache)
        st.selectbox("Model", [each.name for each in catalog.models], key=MODEL, on_change=_save, args=(conversation,))
        st.caption(model.label)
        st.toggle("Answer from the cache where it can", key=USE_CACHE, on_change=_save, args=(conversation,))
        st.caption("The very same request then gets the same answer again, at once and without tokens.")


def _save(conversation: Conversation | None) -> None:
    options = picked_options()
    tab().options = options
    if conversation is None:
        return
    try:
        application().store(current_user()).set_options(conversation.id, options)
    except RoundtableError as error:
        tab().notice = str(error)
