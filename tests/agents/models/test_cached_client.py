"""What is answered from the cache, what is asked anew, and what is kept. The provider is asked over real HTTP."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_core import CancellationToken, FunctionCall, Image
from autogen_core.models import CreateResult, ModelFamily, ModelInfo, RequestUsage, UserMessage
from autogen_core.tools import FunctionTool
from PIL import Image as Picture

from agents.models.cached_client import CachedClient
from agents.models.calls import Calls
from agents.models.live_client import LiveClient
from agents.models.openai_clients import OpenAIClient
from state import paths
from state.answers import AnswerCache
from state.users import User
from tests.conftest import ALICE, BOB
from tests.locks import EXCLUSIVE, WRITING, locked
from tests.provider import Call, Gate, HangUp, Provider, Raw, Reply, Silence

CAPABLE = ModelInfo(
    vision=True, function_calling=True, json_output=True, structured_output=True, family=ModelFamily.UNKNOWN, multiple_system_messages=True
)
NAMESPACE = "http://127.0.0.1|scripted|temperature=0|alice"
Content = str | list[str | Image]


class Rig:
    """A provider, a user's cache, and clients between them, one for each asking."""

    def __init__(self, provider: Provider, data_dir: Path, executor: ThreadPoolExecutor) -> None:
        self.provider = provider
        self.executor = executor
        self.answers = self.cache(data_dir)
        self.file = paths.answers_folder(data_dir, ALICE) / "cache.db"

    def cache(self, data_dir: Path, user: User = ALICE) -> AnswerCache:
        return AnswerCache(data_dir, user, time_to_live=3600, size_limit=10_000_000)

    def client(self, *, namespace: str = NAMESPACE, refresh: bool = False) -> CachedClient:
        inner = OpenAIClient(
            model="scripted", api_key="sk-planted-key", base_url=self.provider.base_url, model_info=CAPABLE, timeout=5, max_retries=0
        )
        self.inner = inner
        return CachedClient(LiveClient(inner, Calls()), self.answers, self.executor, namespace=namespace, refresh=refresh)

    def ask(
        self, content: Content = "Hello", *, stream: bool = True, namespace: str = NAMESPACE, refresh: bool = False, **options: Any
    ) -> list[str | CreateResult]:
        """Ask once, as a run does: on a loop, by a client of its own."""

        async def work() -> list[str | CreateResult]:
            client = self.client(namespace=namespace, refresh=refresh)
            try:
                return await ask(client, content, stream=stream, **options)
            finally:
                await self.inner.close()

        return asyncio.run(work())

    @property
    def requests(self) -> int:
        return len(self.provider.requests)


@pytest.fixture
def rig(provider: Provider, tmp_path: Path) -> Iterator[Rig]:
    with ThreadPoolExecutor(2) as executor:
        yield Rig(provider, tmp_path, executor)


async def ask(client: CachedClient, content: Content = "Hello", *, stream: bool = True, **options: Any) -> list[str | CreateResult]:
    messages = [UserMessage(content=content, source="user")]
    if stream:
        return [item async for item in client.create_stream(messages, **options)]
    return [await client.create(messages, **options)]


def last(items: Sequence[str | CreateResult]) -> CreateResult:
    assert isinstance(items[-1], CreateResult)
    return items[-1]


@pytest.mark.parametrize("second", [True, False], ids=["then streamed", "then whole"])
@pytest.mark.parametrize("first", [True, False], ids=["streamed", "whole"])
def test_the_same_prompt_is_answered_from_the_cache(rig: Rig, *, first: bool, second: bool) -> None:
    """Without a request, said to be cached, and without tokens; a stream gives the text as one delta."""
    rig.provider.enqueue(Reply("Paris ", "it ", "is."))
    asked = last(rig.ask(stream=first))
    items = rig.ask(stream=second)
    result = last(items)

    assert (asked.content, asked.cached, asked.usage) == ("Paris it is.", False, RequestUsage(11, 3))
    assert (result.content, result.cached, result.usage) == ("Paris it is.", True, RequestUsage(0, 0))
    assert result == asked.model_copy(update={"cached": True, "usage": RequestUsage(0, 0)})
    assert items[:-1] == (["Paris it is."] if second else [])
    assert rig.requests == 1
    assert (rig.answers.stats().hits, rig.answers.stats().misses) == (1, 1)


