"""Pictures at the prompt box: taken in, kept when their prompt did not get away, and whether the model can see them."""

from collections.abc import Sequence

import streamlit as st

from agents.application import application
from agents.images.limits import MAX_BYTES
from agents.images.preparing import PreparedImage, Upload, prepare_all
from agents.mode import Mode
from pages.ui.markdown import escaped
from pages.ui.options import chosen_options
from pages.ui.pictures import render_attached
from pages.ui.session import tab
from state.conversations import Conversation
from state.events import UserMessage

FILE_TYPES = ["png", "jpg", "jpeg", "webp", "gif", "avif", "heic", "heif"]
"""What the browser offers to pick. What a file really is, its content tells."""
MAX_MEGABYTES = MAX_BYTES // 1_000_000
DESCRIBE = ("Describe this picture.", "Describe these pictures.")
"""What is asked about pictures that come without a word, about one and about several."""


def can_see(conversation: Conversation | None) -> bool:
    """Whether the model that answers next takes pictures."""
    return bool(application().catalog.find(chosen_options(conversation).model).info["vision"])


def render_attachments(mode: Mode, conversation: Conversation | None) -> None:
    """Say above the prompt box what goes with the next prompt, or that nothing can."""
    if mode.takes_images and not can_see(conversation):
        model = application().catalog.find(chosen_options(conversation).model)
        st.caption(f":material/visibility_off: {escaped(model.name)} takes no pictures. To send some, pick another model at its name.")
    if tab().attached:
        with st.container(horizontal=True, vertical_alignment="center", key="attached"):
            render_attached(tab().attached)
            st.button("Remove", key="detach", icon=":material/close:", type="tertiary", on_click=tab().attach)


def take_in(uploads: Sequence[Upload]) -> tuple[list[PreparedImage], list[str]]:
    """Prepare what was attached, behind what is kept from before. Gives a sentence for each file that cannot go along too."""
    prepared, refused = prepare_all(uploads, room_after=len(tab().attached))
    return [*tab().attached, *prepared], [str(error) for error in refused]


def to_message(text: str, pictures: Sequence[PreparedImage], left_out: Sequence[str]) -> UserMessage:
    asked = text if text.strip() or not pictures else DESCRIBE[len(pictures) > 1]
    return UserMessage(text=asked, images=tuple(picture.stored for picture in pictures), left_out=tuple(left_out))
