"""The modes there are, in the order people meet them."""

from collections.abc import Iterable

from agents.assistant import ASSISTANT
from agents.coding.mode import CODING
from agents.images_mode import IMAGES
from agents.mode import Mode, Speaker
from agents.performer import Materials, Performer
from agents.travel.mode import TRAVEL
from state.errors import ModeMissing
from state.events import AgentMessage, Event

MODES: tuple[Mode, ...] = (ASSISTANT, IMAGES, TRAVEL, CODING)


def find_mode(key: str) -> Mode | None:
    """The mode of that key. A conversation may be of one that this version does not have."""
    return next((mode for mode in MODES if mode.key == key), None)


def mode_to_read(key: str, said: Iterable[Event]) -> Mode:
    """The mode of that key or, where there is none, what stands for it: whoever spoke does so under the name they had."""
    if mode := find_mode(key):
        return mode
    names = dict.fromkeys(event.source for event in said if isinstance(event, AgentMessage))
    speakers = tuple(Speaker(name, name, "🤖") for name in names or [key])

    def refuse(_: Materials) -> Performer:
        raise ModeMissing(key)

    return Mode(key, key, ":material/lock:", "", (), "", speakers, refuse)
