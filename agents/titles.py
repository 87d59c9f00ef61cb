"""Has models give conversations their titles."""

from agents.models.calls import Calls, cost_of
from agents.models.live_client import LiveClient
from agents.models.naming import find_title
from agents.runs import Surroundings, Turn
from state.descriptions import to_text
from state.events import AgentMessage, ImageDescribed


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
        shared = self._around.clients.client(turn.model, turn.store.user, use_cache=False)
        answer = await self._around.off_loop(lambda: _answer(turn))
        title = await find_title(LiveClient(shared, calls), turn.prompt.text, answer)
        cost = cost_of(calls.usage, turn.model.price)
        await self._around.off_loop(lambda: turn.store.suggest_title(turn.record, title, calls.usage, cost))
        await self._around.off_loop(
            lambda: self._around.shares.spend(turn.store.user, calls.usage.prompt_tokens + calls.usage.completion_tokens)
        )
        turn.feed.changed_beside()


def _answer(turn: Turn) -> str:
    events = [entry.event for entry in turn.store.entries_of(turn.record.conversation, turn.record.id)]
    texts = (event.text for event in events if isinstance(event, AgentMessage))
    return next(texts, "") or "\n".join(to_text(event) for event in events if isinstance(event, ImageDescribed))
