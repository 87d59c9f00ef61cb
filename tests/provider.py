"""A scripted model server on loopback that speaks OpenAI's protocol, and Azure's paths of it, over real HTTP."""

import asyncio
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send


class Gate:
    """A step that holds the answer until the test opens it."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        while not self._open.is_set():
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Pause:
    """A step that waits."""

    seconds: float


@dataclass(frozen=True)
class Call:
    """A step that calls a tool."""

    name: str
    arguments: str


@dataclass(frozen=True)
class Raw:
    """A step that sends bytes as they are, well formed or not."""

    data: bytes


class HangUp:
    """A step that closes the connection in the middle of the answer."""


class Silence:
    """A step that sends nothing any more and keeps the connection open."""


Step = str | Gate | Pause | Call | Raw | HangUp | Silence


class Reply:
    """One answer: its steps, where a string is a text delta, or with another status an error."""

    def __init__(
        self, *steps: Step, status: int = 200, headers: dict[str, str] | None = None, error: dict[str, Any] | None = None, finish: str = "stop"
    ) -> None:
        self.steps = steps
        self.status = status
        self.headers = headers or {}
        self.error = error or {"message": "scripted", "type": "error"}
        self.finish = finish


def paced(text: str, seconds: float = 0.02) -> Reply:
    """An answer of one delta a word, with a pause after each."""
    steps: list[Step] = []
    for word in text.split(" "):
        steps += [word + " ", Pause(seconds)]
    return Reply(*steps)


@dataclass
class Request:
    """One request as the server saw it."""

    path: str
    query: str
    headers: dict[str, str]
    body: dict[str, Any]
    first_delta: float | None = None
    """`time.time()` when the first text delta was sent."""
    ended: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when the client closed the connection before the answer was whole."""

    @property
    def said(self) -> list[tuple[str, Any]]:
        """The history it carries, as (role, content), without the system message."""
        return [(message["role"], message.get("content")) for message in self.body["messages"] if message["role"] != "system"]


class Provider:
    """Plays the replies it was given, in order, and a plain sentence when it has none left."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.base_url = f"{self.address}/v1"
        self.requests: list[Request] = []
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
        self.requests.append(request)
        reply = self._replies.popleft() if self._replies else Reply("A plain answer.")
        answering = asyncio.create_task(_answer(request, reply, send))
        leaving = asyncio.create_task(receive())
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
    if reply.status != 200:
        await _send_json(send, reply.status, {"error": reply.error}, reply.headers)
    elif request.body.get("stream"):
        await _stream(request, reply, send)
    else:
        text = "".join(step for step in reply.steps if isinstance(step, str))
        message = {"role": "assistant", "content": text}
        whole = _chunk() | {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}]}
        await _send_json(send, 200, whole | {"usage": _usage(text)}, reply.headers)


async def _stream(request: Request, reply: Reply, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    text, calls = "", 0
    for step in reply.steps:
        match step:
            case str():
                request.first_delta = request.first_delta or time.time()
                text += step
                await _send_delta(send, {"content": step})
            case Call():
                function = {"name": step.name, "arguments": step.arguments}
                await _send_delta(send, {"tool_calls": [{"index": calls, "id": f"call_{calls}", "type": "function", "function": function}]})
                calls += 1
            case Pause():
                await asyncio.sleep(step.seconds)
            case Gate():
                await step.passed()
            case Raw():
                await send({"type": "http.response.body", "body": step.data, "more_body": True})
            case HangUp():
                raise _HungUp
            case Silence():
                await asyncio.sleep(3600)
    await _send_event(send, _chunk() | {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls" if calls else reply.finish}]})
    if request.body.get("stream_options", {}).get("include_usage"):
        await _send_event(send, _chunk() | {"choices": [], "usage": _usage(text)})
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n", "more_body": False})


async def _send_delta(send: Send, delta: dict[str, Any]) -> None:
    await _send_event(send, _chunk() | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


async def _send_event(send: Send, data: dict[str, Any]) -> None:
    await send({"type": "http.response.body", "body": f"data: {json.dumps(data)}\n\n".encode(), "more_body": True})


async def _send_json(send: Send, status: int, data: dict[str, Any], headers: dict[str, str]) -> None:
    listed = [(b"content-type", b"application/json"), *((name.encode(), value.encode()) for name, value in headers.items())]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": json.dumps(data).encode()})


def _chunk() -> dict[str, Any]:
    return {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}


def _usage(text: str) -> dict[str, int]:
    return {"prompt_tokens": 11, "completion_tokens": len(text.split()), "total_tokens": 11 + len(text.split())}


@contextmanager
def serving() -> Iterator[Provider]:
    """A provider that answers on a free port until the block is left."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    provider = Provider(listening.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(provider, log_level="critical", lifespan="off", timeout_graceful_shutdown=0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield provider
    finally:
        server.should_exit = True
        thread.join(timeout=5)
