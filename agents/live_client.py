"""Any model client, made fit for a live page."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

DELTA_INTERVAL = 0.1
"""Seconds between two deltas. The first passes at once; an eye sees no difference, and each delta costs all that comes after it."""


class LiveClient(ChatCompletionClient):
    """Wraps a client so that deltas come joined, whole in Unicode, and a stream nobody reads any more is closed upstream.

    AutoGen leaves the server sending when a stream is cancelled between two of its chunks; here the inner stream always has a task
    waiting on it, and cancelling that task closes it.
    """

    def __init__(self, inner: ChatCompletionClient) -> None:
        self._inner = inner

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: Tool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        stream = self._inner.create_stream(
            messages, tools=tools, tool_choice=tool_choice, json_output=json_output, extra_create_args=extra_create_args
        )
        arrived = asyncio.Event()
        items: list[str | CreateResult] = []
        reading = asyncio.create_task(_read(stream, items, arrived))
        reading.add_done_callback(lambda _: arrived.set())
        if cancellation_token is not None:
            cancellation_token.link_future(reading)
        try:
            while True:
                await arrived.wait()
                arrived.clear()
                for item in _joined(items, is_last=reading.done()):
                    yield item
                if reading.done() and not items:
                    reading.result()
                    return
                await asyncio.wait({reading}, timeout=DELTA_INTERVAL)
        finally:
            reading.cancel()
            await asyncio.wait({reading})

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: Tool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        return _whole(
            await self._inner.create(
                messages,
                tools=tools,
                tool_choice=tool_choice,
                json_output=json_output,
                extra_create_args=extra_create_args,
                cancellation_token=cancellation_token,
            )
        )

    async def close(self) -> None:
        await self._inner.close()

    def actual_usage(self) -> RequestUsage:
        return self._inner.actual_usage()

    def total_usage(self) -> RequestUsage:
        return self._inner.total_usage()

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []) -> int:
        return self._inner.count_tokens(messages, tools=tools)

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []) -> int:
        return self._inner.remaining_tokens(messages, tools=tools)

    @property
    def capabilities(self) -> Any:
        return self._inner.capabilities

    @property
    def model_info(self) -> ModelInfo:
        return self._inner.model_info


async def _read(stream: AsyncGenerator[str | CreateResult, None], items: list[str | CreateResult], arrived: asyncio.Event) -> None:
    async for item in stream:
        items.append(item)
        arrived.set()


def _joined(items: list[str | CreateResult], *, is_last: bool) -> list[str | CreateResult]:
    """Take all that has arrived: the text as one piece, then the result. Half a surrogate pair stays until its other half comes."""
    taken, items[:] = items[:], []
    text = "".join(item for item in taken if isinstance(item, str))
    results = [_whole(item) for item in taken if isinstance(item, CreateResult)]
    if not is_last and not results and "\ud800" <= text[-1:] <= "\udbff":
        text, items[:] = text[:-1], [text[-1]]
    return [whole_text(text), *results] if text else [*results]


def _whole(result: CreateResult) -> CreateResult:
    if isinstance(result.content, str):
        return result.model_copy(update={"content": whole_text(result.content)})
    return result


def whole_text(text: str) -> str:
    """Join surrogate pairs that came apart and replace lone halves: neither the disk nor the next request could encode them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
