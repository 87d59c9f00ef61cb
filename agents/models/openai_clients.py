"""AutoGen's OpenAI and Azure clients, with usage on streams and streams that close."""

from collections.abc import AsyncGenerator
from typing import Any

from autogen_core.models import CreateResult
from autogen_ext.models.openai import AzureOpenAIChatCompletionClient, OpenAIChatCompletionClient
from httpx2 import Response
from openai import NOT_GIVEN, AsyncStream
from openai.types.chat import ChatCompletionChunk
from pydantic import ValidationError


class Chunk(ChatCompletionChunk):
    """A delta read by pydantic's own validation, openai's hook for which is `build`.

    openai's way builds the object field by field in Python, so that no answer is refused: 50 microseconds a delta against 2, and reading
    deltas is the most of what a streaming server does. What does not validate still goes that way.
    """

    @classmethod
    def build(cls, *, response: Response, data: Any) -> ChatCompletionChunk:  # openai's signature
        try:
            return cls.model_validate(data)
        except ValidationError:
            return ChatCompletionChunk.construct(**data)


class _ClosingStreams:
    """Goes before AutoGen's client class and replaces how it opens and leaves a stream."""

    _client: Any

    def create_stream(self, *args: Any, **options: Any) -> AsyncGenerator[str | CreateResult, None]:
        """Ask for usage too: AutoGen's default leaves the tokens of every streamed answer at zero."""
        stream: AsyncGenerator[str | CreateResult, None] = super().create_stream(  # type: ignore[misc]  # the next class has it
            *args, include_usage=True, **options
        )
        return stream

    async def _create_stream_chunks(
        self, tool_params: list[Any], oai_messages: list[Any], create_args: dict[str, Any], cancellation_token: Any
    ) -> AsyncGenerator[ChatCompletionChunk, None]:
        raw = await self._client.chat.completions.with_raw_response.create(
            messages=oai_messages, stream=True, tools=tool_params or NOT_GIVEN, **create_args
        )
        stream = raw.parse(to=AsyncStream[Chunk])
        async with stream:  # AutoGen 0.7.5 never closes it, so a stopped answer would go on being sent and paid for
            async for chunk in stream:
                yield chunk


class OpenAIClient(_ClosingStreams, OpenAIChatCompletionClient):
    """OpenAI, and every server that speaks its protocol."""


class AzureClient(_ClosingStreams, AzureOpenAIChatCompletionClient):
    """Azure OpenAI."""
