"""What can be chosen for a conversation: the model, the cache, instructions and tools."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from agents.application import application
from agents.mode import Mode
from agents.models.model import Model
from pages.ui.identity import current_user
from pages.ui.markdown import escaped
from pages.ui.notices import refusals_noticed
from pages.ui.opening import render_box
from pages.ui.session import (
    INSTRUCTIONS,
    MODEL,
    PRESET,
    USE_CACHE,
    picked_model,
    picked_permission,
    picked_use_cache,
    show_instructions,
    show_options,
    show_permission,
    tab,
    take_picked_preset,
    typed_in,
)
from state.conversations import Conversation, Options, Permission
from state.events import LONGEST_INSTRUCTIONS

PERMISSIONS = ("always", "ask", "never")
OWN = "Default instructions"


def chosen_options(conversation: Conversation | None) -> Options:
    """What holds for a conversation's next prompt; for one not begun, what this tab has chosen."""
    return conversation.options if conversation else tab().options


def render_options(mode: Mode, conversation: Conversation | None) -> None:
    """All that can be chosen, behind the name of the model in use and beside it. It holds from the next turn on.

    Nothing in a box that opens upwards opens itself: it would push what is there from under the pointer.
    """
    options = chosen_options(conversation)
    model = application().catalog.find(options.model)
    label = escaped(model.name) + (" · cache on" if options.use_cache else "")
    with st.popover(label, icon=":material/tune:", key="options"):  # filled always: with another label it is a new box, which is closed
        _render_model(mode, conversation, options, model)
    if mode.has_tools and model.info["function_calling"]:
        render_box("Tools", "tools", partial(_render_tools, conversation, options), icon=":material/build:")


def _render_model(mode: Mode, conversation: Conversation | None, options: Options, model: Model) -> None:
    if options.model and options.model != model.name:
        st.warning(f"{escaped(options.model)} is no longer configured, so {escaped(model.name)} answers.")
    show_options(model.name, use_cache=options.use_cache)
    names = [each.name for each in application().catalog.models]
    st.selectbox("Model", names, key=MODEL, on_change=_pick_model, args=(conversation,))
    st.caption(escaped(model.label))
    st.toggle("Use cached answers", key=USE_CACHE, on_change=_switch_cache, args=(conversation,))
    st.caption("An identical request gets its earlier answer at once, using no tokens.")
    if mode.presets:
        _render_instructions(mode, conversation, options)


def _render_instructions(mode: Mode, conversation: Conversation | None, options: Options) -> None:
    show_instructions(options.instructions)
    st.selectbox(
        "Instructions",
        [OWN, *mode.presets],
        index=None,
        key=PRESET,
        placeholder="Take one, or write your own below",
        on_change=_take_preset,
        args=(mode, conversation),
    )
    st.text_area(
        "Your instructions",
        key=INSTRUCTIONS,
        height=110,
        max_chars=LONGEST_INSTRUCTIONS,
        placeholder=f"Empty: {OWN.lower()}",
        label_visibility="collapsed",
        on_change=_write_instructions,
        args=(conversation,),
    )


def _render_tools(conversation: Conversation | None, options: Options) -> None:
    st.caption("*Always*: without asking. *Ask*: you are asked before each call. *Never*: hidden from the model.")
    for tool in application().toolbox.listing():
        key = f"tool_{tool.name}"
        show_permission(key, options.permissions.get(tool.name, tool.permission))
        st.segmented_control(
            f"{escaped(tool.title)} :small[:gray[{escaped(tool.summary)}]]",
            PERMISSIONS,
            key=key,
            format_func=str.capitalize,
            on_change=_permit,
            args=(conversation, tool.name, key),
        )


def _take_preset(mode: Mode, conversation: Conversation | None) -> None:
    if preset := take_picked_preset():
        _save(conversation, instructions=mode.presets.get(preset, ""))


def _write_instructions(conversation: Conversation | None) -> None:
    _save(conversation, instructions=typed_in(INSTRUCTIONS).strip())


def permit(conversation: Conversation | None, tool: str, permission: Permission) -> bool:
    """Save what holds for a tool from now on. False where that was refused, which the page says."""
    return _change(conversation, lambda saved: {"permissions": {**saved.permissions, tool: permission}})


def _permit(conversation: Conversation | None, tool: str, key: str) -> None:
    if (permission := picked_permission(key)) is not None:
        permit(conversation, tool, permission)


def _pick_model(conversation: Conversation | None) -> None:
    _save(conversation, model=picked_model())


def _switch_cache(conversation: Conversation | None) -> None:
    _save(conversation, use_cache=picked_use_cache())


def _save(conversation: Conversation | None, **change: object) -> None:
    _change(conversation, lambda _: change)


def _change(conversation: Conversation | None, change: Callable[[Options], Mapping[str, object]]) -> bool:
    """Change one thing of what is saved now, not of what this tab drew: another may have changed the other since."""
    if conversation is None:
        tab().options = tab().options.model_copy(update=change(tab().options))
        return True
    with refusals_noticed():
        store = application().store(current_user())
        options = store.conversation(conversation.id).options
        store.set_options(conversation.id, options.model_copy(update=change(options)))
        return True
    return False
