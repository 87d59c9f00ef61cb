"""How much of a long conversation is sent to the model."""

from collections.abc import Sequence

from autogen_core import Image
from autogen_core.model_context import ChatCompletionContext
from autogen_core.models import AssistantMessage, LLMMessage, SystemMessage, UserMessage

BYTES_PER_TOKEN = 4
"""OpenAI's own rule of thumb for English; in UTF-8 it is near for Chinese too.

Counting exactly would need each model's tables, which are downloaded when first used.
"""
IMAGE_TOKENS = 1_600
"""About what a picture of 1,568 px costs at Anthropic, the dearest: width × height / 750."""


class BoundedContext(ChatCompletionContext):
    """Keeps every message and sends the latest that fit.

    What is sent begins with a prompt, so a tool result is never without its call. System messages and the last prompt are always sent.
    """

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self._tokens = tokens

    async def get_messages(self) -> list[LLMMessage]:
        return bounded(self._messages, self._tokens)


def bounded(messages: Sequence[LLMMessage], tokens: int) -> list[LLMMessage]:
    """Leave out the oldest turns until the rest is about `tokens` long."""
    system = [message for message in messages if isinstance(message, SystemMessage)]
    said = [message for message in messages if not isinstance(message, SystemMessage)]
    starts = [index for index, message in enumerate(said) if isinstance(message, UserMessage)]
    room = tokens - sum(map(estimated_tokens, system))
    if not starts or sum(map(estimated_tokens, said)) <= room:
        return list(messages)
    begin, total, end = starts[-1], 0, len(said)
    for start in reversed(starts):
        total += sum(map(estimated_tokens, said[start:end]))
        if total > room:
            break
        begin = end = start
    return [*system, *(said[begin:] if begin < starts[-1] else _bounded_turn(said[begin:], room))]


def _bounded_turn(turn: Sequence[LLMMessage], room: int) -> list[LLMMessage]:
    """Leave out a single turn's oldest steps, each a call with its results, behind the prompt that asked for them."""
    prompt, steps = turn[0], turn[1:]
    starts = [index for index, message in enumerate(steps) if isinstance(message, AssistantMessage)]
    left = room - estimated_tokens(prompt)
    begin = next((start for start in starts if sum(map(estimated_tokens, steps[start:])) <= left), starts[-1] if starts else 0)
    return [prompt, *steps[begin:]]


def estimated_tokens(message: LLMMessage) -> int:
    """About how many tokens a message is."""
    content = message.content
    if isinstance(content, str):
        return tokens_of(content)
    return sum(IMAGE_TOKENS if isinstance(part, Image) else tokens_of(str(part)) for part in content)


def tokens_of(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN + 1
