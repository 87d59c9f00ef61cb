"""Pictures at the prompt box: taken in, kept when their prompt did not get away, and whether the model can see them."""

from collections.abc import Sequence

import streamlit as st

from agents.application import application
from agents.images.limits import MAX_BATCH, MAX_BYTES, MAX_IMAGES
from agents.images.preparing import PreparedImage, Upload, prepare_all
from agents.mode import Mode
from pages.ui.markdown import escaped
from pages.ui.options import chosen_options
from pages.ui.pictures import render_attached
from pages.ui.session import DESCRIBE_EACH, tab, wants_batch
from pages.ui.working import working
from state.conversations import Conversation
from state.events import UserMessage

FILE_TYPES = ["png", "jpg", "jpeg", "webp", "gif", "avif", "heic", "heif"]
"""What the browser offers to pick. What a file really is, its content tells."""
MAX_MEGABYTES = MAX_BYTES // 1_000_000
QUIET = 3
"""So many files are prepared before anyone wonders: a photo takes a tenth of a second."""
DESCRIBE = ("Describe this picture.", "Describe these pictures.")
"""What is asked about pictures that come without a word, about one and about several."""
DESCRIBE_ALL = "Describe each picture."


def can_see(conversation: Conversation | None) -> bool:
    """Whether the model that answers next takes pictures."""
    return bool(application().catalog.find(chosen_options(conversation).model).info["vision"])


def render_attachments(mode: Mode, conversation: Conversation | None) -> None:
    """Say above the prompt box what goes with the next prompt, or that nothing can."""
    if not mode.takes_images:
        return  # what another mode's page kept waits there
    if not can_see(conversation):
        model = application().catalog.find(chosen_options(conversation).model)
        st.caption(f":material/visibility_off: {escaped(model.name)} takes no pictures. {_how_to_send()}")
    if tab().attached:
        with st.container(horizontal=True, vertical_alignment="center", key="attached"):
            render_attached(tab().attached)
            st.button("Remove", key="detach", icon=":material/close:", type="tertiary", on_click=tab().attach)


def _how_to_send() -> str:
    can = any(model.info["vision"] for model in application().catalog.models)
    return "To send some, choose another model in the menu above the box." if can else "*Settings* says how to add a model that does."


def render_batch_switch(mode: Mode, conversation: Conversation | None) -> None:
    """Let the next prompt's pictures be described one by one, where the mode and the model do that."""
    if mode.describes_many and can_see(conversation):
        help = f"Up to {MAX_BATCH} pictures become a table of titles, alternative texts, descriptions and tags, to be downloaded."
        st.toggle("Describe each", key=DESCRIBE_EACH, help=help)


def take_in(uploads: Sequence[Upload]) -> tuple[list[PreparedImage], list[str]]:
    """Prepare what was attached, behind what is kept from before. Gives a sentence for each file that cannot go along too."""
    most = MAX_BATCH if wants_batch() else MAX_IMAGES
    of_all = f"of {len(uploads)} files …"
    with working(f"Preparing 1 {of_all}", is_long=len(uploads) > QUIET) as say:
        prepared, refused = prepare_all(
            uploads, most=most, room_after=len(tab().attached), on_each=lambda number: say(f"Preparing {number} {of_all}")
        )
    return [*tab().attached, *prepared], [str(error) for error in refused]


def to_message(text: str, pictures: Sequence[PreparedImage], left_out: Sequence[str]) -> UserMessage:
    is_batch = wants_batch() and bool(pictures)
    asked = text if text.strip() or not pictures else DESCRIBE_ALL if is_batch else DESCRIBE[len(pictures) > 1]
    stored = tuple({picture.stored.id: picture.stored for picture in pictures}.values())
    return UserMessage(text=asked, images=stored, left_out=tuple(left_out), is_batch=is_batch)
