"""What the tests of model clients share."""

import asyncio
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx2
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import ModelClientStreamingChunkEvent
from autogen_core import CancellationToken, Image
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelFamily, ModelInfo, UserMessage
from autogen_core.tools import FunctionTool
from PIL import Image as PILImage

from tests.provider import Provider, Reply, Silence

CAPABLE = ModelInfo(
    vision=True, function_calling=True, json_output=True, structured_output=True, family=ModelFamily.UNKNOWN, multiple_system_messages=True
)
PATIENCE = httpx2.Timeout(10)
LITTLE_PATIENCE = httpx2.Timeout(10, read=0.5)
"""For a server that stays silent, and no other: a busy machine may be slow, in connecting too."""
HELLO = UserMessage(content="Hello", source="user")
NOWHERE = "http://127.0.0.1:9"


def patience(reply: Reply) -> httpx2.Timeout:
    """The time limit to read a reply with."""
    return LITTLE_PATIENCE if any(isinstance(step, Silence) for step in reply.steps) else PATIENCE


def ask(client: ChatCompletionClient, *messages: LLMMessage, **options: Any) -> tuple[list[str], CreateResult]:
    """The deltas and the result of one stream. The client is closed."""

    async def work() -> list[str | CreateResult]:
        try:
            return [item async for item in client.create_stream(messages or (HELLO,), **options)]
        finally:
            await client.close()

    *deltas, result = asyncio.run(work())
    assert isinstance(result, CreateResult)
    return [delta for delta in deltas if isinstance(delta, str)], result


def ask_whole(client: ChatCompletionClient, *messages: LLMMessage, **options: Any) -> CreateResult:
    """The result without a stream. The client is closed."""

    async def work() -> CreateResult:
        try:
            return await client.create(messages or (HELLO,), **options)
        finally:
            await client.close()

    return asyncio.run(work())


def leave(client: ChatCompletionClient, provider: Provider, *, by_closing: bool) -> bool:
    """Begin a stream and leave it after its first delta, by closing the generator or by cancelling the task that reads it.

    True when the server sees the hang-up within a second, while the loop lives on.
    """
    arrived = asyncio.Event()

    async def read_all() -> None:
        async for _ in client.create_stream([HELLO]):
            arrived.set()

    dropped: list[Any] = []

    async def work() -> bool:
        sys.set_asyncgen_hooks(finalizer=dropped.append)  # nothing closes what is only dropped, as while a cycle holds it
        if by_closing:
            stream = client.create_stream([HELLO])
            await anext(stream)
            await stream.aclose()
        else:
            task = asyncio.create_task(read_all())
            await arrived.wait()
            task.cancel()
            await asyncio.wait({task})
            assert task.cancelled()
        return await asyncio.to_thread(provider.requests[0].hung_up.wait, 1)

    return asyncio.run(work())


def cancel(client: ChatCompletionClient, provider: Provider, *, whole: bool) -> None:
    """Ask with a cancellation token and cancel it; fails unless the server sees the hang-up within a second."""
    token = CancellationToken()

    async def read() -> None:
        if whole:
            await client.create([HELLO], cancellation_token=token)
        async for _ in client.create_stream([HELLO], cancellation_token=token):
            pass

    async def work() -> None:
        task = asyncio.create_task(read())
        await asyncio.to_thread(provider.wait_for_requests, 1)
        await asyncio.sleep(0.2)
        token.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        assert await asyncio.to_thread(provider.requests[0].hung_up.wait, 1)
        await client.close()

    asyncio.run(work())


def converse(client: ChatCompletionClient, tool: Callable[..., Any]) -> tuple[TaskResult, str]:
    """One turn of an agent with a tool, that looks at what the tool says; and the text that was streamed."""

    async def work() -> tuple[TaskResult, str]:
        agent = AssistantAgent(
            "assistant",
            client,
            tools=[FunctionTool(tool, description="The weather in a city.")],
            system_message="Be brief.",
            reflect_on_tool_use=True,
            model_client_stream=True,
        )
        items = [item async for item in agent.run_stream(task="How is the weather?")]
        await client.close()
        assert isinstance(items[-1], TaskResult)
        return items[-1], "".join(item.content for item in items if isinstance(item, ModelClientStreamingChunkEvent))

    return asyncio.run(work())


def weather(city: str) -> str:
    return f"{city}: sunny"


def picture() -> Image:
    return Image(PILImage.new("RGB", (4, 4), "red"))


def is_red_png(data: bytes) -> bool:
    with PILImage.open(BytesIO(data)) as image:
        return image.format == "PNG" and image.getpixel((0, 0)) == (255, 0, 0)
