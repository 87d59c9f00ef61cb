"""The modes there are, in the order people meet them."""

from agents.assistant import ASSISTANT
from agents.coding.mode import CODING
from agents.mode import Mode

MODES: tuple[Mode, ...] = (ASSISTANT, CODING)


def find_mode(key: str) -> Mode | None:
    """The mode of that key. A conversation may be of one that this version does not have."""
    return next((mode for mode in MODES if mode.key == key), None)
