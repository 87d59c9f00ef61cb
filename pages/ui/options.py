"""What can be chosen for a conversation: the model, and whether answers may come from the cache."""

import streamlit as st

from agents.application import application
from pages.ui.identity import current_user
from pages.ui.session import MODEL, USE_CACHE, picked_model, picked_use_cache, show_options, tab
from state.conversations import Conversation, Options
from state.errors import RoundtableError


def chosen_options(conversation: Conversation | None) -> Options:
    """What holds for a conversation's next prompt; for one not begun, what this tab has chosen."""
    return conversation.options if conversation else tab().options


def render_options(conversation: Conversation | None) -> None:
    """Pick the model and switch the cache, behind the name of the model in use."""
    options = chosen_options(conversation)
    catalog = application().catalog
    model = catalog.find(options.model)
    label = f"{model.name} · cache on" if options.use_cache else model.name
    with st.popover(label, icon=":material/tune:", key="options"):
        if options.model not in {None, model.name}:
            st.warning(f"{options.model} is no longer configured, so {model.name} answers.")
        show_options(model.name, use_cache=options.use_cache)
        st.selectbox("Model", [each.name for each in catalog.models], key=MODEL, on_change=_pick_model, args=(conversation,))
        st.caption(model.label)
        st.toggle("Answer from the cache where it can", key=USE_CACHE, on_change=_switch_cache, args=(conversation,))
        st.caption("The very same request then gets the same answer again, at once and without tokens.")


def _pick_model(conversation: Conversation | None) -> None:
    _save(conversation, model=picked_model())


def _switch_cache(conversation: Conversation | None) -> None:
    _save(conversation, use_cache=picked_use_cache())


def _save(conversation: Conversation | None, **change: str | bool) -> None:
    """Change one thing of what is saved now, not of what this tab drew: another may have changed the other since."""
    if conversation is None:
        tab().options = tab().options.model_copy(update=change)
        return
    store = application().store(current_user())
    try:
        store.set_options(conversation.id, store.conversation(conversation.id).options.model_copy(update=change))
    except RoundtableError as error:
        tab().notice = str(error)
