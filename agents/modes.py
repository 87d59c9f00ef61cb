"""The modes there are, in the order people meet them."""

from agents.assistant import ASSISTANT
from agents.coding.mode import CODING
from agents.images_mode import IMAGES
from agents.mode import Mode
from agents.travel.mode import TRAVEL

MODES: tuple[Mode, ...] = (ASSISTANT, IMAGES, TRAVEL, CODING)


def find_mode(key: str) -> Mode | None:
    """The mode of that key. A conversation may be of one that this version does not have."""
    return next((mode for mode in MODES if mode.key == key), None)
