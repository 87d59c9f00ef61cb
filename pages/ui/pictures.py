"""Pictures drawn: small ones side by side, each with its receipt, and full size on a click."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from agents.images.encoded import media_type_of_bytes
from agents.images.preparing import PreparedImage
from agents.images.thumbnails import thumbnail
from pages.ui.identity import current_user
from pages.ui.told import told
from pages.web.images import address
from pages.web.parts import part
from pages.web.readers import sign_in_of
from state.images import StoredImage, to_line

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "roundtable_pictures",
    html='<div class="pictures"></div>',
    js=part(HERE / "pictures.js"),
    isolate_styles=False,
)


def render_pictures(pictures: Sequence[StoredImage], key: str) -> None:
    """Draw stored pictures. The browser fetches them beside the page, so a rerun carries their addresses only."""
    _component(key=key, data=told(pictures=[to_shown(picture) for picture in pictures]))


def render_attached(pictures: Sequence[PreparedImage]) -> None:
    """Draw pictures that are not stored yet."""
    shown = [
        {"small": _inline(thumbnail(picture.data)), "full": _inline(picture.data), "name": picture.stored.name, "line": ""}
        for picture in pictures
    ]
    _component(key="attached_pictures", data=told(pictures=shown))


def render_table(rows: Sequence[Mapping[str, object]], key: str, *, can_ask_again: bool, on_again: Callable[[], None]) -> None:
    """Draw a row for each picture. A row's button says the picture's id as `again`."""
    _component(key=key, data=told(rows=rows, can_ask_again=can_ask_again), on_again_change=on_again)


def to_shown(picture: StoredImage) -> dict[str, str]:
    """What the browser needs to draw a stored picture."""
    user, sign_in = current_user(), sign_in_of(st.context.cookies)
    return {
        "small": address(user, picture.id, sign_in, is_small=True),
        "full": address(user, picture.id, sign_in),
        "name": picture.name,
        "line": to_line(picture),
    }


def _inline(data: bytes) -> str:
    return f"data:{media_type_of_bytes(data)};base64,{b64encode(data).decode('ascii')}"