def test_a_hit_adds_no_tokens_to_the_client(rig: Rig) -> None:
    async def work() -> None:
        client = rig.client()
        await ask(client)
        spent = client.total_usage()
        await ask(client)

        assert client.total_usage() == spent
        await rig.inner.close()

    asyncio.run(work())


@pytest.mark.parametrize(
    "namespace",
    [
        NAMESPACE.replace("alice", "bob"),
        NAMESPACE.replace("scripted", "other"),
        NAMESPACE.replace("temperature=0", "temperature=1"),
        NAMESPACE.replace("127.0.0.1", "127.0.0.2"),
    ],
    ids=["user", "model", "temperature", "endpoint"],
)
def test_another_namespace_is_asked_anew(rig: Rig, namespace: str) -> None:
    rig.provider.enqueue(Reply("One."), Reply("Two."))
    rig.ask()

    assert last(rig.ask(namespace=namespace)).content == "Two."
    assert last(rig.ask()).content == "One."
    assert last(rig.ask(namespace=namespace)).content == "Two."
    assert rig.requests == 2


def look(city: str) -> str:
    """Look at the weather."""
    return city


@pytest.mark.parametrize(
    "other",
    [{"tool_choice": "required"}, {"extra_create_args": {"temperature": 1}}, {"json_output": True}, {"tools": []}],
    ids=["tool choice", "argument", "JSON", "tools"],
)
def test_another_request_is_asked_anew(rig: Rig, other: dict[str, Any]) -> None:
    options: dict[str, Any] = {"tools": [FunctionTool(look, "Look.")], "tool_choice": "auto"}
    rig.ask(**options)
    rig.ask(**options | other)
    assert rig.requests == 2

    assert last(rig.ask(**options)).cached
    assert last(rig.ask(**options | other)).cached


def test_one_tool_asked_for_by_name_is_a_choice_of_its_own(rig: Rig) -> None:
    tool, other = FunctionTool(look, "Look."), FunctionTool(look, "Look.", name="other")
    for chosen in (tool, other):
        rig.ask(tools=[tool, other], tool_choice=chosen)
    assert rig.requests == 2

    assert last(rig.ask(tools=[tool, other], tool_choice=other)).cached


def test_pictures_are_told_apart(rig: Rig) -> None:
    red, blue = (Image(Picture.new("RGB", (8, 8), colour)) for colour in ("red", "blue"))
    rig.ask(["What is it?", red])
    rig.ask(["What is it?", blue])
    assert rig.requests == 2

    assert last(rig.ask(["What is it?", red])).cached


def test_another_user_s_cache_knows_nothing(rig: Rig, tmp_path: Path) -> None:
    """Even under one namespace."""
    rig.ask()
    rig.answers = rig.cache(tmp_path, BOB)

    assert not last(rig.ask()).cached


def test_after_a_restart_it_still_hits(rig: Rig, tmp_path: Path) -> None:
    rig.ask()
    rig.answers.close()
    rig.answers = rig.cache(tmp_path)

    assert last(rig.ask()).cached
    assert rig.requests == 1


def test_two_conversations_of_a_user_share_answers(rig: Rig) -> None:
    """Through AutoGen's agent, which asks in its own way."""

    async def converse() -> Any:
        client = rig.client()
        agent = AssistantAgent("assistant", client, model_client_stream=True)
        for prompt in ("Hello", "And then?"):
            message = (await agent.run(task=prompt)).messages[-1]
        await rig.inner.close()
        return message

    rig.provider.enqueue(Reply("One."), Reply("Two."))
    asyncio.run(converse())
    message = asyncio.run(converse())

    assert message.content == "Two."
    assert message.models_usage == RequestUsage(0, 0)
    assert rig.requests == 2


