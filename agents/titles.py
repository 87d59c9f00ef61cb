"""Has models give conversations their titles."""

import logging

from agents.models.calls import Calls, cost_of
from agents.models.live_client import LiveClient
from agents.models.naming import find_title
from agents.turn import Surroundings, Turn
from state.descriptions import to_text
from state.errors import StoreUnavailable
from state.events import AgentMessage, ImageDescribed, Usage

_log = logging.getLogger(__name__)


class Titles:
    """Asks after the first answer, beside all that goes on: nothing waits for a title. It belongs to the loop."""

    def __init__(self, around: Surroundings, *, is_on: bool) -> None:
        self._around = around
        self._is_on = is_on

    async def suggest(self, turn: Turn) -> None:
        """Ask the turn's model, keep what it says, and tell those who look at the conversation."""
        if not self._is_on or turn.record.parent is not None or turn.model.is_demo:
            return
        calls = Calls()
        shared = await self._around.clients.client(turn.model, turn.store.user, use_cache=False)
        answer = await self._around.off_loop(lambda: _answer(turn))
        title = await find_title(LiveClient(shared, calls), turn.prompt.text, answer)
        try:
            await self._around.off_loop(lambda: self._keep(turn, title, calls.usage))
        except StoreUnavailable as error:
            _log.warning("the title of conversation %s was not kept: %s", turn.record.conversation, error)
        turn.feed.changed_beside()

    def _keep(self, turn: Turn, title: str | None, usage: Usage) -> None:
        turn.store.suggest_title(turn.record, title, usage, cost_of(usage, turn.model.price))
        self._around.shares.spend(turn.store.user, usage.total)


def _answer(turn: Turn) -> str:
    events = [entry.event for entry in turn.store.entries_of(turn.record.conversation, turn.record.id)]
    texts = (event.text for event in events if isinstance(event, AgentMessage))
    return next(texts, "") or "\n".join(to_text(event) for event in events if isinstance(event, ImageDescribed))
