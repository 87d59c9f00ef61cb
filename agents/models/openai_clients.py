"""AutoGen's OpenAI and Azure clients, with usage on streams and streams that close."""

from collections.abc import AsyncGenerator
from typing import Any

from autogen_core.models import CreateResult
from autogen_ext.models.openai import AzureOpenAIChatCompletionClient, OpenAIChatCompletionClient
from openai import NOT_GIVEN
from openai.types.chat import ChatCompletionChunk


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
        stream = await self._client.chat.completions.create(
            messages=oai_messages, stream=True, tools=tool_params or NOT_GIVEN, **create_args
        )
        async with stream:  # AutoGen 0.7.5 never closes it, so a stopped answer would go on being sent and paid for
            async for chunk in stream:
                yield chunk


class OpenAIClient(_ClosingStreams, OpenAIChatCompletionClient):
    """OpenAI, and every server that speaks its protocol."""


class AzureClient(_ClosingStreams, AzureOpenAIChatCompletionClient):
    """Azure OpenAI."""