def test_tool_calls_are_kept(rig: Rig) -> None:
    rig.provider.enqueue(Reply(Call("look", '{"city": "Rome"}')))
    tools = [FunctionTool(look, "Look.")]
    asked = last(rig.ask(tools=tools))
    items = rig.ask(tools=tools)

    assert [type(call) for call in last(items).content] == [FunctionCall]
    assert last(items).content == asked.content
    assert len(items) == 1
    assert rig.requests == 1


def test_refreshing_asks_anew_and_keeps_the_new_answer(rig: Rig) -> None:
    rig.provider.enqueue(Reply("One."), Reply("Two."))
    rig.ask()

    assert last(rig.ask(refresh=True)).content == "Two."
    assert (last(rig.ask()).content, last(rig.ask()).cached) == ("Two.", True)
    assert rig.requests == 2


@pytest.mark.filterwarnings("ignore:No text content or tool calls:UserWarning")  # AutoGen says so of the empty answer
@pytest.mark.parametrize(
    "reply",
    [
        Reply("Half", finish="length"),
        Reply("Half", finish="content_filter"),
        Reply("Half", finish="something new"),
        Reply(""),
    ],
    ids=["cut short", "filtered", "ended in an unknown way", "empty"],
)
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_an_answer_that_is_not_whole_is_not_kept(rig: Rig, reply: Reply, *, stream: bool) -> None:
    rig.provider.enqueue(reply, Reply("Whole."))
    rig.ask(stream=stream)
    kept = rig.answers.stats().entries
    result = last(rig.ask(stream=stream))

    assert kept == 0
    assert (result.content, result.cached) == ("Whole.", False)


ENDS = Reply("Half", Raw(b"data: [DONE]\n\n"))


@pytest.mark.parametrize("reply", [Reply("Half", HangUp()), Reply(status=500), ENDS], ids=["broken", "refused", "just ends"])
def test_an_answer_that_failed_is_not_kept(rig: Rig, reply: Reply) -> None:
    rig.provider.enqueue(reply, Reply("Whole."))
    with pytest.raises(Exception, match=r"Connection|scripted|peer|ended"):
        rig.ask()
    result = last(rig.ask())

    assert (result.content, result.cached) == ("Whole.", False)


async def stop_by_token(client: CachedClient) -> None:
    token = CancellationToken()
    stream = client.create_stream([UserMessage(content="Hello", source="user")], cancellation_token=token)
    await anext(stream)
    token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await anext(stream)


async def stop_by_leaving(client: CachedClient) -> None:
    stream = client.create_stream([UserMessage(content="Hello", source="user")])
    await anext(stream)
    await stream.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}, "what read the inner stream has ended"


async def stop_by_cancelling(client: CachedClient) -> None:
    reading = asyncio.create_task(ask(client))
    await asyncio.sleep(0.2)
    reading.cancel()
    await asyncio.wait({reading})
    assert reading.cancelled()


@pytest.mark.parametrize("stop", [stop_by_token, stop_by_leaving, stop_by_cancelling])
def test_a_stopped_answer_is_not_kept(rig: Rig, stop: Callable[[CachedClient], Any]) -> None:
    """And its server is told, before the client is closed."""

    async def work() -> None:
        client = rig.client()
        await stop(client)
        assert await asyncio.to_thread(rig.provider.requests[0].hung_up.wait, 5)
        await rig.inner.close()

    rig.provider.enqueue(Reply("Half", Silence()), Reply("Whole."))
    asyncio.run(work())
    result = last(rig.ask())

    assert (result.content, result.cached) == ("Whole.", False)


def test_a_stop_does_not_wait_for_the_lookup(rig: Rig) -> None:
    done = threading.Event()
    for _ in range(2):
        rig.executor.submit(done.wait)

    async def work() -> None:
        client, token = rig.client(), CancellationToken()
        asyncio.get_running_loop().call_later(0.05, token.cancel)
        with pytest.raises(asyncio.CancelledError):
            await ask(client, cancellation_token=token)
        await rig.inner.close()

    try:
        asyncio.run(work())
    finally:
        done.set()

    assert rig.requests == 0


