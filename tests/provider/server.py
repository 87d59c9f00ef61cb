"""The scripted server itself: the path decides the protocol, the script decides the answer."""

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from tests.provider import ollama
from tests.provider.anthropic import AnthropicWriter
from tests.provider.ollama import OllamaWriter
from tests.provider.openai import OpenAIWriter
from tests.provider.script import Call, Cut, Gate, HangUp, Pause, Raw, Reply, Silence, Step
from tests.provider.writer import Writer
from tests.serving import serving_on

WRITERS: dict[str, type[Writer]] = {"/v1/messages": AnthropicWriter, "/api/chat": OllamaWriter}
"""By path; all other paths are OpenAI's and Azure's."""


@dataclass
class Request:
    """One request as the server saw it."""

    path: str
    query: str
    headers: dict[str, str]
    body: dict[str, Any]
    first_delta: float | None = None
    """`time.time()` when the first text delta was sent."""
    sent: list[tuple[float, str]] = field(default_factory=list)
    """Each text delta, and `time.time()` when it was sent."""
    ended: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when the client closed the connection before the answer was whole."""

    @property
    def said(self) -> list[tuple[str, Any]]:
        """The history it carries, as (role, content), without the system message."""
        return [(message["role"], message.get("content")) for message in self.body["messages"] if message["role"] != "system"]


class Provider:
    """Plays the replies it was given, in order, and when it has none left improvises: a plain sentence, unless told otherwise."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        """The base address for Anthropic and Ollama, and Azure's endpoint."""
        self.base_url = f"{self.address}/v1"
        """The base address for OpenAI."""
        self.forget()

    def forget(self) -> None:
        """Begin anew, as for another test."""
        self.requests: list[Request] = []
        self.models = ["scripted:latest"]
        """What Ollama's `GET /api/tags` lists; those requests use up no reply and are not among `requests`."""
        self.tags: object = None
        """What it answers instead, if anything."""
        self.improvise: Callable[[Request], Reply] = lambda _: Reply("A plain answer.")
        self._replies: deque[Reply] = deque()

    def enqueue(self, *replies: Reply) -> None:
        self._replies.extend(replies)

    def wait_for_requests(self, count: int, timeout: float = 10) -> None:
        deadline = time.monotonic() + timeout
        while len(self.requests) < count:
            assert time.monotonic() < deadline, f"{len(self.requests)} requests came, {count} expected"
            time.sleep(0.01)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = await _read(scope, receive)
        if request.path == "/api/tags":
            await _start(send, 200, "application/json", {})
            await _send(send, _json(ollama.tags(self.models) if self.tags is None else self.tags), is_last=True)
            return
        self.requests.append(request)
        reply = self._replies.popleft() if self._replies else self.improvise(request)
        answering = asyncio.create_task(_answer(request, reply, send))
        leaving = asyncio.ensure_future(receive())
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            request.hung_up.set()
            answering.cancel()
        leaving.cancel()
        await asyncio.wait({answering})
        request.ended.set()
        if not answering.cancelled() and (error := answering.exception()):
            raise error


class _HungUp(Exception):
    """Makes uvicorn close the connection without ending the body."""


async def _read(scope: Scope, receive: Receive) -> Request:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    return Request(scope["path"], scope["query_string"].decode(), headers, json.loads(body or b"{}"))


async def _answer(request: Request, reply: Reply, send: Send) -> None:
    writer = WRITERS.get(request.path, OpenAIWriter)(request.body, request.headers, reply)
    if complaint := writer.complaint():
        await _refuse(send, 400, writer.error(400, {"message": complaint}), {})
    elif reply.status != 200:
        await _refuse(send, reply.status, writer.error(reply.status, reply.error), reply.headers)
    elif writer.wants_stream:
        await _stream(request, reply, writer, send)
    else:
        await _start(send, 200, "application/json", reply.headers)
        for step in reply.steps:
            await _wait(step)
        raw = b"".join(step.data for step in reply.steps if isinstance(step, Raw))
        await _send(send, raw or _json(writer.whole()), is_last=True)


async def _stream(request: Request, reply: Reply, writer: Writer, send: Send) -> None:
    await _start(send, 200, writer.stream_type, reply.headers)
    if opening := writer.opening():
        await _send(send, opening)
    for step in reply.steps:
        match step:
            case str():
                request.first_delta = request.first_delta or time.time()
                await _send(send, writer.text(step))
                request.sent.append((time.time(), step))
            case Call():
                await _send(send, writer.call(step))
            case Raw():
                await _send(send, step.data)
            case Cut():
                await _send(send, b"", is_last=True)
                return
            case _:
                await _wait(step)
    await _send(send, writer.closing(), is_last=True)


async def _wait(step: Step) -> None:
    match step:
        case Pause():
            await asyncio.sleep(step.seconds)
        case Gate():
            await step.passed()
        case HangUp():
            raise _HungUp
        case Silence():
            await asyncio.sleep(3600)


async def _refuse(send: Send, status: int, error: dict[str, Any], headers: dict[str, str]) -> None:
    await _start(send, status, "application/json", headers)
    await _send(send, _json(error), is_last=True)


async def _start(send: Send, status: int, content_type: str, headers: dict[str, str]) -> None:
    listed = [(name.encode(), value.encode()) for name, value in ({"content-type": content_type} | headers).items()]
    await send({"type": "http.response.start", "status": status, "headers": listed})


async def _send(send: Send, data: bytes, *, is_last: bool = False) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": not is_last})


def _json(data: object) -> bytes:
    return json.dumps(data).encode()


def serving() -> AbstractContextManager[Provider]:
    """A provider that answers on a free port until the block is left."""
    return serving_on(Provider)
