"""A call of any tool ends: well, or in words."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import ToolCallExecutionEvent
from autogen_core import CancellationToken
from pydantic import Field

from agents.models.demo import DemoClient
from agents.tools.answer import Arguments
from agents.tools.tool import RESULT_CHARACTERS, STOPPED, GuardedTool, ToolFailed
from tests.agents.tools.conftest import Told, told


class CityArguments(Arguments):
    city: str = Field(max_length=10)


class CityTool(GuardedTool[CityArguments]):
    """Does with a city what a test wants."""

    def __init__(self, work: Callable[[str], Awaitable[str]]) -> None:
        super().__init__(CityArguments, "get_weather", "The weather in a city.", title="Weather", summary="Weather.")
        self._work = work
        self.seconds = 0.3

    async def run(self, args: CityArguments, cancellation_token: CancellationToken) -> str:
        return await self._work(args.city)


def result(tool: CityTool, **arguments: object) -> Told:
    return asyncio.run(told((tool,), "get_weather", arguments))


async def endless(_: str) -> str:
    await asyncio.sleep(3600)
    return ""


async def echo(city: str) -> str:
    return city * 10_000


async def failing(_: str) -> str:
    raise ConnectionError("sk-secret at 10.0.0.1")


async def refusing(_: str) -> str:
    raise ToolFailed("There is no weather today.")


def test_a_result_is_what_the_tool_says_up_to_a_limit() -> None:
    assert result(CityTool(echo), city="a") == Told("a" * 10_000, False)
    cut = result(CityTool(echo), city="abc").text

    assert len(cut) < RESULT_CHARACTERS + 100
    assert cut.endswith("(Cut off here: the whole result has 30,000 characters.)")


def test_a_failure_is_told_and_nothing_that_only_the_server_may_know() -> None:
    assert result(CityTool(refusing), city="a") == Told("There is no weather today.", True)
    assert result(CityTool(failing), city="a") == Told("The tool get_weather failed in an unexpected way. Go on without it.", True)
    assert result(CityTool(endless), city="a") == Told("The tool get_weather was given up after 0.3 seconds without a result.", True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "city: Field required"),
        ({"city": "a", "planet": "Mars"}, "planet: Extra inputs are not permitted"),
        ({"city": "x" * 1000}, "city: String should have at most 10 characters"),
        ({"city": ["a"]}, "city: Input should be a valid string"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, object], sentence: str) -> None:
    assert result(CityTool(echo), **arguments) == Told(f"The call was not made: {sentence}. Call again with these put right.", True)


def test_a_stop_during_a_call_is_a_result_and_ends_the_work() -> None:
    async def stopping() -> Told:
        ended = asyncio.Event()

        async def work(_: str) -> str:
            try:
                return await endless(_)
            finally:
                ended.set()

        token = CancellationToken()
        calling = asyncio.create_task(told((CityTool(work),), "get_weather", {"city": "a"}, token))
        await asyncio.sleep(0.05)
        token.cancel()
        said = await calling
        assert ended.is_set()
        return said

    assert asyncio.run(stopping()) == Told(STOPPED, True)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_stop_before_a_call_has_begun_is_a_result_too(steps: int) -> None:
    """AutoGen would wait forever: a task that is cancelled before its first step runs none of its own code."""

    async def stopping() -> Told:
        token = CancellationToken()
        calling = asyncio.create_task(told((CityTool(endless),), "get_weather", {"city": "a"}, token))
        for _ in range(steps):
            await asyncio.sleep(0)
        token.cancel()
        return await asyncio.wait_for(calling, 1)

    assert asyncio.run(stopping()) == Told(STOPPED, True)


def test_an_end_of_the_program_is_no_stop_by_the_user() -> None:
    async def ending() -> None:
        calling = asyncio.create_task(told((CityTool(endless),), "get_weather", {"city": "a"}))
        await asyncio.sleep(0.05)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling

    asyncio.run(ending())


def test_an_agent_that_is_stopped_in_parallel_calls_ends_at_once_with_a_result_for_each() -> None:
    async def stopping() -> list[bool]:
        agent = AssistantAgent("assistant", DemoClient(0), tools=[CityTool(endless)], model_client_stream=True)
        token, errors = CancellationToken(), []
        asyncio.get_running_loop().call_later(0.1, token.cancel)
        try:
            async with asyncio.timeout(5):
                async for message in agent.run_stream(task="What's the weather in Paris and Rome?", cancellation_token=token):
                    if isinstance(message, ToolCallExecutionEvent):
                        errors = [bool(each.is_error) and each.content == STOPPED for each in message.content]
        except asyncio.CancelledError:
            pass
        return errors

    assert asyncio.run(stopping()) == [True, True]


def test_parallel_calls_run_at_the_same_time() -> None:
    async def both() -> list[Told]:
        barrier = asyncio.Barrier(2)

        async def work(city: str) -> str:
            await barrier.wait()
            return city

        tool = CityTool(work)
        return await asyncio.gather(*(told((tool,), "get_weather", {"city": city}) for city in ("a", "b")))

    assert asyncio.run(both()) == [Told("a", False), Told("b", False)]
