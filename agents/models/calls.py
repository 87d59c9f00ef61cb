"""What one run's calls to models came to: tokens, answers from the cache, retries, and how the last one ended."""

from collections.abc import Awaitable, Callable, Sequence

from autogen_core import CancellationToken
from autogen_core.models import CreateResult, LLMMessage

from agents.context import estimated_tokens, tokens_of
from state.events import Taken, Usage
from state.settings import Price

CUT_OFF = {
    "length": "The answer was cut off at the model's length limit. Ask it to go on.",
    "content_filter": "The model's content filter cut the answer off. Put the prompt in other words and send it again.",
}


async def _at_once(_token: CancellationToken | None) -> None:
    """Nothing to wait for."""


class Calls:
    """Filled by the run's client as it works, read by the run. It belongs to the loop."""

    def __init__(
        self,
        say: Callable[[str], None] = lambda _note: None,
        permit: Callable[[CancellationToken | None], Awaitable[None]] = _at_once,
        before: Taken = Taken(),
    ) -> None:
        self._say = say
        self._permit = permit
        self.usage = before.usage
        self.is_estimated = False
        self.made = before.calls
        self.from_cache = 0
        self.error: Exception | None = None
        """What the last call failed with. AutoGen's teams wrap it into a text, so it is kept as it was."""
        self._finish_reason = ""

    async def permit(self, token: CancellationToken | None) -> None:
        """Wait until the next call may be made."""
        await self._permit(token)

    def succeeded(self, result: CreateResult) -> None:
        self.made += 1
        self.from_cache += bool(result.cached)
        self.error = None
        self._finish_reason = result.finish_reason
        if not result.cached:
            self.usage = self.usage.plus(Usage(prompt_tokens=result.usage.prompt_tokens, completion_tokens=result.usage.completion_tokens))

    def broken_off(self, messages: Sequence[LLMMessage], text: str) -> None:
        """Count a call that was ended before its end, which is paid for too, by an estimate."""
        prompt_tokens = sum(map(estimated_tokens, messages))
        self.is_estimated = True
        self.usage = self.usage.plus(Usage(prompt_tokens=prompt_tokens, completion_tokens=tokens_of(text) if text else 0))

    def failed(self, error: Exception) -> None:
        self.error = error

    def note(self, sentence: str) -> None:
        """Say what is being waited for; an empty sentence takes the last one back."""
        self._say(sentence)

    @property
    def remark(self) -> str:
        """A sentence when the last answer ended before its end."""
        return CUT_OFF.get(self._finish_reason, "")

    @property
    def all_from_cache(self) -> bool:
        return 0 < self.made == self.from_cache


def cost_of(usage: Usage, price: Price | None) -> float | None:
    """Money for tokens; None where no price is configured."""
    if price is None:
        return None
    return (usage.prompt_tokens * price.prompt + usage.completion_tokens * price.completion) / 1_000_000
