"""Any model client, made fit for a live page."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from math import ceil
from typing import Any, Unpack

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage
from autogen_core.tools import Tool, ToolSchema

from agents.models.call_ids import CallIds
from agents.models.calls import Calls
from agents.models.failures import classify, to_note
from agents.models.options import Options

DELTA_INTERVAL = 0.09
"""Seconds between two deltas. The first passes at once; an eye sees no difference, and each delta costs all that comes after it.

A little less than a tenth, so that of a model that writes ten a second each passes at once: with 0.1 they came 50 ms late, now 3.
"""


class LiveClient(ChatCompletionClient):
    """Wraps a client for one run: deltas come joined and whole in Unicode, failed requests are sent again, all calls are counted.

    A stream nobody reads any more is closed upstream: the inner stream always has a task waiting on it, and cancelling that task
    closes it. AutoGen by itself leaves the server sending when a stream is cancelled between two chunks.
    """

    def __init__(self, inner: ChatCompletionClient, calls: Calls, *, server: str = "The model's server", retries: int = 0) -> None:
        self._inner = inner
        self._calls = calls
        self._server = server
        self._attempts = retries + 1
        self._call_ids = CallIds()

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> AsyncGenerator[str | CreateResult, None]:
        token = options.pop("cancellation_token", None)  # heeded here, for every client
        written: list[str | CreateResult] = []
        await self._calls.permit(token)
        for attempt in range(1, self._attempts + 1):
            try:
                async with aclosing(_joined_stream(self._inner.create_stream(messages, **options), token)) as stream:
                    async for item in stream:
                        written.append(item)
                        yield item if isinstance(item, str) else self._taken(item, messages)
            except Exception as error:
                self._note_broken_off(messages, written)
                await self._wait_or_raise(error, self._attempts if written else attempt, token)
            except BaseException:  # stopped, or nobody reads any more
                self._note_broken_off(messages, written, is_sent=True)
                raise
            else:
                return

    async def create(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> CreateResult:
        token = options.pop("cancellation_token", None)  # heeded here, for every client
        await self._calls.permit(token)
        for attempt in range(1, self._attempts + 1):
            try:
                result = _whole(await _linked(self._inner.create(messages, **options), token))
            except Exception as error:
                await self._wait_or_raise(error, attempt, token)
            else:
                return self._taken(result, messages)
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        """Leave the inner client open: other runs share it."""

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

    def _taken(self, result: CreateResult, messages: Sequence[LLMMessage]) -> CreateResult:
        self._calls.succeeded(result)
        return self._call_ids.told_apart(result, messages)

    def _note_broken_off(self, messages: Sequence[LLMMessage], written: Sequence[str | CreateResult], *, is_sent: bool = False) -> None:
        text = "".join(item for item in written if isinstance(item, str))
        if (text or is_sent) and not any(isinstance(item, CreateResult) for item in written):
            self._calls.broken_off(messages, text)

    async def _wait_or_raise(self, error: Exception, attempt: int, token: CancellationToken | None) -> None:
        failure = classify(error)
        wait = failure.wait_before_retry(attempt) if attempt < self._attempts else None
        if wait is None:
            self._calls.failed(error)
            raise error
        seconds = max(1, ceil(wait))
        for left in range(seconds, 0, -1):
            self._calls.note(to_note(failure, self._server, left, attempt, self._attempts))
            await _linked(asyncio.sleep(1 if left < seconds else wait - seconds + 1), token)
        self._calls.note("")


async def _linked(work: Awaitable[Any], token: CancellationToken | None) -> Any:
    task = asyncio.ensure_future(work)
    if token is not None:
        token.link_future(task)
    return await task


async def _joined_stream(
    stream: AsyncGenerator[str | CreateResult, None], token: CancellationToken | None
) -> AsyncGenerator[str | CreateResult, None]:
    arrived = asyncio.Event()
    items: list[str | CreateResult] = []
    reading = asyncio.create_task(_read(stream, items, arrived.set))
    reading.add_done_callback(lambda _: arrived.set())
    if token is not None:
        token.link_future(reading)
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
        if not reading.cancelled():
            reading.exception()  # a reader that left early has no use for it, and asyncio would complain that nobody looked


async def _read(stream: AsyncGenerator[str | CreateResult, None], items: list[str | CreateResult], arrived: Callable[[], None]) -> None:
    async for item in stream:
        items.append(item)
        arrived()


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
