"""AutoGen's saved states without the pictures in them.

AutoGen saves an image as `{"data": "<base64>"}`, in an agent once for the whole conversation, in a team once for each agent and once
more for its manager, and all of it again in every snapshot. Ours hold `{"image": "<id>"}` in its place. AutoGen never sees that: a
state gets its pictures back as images that are not decoded (`with_images`), or as AutoGen writes them (`with_data`).
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from hashlib import sha256

from autogen_core.models import UserMessage
from pydantic import model_serializer

from agents.images.encoded import EncodedImage
from state.snapshots import Json, State

Load = Callable[[str], bytes]
"""Gives the bytes of a picture by its id."""


def with_references(state: State) -> tuple[State, Mapping[str, bytes]]:
    """Take the pictures out of a state. Gives them by their ids too: a tool or an agent may have made one that is not stored yet."""
    found: dict[str, bytes] = {}

    def refer(part: Json) -> Json:
        data = _picture(part)
        if data is None:
            return part
        id = sha256(data).hexdigest()
        found[id] = data
        return {"image": id}

    return _with_parts(state, refer), found


def with_images(state: State, load: Load) -> State:
    """Put the pictures back for `load_state()`: as images, which AutoGen takes as they are instead of decoding them."""
    return _with_parts(state, lambda part: EncodedImage(load(part["image"])) if _is_reference(part) else part)


def with_data(state: State, load: Load) -> State:
    """Put the pictures back for a file: exactly what AutoGen's `save_state()` gives."""
    return _with_parts(state, lambda part: {"data": EncodedImage(load(part["image"])).to_base64()} if _is_reference(part) else part)


class PromptWithImages(UserMessage):
    """A prompt as a state holds it that AutoGen did not write: it refers to its pictures."""

    images: tuple[str, ...]
    """Their ids."""

    @model_serializer
    def _referring(self) -> dict[str, Json]:
        parts = [self.content, *({"image": id} for id in self.images)]
        return {"content": parts, "source": self.source, "type": self.type}


def ids_in(state: State) -> set[str]:
    """The pictures a state refers to."""
    ids: set[str] = set()

    def note(part: Json) -> Json:
        if _is_reference(part):
            ids.add(part["image"])
        return part

    _with_parts(state, note)
    return ids


def _with_parts(state: State, replace: Callable[[Json], Json]) -> State:
    """A copy, with `replace` done to each part of a message's content, which is where AutoGen has images and nothing else so shaped."""
    return {key: _replaced(inner, replace) for key, inner in state.items()}


def _replaced(value: Json, replace: Callable[[Json], Json], *, is_part: bool = False) -> Json:
    if isinstance(value, Mapping):
        if is_part and (replaced := replace(value)) is not value:
            return replaced
        return {key: _content(inner, replace) if key == "content" else _replaced(inner, replace) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, replace) for inner in value]
    return value


def _content(value: Json, replace: Callable[[Json], Json]) -> Json:
    if isinstance(value, list):
        return [_replaced(part, replace, is_part=True) for part in value]
    return _replaced(value, replace)


def _is_reference(part: Json) -> bool:
    return part.keys() == {"image"} and isinstance(part["image"], str)


def _picture(part: Json) -> bytes | None:
    """The bytes of an image as AutoGen saves it, where they are a PNG or JPEG."""
    if part.keys() != {"data"} or not isinstance(part["data"], str):
        return None
    try:
        data = base64.b64decode(part["data"], validate=True)
    except binascii.Error:
        return None
    return data if data.startswith((b"\x89PNG", b"\xff\xd8\xff")) else None
