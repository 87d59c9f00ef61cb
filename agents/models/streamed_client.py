"""What our Anthropic and Ollama clients share: one way to ask, which streams, and histories that any provider may have begun."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Unpack

from autogen_core import FunctionCall, Image
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, RequestUsage, UserMessage
from autogen_core.tools import Tool, ToolSchema

from agents.models.options import Options


class UnreadableAnswer(Exception):
    """The server sent something that is not of its protocol."""


class StreamedClient(ChatCompletionClient):
    """Goes before AutoGen's client class: a whole answer is a stream read to its end, so both are asked for, closed and fail alike.

    A stream is closed when the task that reads it is cancelled, or the generator closed; it takes no notice of a cancellation token.
    """

    _total_usage: RequestUsage
    _actual_usage: RequestUsage

    async def create(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> CreateResult:
        token = options.pop("cancellation_token", None)
        answering = asyncio.create_task(_result(self.create_stream(messages, **options)))
        if token is not None:
            token.link_future(answering)
        return await answering

    def _check(self, messages: Sequence[LLMMessage], tools: Sequence[Tool | ToolSchema]) -> None:
        """Refuse what the model cannot do, as AutoGen's clients do."""
        has_images = any(isinstance(part, Image) for message in messages if isinstance(message, UserMessage) for part in message.content)
        if has_images and not self.model_info["vision"]:
            raise ValueError("Model does not support vision and image was provided")
        if tools and not self.model_info["function_calling"]:
            raise ValueError("Model does not support function calling and tools were provided")

    def _count(self, usage: RequestUsage) -> None:
        total = self._total_usage
        self._total_usage = self._actual_usage = RequestUsage(
            prompt_tokens=total.prompt_tokens + usage.prompt_tokens,
            completion_tokens=total.completion_tokens + usage.completion_tokens,
        )


MISSHAPEN = (AttributeError, LookupError, TypeError, RecursionError)
"""What the SDKs and AutoGen raise on JSON that is not of the protocol."""


@contextmanager
def reading(*kinds: type[Exception]) -> Iterator[None]:
    """Tell what is raised on malformed data, by each SDK in several ways of its own, from faults of ours."""
    try:
        yield
    except kinds as error:
        raise UnreadableAnswer from error


async def _result(stream: AsyncGenerator[str | CreateResult, None]) -> CreateResult:
    results = [item async for item in stream if isinstance(item, CreateResult)]
    return results[-1]


def to_count(told: object) -> int:
    """A number of tokens as a server tells it. One that tells nonsense has answered all the same."""
    return told if isinstance(told, int) and told >= 0 else 0


def to_schema(tool: Tool | ToolSchema) -> ToolSchema:
    return tool.schema if isinstance(tool, Tool) else tool


def to_arguments(call: FunctionCall) -> dict[str, Any]:
    """A call's arguments as the object both protocols want. A model may have written anything, and the history must still be sent."""
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError:
        arguments = None
    return arguments if isinstance(arguments, dict) else {"text": call.arguments}


def to_word(name: str) -> str:
    """A tool's name, or a call's id, as every provider takes it."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64]