def test_the_whole_answer_is_kept_before_it_is_said(rig: Rig) -> None:
    """So whoever leaves with the result, or asks again at once, finds it."""

    async def work() -> None:
        client = rig.client()
        stream = client.create_stream([UserMessage(content="Hello", source="user")])
        async for item in stream:
            if isinstance(item, CreateResult):
                break
        await stream.aclose()
        await rig.inner.close()

    asyncio.run(work())

    assert last(rig.ask()).cached


def test_what_is_kept_is_nobody_s_to_change(rig: Rig) -> None:
    rig.provider.enqueue(Reply("One."))

    async def work() -> None:
        client = rig.client()
        for _ in range(3):
            result = last(await ask(client))
            assert result.content == "One."
            result.content, result.cached = "changed", False
            result.usage.prompt_tokens = 99
        result = last(await ask(client))

        assert (result.content, result.cached, result.usage) == ("One.", True, RequestUsage(0, 0))
        await rig.inner.close()

    asyncio.run(work())


@pytest.mark.parametrize(
    "value",
    [
        "7",
        '"text"',
        '"{}"',
        "[]",
        '["text"]',
        "{}",
        '{"content": 1}',
        '{"finish_reason": "length", "content": "Half", "usage": {"prompt_tokens": 1, "completion_tokens": 1}, "cached": false}',
        "no JSON",
    ],
)
def test_garbage_in_the_cache_is_a_miss(rig: Rig, value: str) -> None:
    """And the new answer takes its place."""
    rig.ask()
    with closing(sqlite3.connect(rig.file)) as connection, connection:
        connection.execute("UPDATE Cache SET value = ?", [value])

    assert not last(rig.ask()).cached
    assert last(rig.ask()).cached
    assert rig.requests == 2


def test_a_damaged_cache_does_not_fail_the_answer(rig: Rig, tmp_path: Path) -> None:
    rig.ask()
    rig.file.write_bytes(b"garbage" * 1000)
    rig.answers = rig.cache(tmp_path)

    assert not last(rig.ask()).cached
    assert rig.answers.mended
    assert last(rig.ask()).cached


def test_a_request_that_cannot_be_a_key_is_asked(rig: Rig) -> None:
    options: dict[str, Any] = {"extra_create_args": {"timeout": httpx2.Timeout(5)}}
    rig.ask(**options)

    assert not last(rig.ask(**options)).cached
    assert rig.answers.stats().entries == 0


def test_without_its_threads_it_still_answers(rig: Rig) -> None:
    """The server ends them first when it stops."""
    rig.executor.shutdown()

    assert last(rig.ask()).content == "A plain answer."


@pytest.mark.parametrize("script", [WRITING, EXCLUSIVE], ids=["to write", "to read"])
def test_a_locked_cache_stops_nothing(rig: Rig, script: str) -> None:
    """While another process has the lock, the loop goes on turning and the answer comes, from the model."""
    rig.ask("Before")

    async def work() -> tuple[int, CreateResult]:
        client = rig.client()
        asking = asyncio.create_task(ask(client, "Before"))
        ticks = 0
        while rig.requests != 2 and not asking.done():
            await asyncio.sleep(0.005)
            ticks += 1
        result = last(await asking)
        await rig.inner.close()
        return ticks, result

    with locked(rig.file, script):
        began = time.monotonic()
        ticks, result = asyncio.run(work())
        took = time.monotonic() - began

    assert ticks >= 10, "the lookup waits for the lock beside the loop"
    assert not result.cached
    assert took < 10
    assert last(rig.ask("Before")).cached


def test_a_slow_answer_is_streamed_as_it_comes(rig: Rig) -> None:
    gate = Gate()
    rig.provider.enqueue(Reply("Now ", gate, "later."))

    async def work() -> None:
        client = rig.client()
        stream = client.create_stream([UserMessage(content="Hello", source="user")])
        assert await anext(stream) == "Now "
        gate.open()
        rest = [item async for item in stream]
        assert last(rest).content == "Now later."
        await rig.inner.close()

    asyncio.run(work())
