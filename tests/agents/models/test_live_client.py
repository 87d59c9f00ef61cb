"""How a model's stream is made fit for a live page."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from typing import Any, Unpack

import pytest
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelFamily, ModelInfo, RequestUsage
from autogen_core.tools import Tool, ToolSchema

from agents.models.calls import Calls
from agents.models.live_client import DELTA_INTERVAL, LiveClient, whole_text
from agents.models.options import Options
from tests.clock import SkippingLoop

USAGE = RequestUsage(prompt_tokens=3, completion_tokens=4)


def result(content: str) -> CreateResult:
    return CreateResult(finish_reason="stop", content=content, usage=USAGE, cached=False)


class ScriptedClient(ChatCompletionClient):
    """Streams its steps: text is yielded, a number of seconds is waited, an error is raised."""

    def __init__(self, *steps: str | float | Exception | CreateResult) -> None:
        self._steps = steps
        self.is_closed = False
        self.streams_left = 0

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> AsyncGenerator[str | CreateResult, None]:
        try:
            for step in self._steps:
                match step:
                    case float():
                        await asyncio.sleep(step)
                    case Exception():
                        raise step
                    case _:
                        yield step
        finally:
            self.streams_left += 1

    async def create(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> CreateResult:
        return result("".join(step for step in self._steps if isinstance(step, str)))

    async def close(self) -> None:
        self.is_closed = True

    def actual_usage(self) -> RequestUsage:
        return USAGE

    def total_usage(self) -> RequestUsage:
        return RequestUsage(prompt_tokens=30, completion_tokens=40)

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []) -> int:
        return 7

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []) -> int:
        return 8

    @property
    def capabilities(self) -> Any:
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        return ModelInfo(vision=True, function_calling=False, json_output=False, structured_output=False, family=ModelFamily.UNKNOWN)


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        runner.run(work)


def now() -> float:
    return asyncio.get_running_loop().time()


async def collect(client: ChatCompletionClient) -> list[str | CreateResult]:
    return [item async for item in client.create_stream([])]


async def collect_into(items: list[str | CreateResult], client: ChatCompletionClient, token: CancellationToken | None = None) -> None:
    """The same for a stream that fails, whose items up to then count."""
    async for item in client.create_stream([], cancellation_token=token):
        items.append(item)  # noqa: PERF401  # an extended list would lose what came before the failure


def test_the_first_delta_passes_at_once_and_later_ones_are_joined() -> None:
    """Fifty small deltas in half a second make few large ones, and no text is lost; the result comes last."""
    words = [f"{number} " for number in range(50)]
    steps = [step for word in words for step in (word, 0.01)]

    async def work() -> None:
        began = now()
        stream = LiveClient(ScriptedClient(*steps, result("".join(words))), Calls()).create_stream([])
        arrived = [(now() - began, item) async for item in stream]
        took = now() - began

        texts = [item for _, item in arrived if isinstance(item, str)]
        assert arrived[0][0] == 0
        assert texts[0] == "0 "
        assert "".join(texts) == "".join(words)
        assert len(texts) <= took / DELTA_INTERVAL + 2
        assert arrived[-1][1] == result("".join(words))

    run(work())


def test_a_stream_that_has_ended_is_not_waited_for() -> None:
    """The last text and the result do not wait for the interval."""

    async def work() -> None:
        began = now()
        items = await collect(LiveClient(ScriptedClient("a", "b", result("ab")), Calls()))

        assert items == ["ab", result("ab")]
        assert now() == began

    run(work())


@pytest.mark.parametrize("pause", [0.0, DELTA_INTERVAL * 1.5], ids=["together", "apart"])
def test_halves_of_a_surrogate_pair_are_joined(pause: float) -> None:
    """Servers that escape JSON may cut an emoji in two; what passes on can always be encoded."""

    async def work() -> None:
        items = await collect(LiveClient(ScriptedClient("Hi \ud83d", pause, "\ude00!", result("Hi \ud83d\ude00!")), Calls()))

        assert "".join(item for item in items if isinstance(item, str)) == "Hi 😀!"
        assert items[-1] == result("Hi 😀!")

    run(work())


@pytest.mark.parametrize(
    ("text", "whole"), [("a\ud83d", "a\ufffd"), ("\ude00b", "\ufffdb"), ("\ud83d\ud83d\ude00", "\ufffd😀"), ("é", "é")]
)
def test_a_half_that_stays_alone_is_replaced(text: str, whole: str) -> None:
    async def work() -> None:
        live = LiveClient(ScriptedClient(text), Calls())

        assert await collect(live) == [whole]
        assert (await live.create([])).content == whole

    run(work())
    assert whole_text(text) == whole


@pytest.mark.parametrize("steps", [(60.0,), ("So far ", 60.0)], ids=["before the first delta", "in text"])
def test_cancelling_closes_the_inner_stream(steps: tuple[str | float, ...]) -> None:
    inner = ScriptedClient(*steps)

    async def work() -> None:
        token = CancellationToken()
        asyncio.get_running_loop().call_later(0.05, token.cancel)
        began = now()
        texts: list[str | CreateResult] = []
        with pytest.raises(asyncio.CancelledError):
            await collect_into(texts, LiveClient(inner, Calls()), token)

        assert texts == list(steps[:-1])
        assert inner.streams_left == 1
        assert now() - began == pytest.approx(0.05)

    run(work())


def test_a_stream_nobody_reads_any_more_is_closed() -> None:
    inner = ScriptedClient("So far ", 60.0)

    async def work() -> None:
        stream = LiveClient(inner, Calls()).create_stream([])
        async for item in stream:
            assert item == "So far "
            break
        assert inner.streams_left == 0
        await stream.aclose()
        assert inner.streams_left == 1

    run(work())


def test_a_cancelled_reader_closes_the_inner_stream() -> None:
    inner = ScriptedClient("So far ", 60.0)

    async def work() -> None:
        reading = asyncio.create_task(collect(LiveClient(inner, Calls())))
        await asyncio.sleep(0.05)
        reading.cancel()
        await asyncio.wait({reading})

        assert reading.cancelled()
        assert inner.streams_left == 1

    run(work())


def test_an_error_comes_after_the_text() -> None:
    error = ConnectionResetError("gone")

    async def work() -> None:
        texts: list[str | CreateResult] = []
        with pytest.raises(ConnectionResetError) as caught:
            await collect_into(texts, LiveClient(ScriptedClient("So ", "far ", error), Calls()))

        assert texts == ["So far "]
        assert caught.value is error

    run(work())


def test_the_rest_is_the_inner_client_s() -> None:
    inner = ScriptedClient()
    live = LiveClient(inner, Calls())
    run(live.close())

    assert not inner.is_closed  # other runs share it
    assert (live.actual_usage(), live.total_usage()) == (inner.actual_usage(), inner.total_usage())
    assert (live.count_tokens([]), live.remaining_tokens([])) == (7, 8)
    assert live.model_info == live.capabilities == inner.model_info
