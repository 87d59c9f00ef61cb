"""The modes there are, in the order people meet them."""

from agents.assistant import ASSISTANT
from agents.mode import Mode

MODES: tuple[Mode, ...] = (ASSISTANT,)


def mode_of(key: str) -> Mode:
    return next(mode for mode in MODES if mode.key == key)
