"""AutoGen's OpenAI and Azure clients, with usage on streams, streams that close and answers that are known to be whole."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import httpx2
from autogen_core.models import CreateResult, LLMMessage
from autogen_ext.models.openai import AzureOpenAIChatCompletionClient, OpenAIChatCompletionClient
from openai import NOT_GIVEN, AsyncStream, DefaultAioHttpClient
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk
from pydantic import ValidationError

from agents.models.streamed_client import MISSHAPEN, UnreadableAnswer, reading, to_count


class Chunk(ChatCompletionChunk):
    """A delta read by pydantic's own validation, openai's hook for which is `build`.

    openai's way builds the object field by field in Python, so that no answer is refused: 50 microseconds a delta against 2, and reading
    deltas is the most of what a streaming server does. What does not validate still goes that way.
    """

    @classmethod
    def build(cls, *, response: httpx2.Response, data: Any) -> ChatCompletionChunk:  # openai's signature
        try:
            return cls.model_validate(data)
        except ValidationError:
            return ChatCompletionChunk.construct(**data)


class _WholeAnswers:
    """Goes before AutoGen's client class and replaces what it asks with, and how it opens, reads and leaves a stream."""

    _client: Any

    def __init__(self, **config: Any) -> None:
        """Have aiohttp read the answers, which takes less than half the processor time of httpx2's own way."""
        super().__init__(http_client=DefaultAioHttpClient(), **config)  # type: ignore[call-arg]  # the next class has it
        _ = self._client.chat.completions  # imports what the first request would, on the loop

    async def create(self, messages: Sequence[LLMMessage], **options: Any) -> CreateResult:
        with reading(*MISSHAPEN):
            result: CreateResult = await super().create(messages, **options)  # type: ignore[misc]  # the next class has it
        return result

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Any) -> AsyncGenerator[str | CreateResult, None]:
        """Ask for usage too: AutoGen's default leaves the tokens of every streamed answer at zero."""
        stream = super().create_stream(messages, include_usage=True, **options)  # type: ignore[misc]  # the next class has it
        async with aclosing(stream):
            with reading(*MISSHAPEN):
                async for item in stream:
                    yield item

    async def _create_stream_chunks(
        self, tool_params: list[Any], oai_messages: list[Any], create_args: dict[str, Any], cancellation_token: Any
    ) -> AsyncGenerator[ChatCompletionChunk, None]:
        as_they_are = {"messages": oai_messages, **(create_args.pop("extra_body", None) or {})}
        raw = await self._client.chat.completions.with_raw_response.create(
            messages=[],  # what openai is given here it compares with each kind of message there is: 0.1 ms a message, on the loop
            extra_body=as_they_are,
            stream=True,
            tools=tool_params or NOT_GIVEN,
            **create_args,
        )
        stream = raw.parse(to=AsyncStream[Chunk])
        has_begun = has_ended = False
        async with stream:  # AutoGen 0.7.5 never closes it, so a stopped answer would go on being sent and paid for
            async for chunk in stream:
                for part in _parted(chunk):
                    yield part
                has_begun = True
                has_ended = has_ended or any(choice.finish_reason for choice in chunk.choices)
        if not has_begun:
            raise UnreadableAnswer  # as of a web page
        if not has_ended:  # a proxy may end a broken answer as if it were whole
            raise httpx2.RemoteProtocolError("the stream ended before the answer did")


def _parted(chunk: ChatCompletionChunk) -> list[ChatCompletionChunk]:
    """AutoGen overlooks how an answer ended where the same chunk counts its tokens, as those of many servers do."""
    if chunk.usage is None:
        return [chunk]
    counts = {name: to_count(getattr(chunk.usage, name, 0)) for name in ("prompt_tokens", "completion_tokens")}
    usage = CompletionUsage(total_tokens=sum(counts.values()), **counts)
    return [chunk.model_copy(update={"usage": None}), chunk.model_copy(update={"usage": usage, "choices": []})]


class OpenAIClient(_WholeAnswers, OpenAIChatCompletionClient):
    """OpenAI, and every server that speaks its protocol."""


class AzureClient(_WholeAnswers, AzureOpenAIChatCompletionClient):
    """Azure OpenAI."""
