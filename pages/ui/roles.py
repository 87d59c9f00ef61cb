"""The members of a team as a person wants them: read and changed, on or off."""

from functools import partial

import streamlit as st

from agents.application import application
from agents.mode import Mode, Speaker
from pages.ui.identity import current_user
from pages.ui.notices import refusals_noticed
from pages.ui.opening import render_box
from pages.ui.session import show_role, tab, typed_role
from state.conversations import Conversation, Options
from state.events import LONGEST_INSTRUCTIONS, RoleOption

FEWEST = 2
TOO_FEW = "Keep at least two members on: nobody speaks twice in a row."


def render_roles(mode: Mode, conversation: Conversation | None) -> None:
    """Behind a button: who is in the team, what each is told, and whether it takes part. It holds from the next prompt on."""
    options = conversation.options if conversation else tab().options
    render_box("Team", "roles", partial(_render_members, mode, conversation, options), icon=":material/groups:")


def _render_members(mode: Mode, conversation: Conversation | None, options: Options) -> None:
    st.caption("What each is told to be. Changes hold from your next prompt on.")
    roles = [options.roles.get(speaker.name, RoleOption()) for speaker in mode.speakers]
    pages = st.tabs([_to_label(speaker, role) for speaker, role in zip(mode.speakers, roles, strict=True)])
    for page, speaker, role in zip(pages, mode.speakers, roles, strict=True):
        with page:
            _render_role(mode, conversation, speaker, role)


def _to_label(speaker: Speaker, option: RoleOption) -> str:
    return f"{speaker.avatar} {speaker.title}{' · changed' if option.instructions else ''}{'' if option.is_on else ' · off'}"


def _render_role(mode: Mode, conversation: Conversation | None, speaker: Speaker, option: RoleOption) -> None:
    text_key, on_key = f"role_text_{speaker.name}", f"role_on_{speaker.name}"
    show_role(text_key, on_key, option.instructions or speaker.instructions, is_on=option.is_on)
    args = (mode, conversation, speaker.name)
    st.toggle("Takes part", key=on_key, on_change=_save, args=args)
    st.text_area("Instructions", key=text_key, max_chars=LONGEST_INSTRUCTIONS, height=160, on_change=_save, args=args)
    st.button("Reset", key=f"role_reset_{speaker.name}", icon=":material/undo:", on_click=_reset, args=args)


def _save(mode: Mode, conversation: Conversation | None, name: str) -> None:
    text, is_on = typed_role(f"role_text_{name}", f"role_on_{name}")
    own = mode.speaker(name).instructions
    _change(mode, conversation, name, RoleOption(instructions="" if text.strip() in {"", own} else text, is_on=is_on))


def _reset(mode: Mode, conversation: Conversation | None, name: str) -> None:
    _change(mode, conversation, name, RoleOption())


def _change(mode: Mode, conversation: Conversation | None, name: str, option: RoleOption) -> None:
    """Change one member in what is saved now, not in what this tab drew: another may have changed another since."""
    with refusals_noticed():
        store = application().store(current_user())
        options = store.conversation(conversation.id).options if conversation else tab().options
        roles = {**options.roles, name: option}
        if sum(roles.get(speaker.name, RoleOption()).is_on for speaker in mode.speakers) < FEWEST:
            tab().notice = TOO_FEW
            return
        changed = options.model_copy(update={"roles": {key: value for key, value in roles.items() if value != RoleOption()}})
        if conversation:
            store.set_options(conversation.id, changed)
        else:
            tab().options = changed
