"""What the person says while a run is at work, kept until whoever works takes it up."""

from collections.abc import Callable

from state.errors import ConversationBusy
from state.events import UserMessage


class Wishes:
    """One run's. It belongs to the loop."""

    def __init__(self) -> None:
        self._waiting: list[UserMessage] = []
        self._is_open = True
        self.on_new: Callable[[], None] = lambda: None
        """Called for each wish when it comes."""

    def add(self, wish: UserMessage) -> None:
        """Raises ConversationBusy when nobody will take it up any more."""
        if not self._is_open:
            raise ConversationBusy
        self._waiting.append(wish)
        self.on_new()

    def drop(self, wish: UserMessage) -> None:
        """Take one back that could not be saved."""
        if wish in self._waiting:
            self._waiting.remove(wish)

    def take(self) -> list[UserMessage]:
        """All that nobody has taken up yet."""
        taken, self._waiting = self._waiting, []
        return taken

    def close(self) -> bool:
        """Take no more of them. False when there is one to be taken up first."""
        self._is_open = bool(self._waiting)
        return not self._is_open
