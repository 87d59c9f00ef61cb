"""A model that answers at a set pace, in a process of its own: `python -m tests.benchmarks.model PORT`. It speaks OpenAI's protocol.

What it is to say stands in the prompt: `deltas=400` are so many words that each tell when they were sent, `letters=4000` so much of a text
of paragraphs and code; `pace=50` is deltas a second. It is written on bare asyncio, so that it takes little of the machine that it
shares with the server it is asked by. `GET /sent` tells how many deltas it has sent.
"""

import ast
import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator

from tests.benchmarks.texts import prose_and_code, stamp

PACE = 50
THINKING = 0.3
"""Seconds before its first delta. Those of the large providers take as long or longer; what has to be drawn meanwhile is ready then."""
PIECE = 4
"""Letters of a delta of a text, about a token."""
WORDS = 40
"""So many words make a paragraph."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = '{"id":"c","object":"chat.completion.chunk","created":1,"model":"scripted","choices":[{"index":0,"delta":%s,"finish_reason":%s}]}'
USAGE = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
ORDERS = re.compile(rb"(deltas|letters|pace)=(\d+)")
CANDIDATES = re.compile(r"Select the next role from (\[[^]]+\])")


class Answering(asyncio.Protocol):
    """One connection, which may ask again and again."""

    sent = 0
    """Deltas, to all connections."""
    asked = 0

    def __init__(self) -> None:
        self._buffer = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if separator and len(body) >= (int(length[1]) if length else 0):
            self._buffer = b""
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET"):
            self._whole({"sent": Answering.sent})
            return
        request = json.loads(body)
        orders = {name.decode(): int(number) for name, number in ORDERS.findall(body)}
        if not request.get("stream"):
            self._whole(_completion(_said_at_once(request["messages"])))
            return
        self._transport.write(HEAD % b"text/event-stream")
        self._pace = 1 / orders.get("pace", PACE)
        self._next = asyncio.get_running_loop().time() + THINKING
        self._timer = asyncio.get_running_loop().call_at(self._next, self._step, _deltas(orders))

    def _step(self, deltas: Iterator[str]) -> None:
        delta = next(deltas, None)
        if delta is None:
            self._write(f"data: {CHUNK % ('{}', json.dumps('stop'))}\n\ndata: [DONE]\n\n".encode())
            self._transport.write(b"0\r\n\r\n")
            return
        Answering.sent += 1
        self._write(f"data: {CHUNK % (json.dumps({'content': delta}), 'null')}\n\n".encode())
        self._next += self._pace
        self._timer = asyncio.get_running_loop().call_at(self._next, self._step, deltas)

    def _whole(self, content: object) -> None:
        self._transport.write(HEAD % b"application/json")
        self._write(json.dumps(content).encode())
        self._transport.write(b"0\r\n\r\n")

    def _write(self, data: bytes) -> None:
        self._transport.write(b"%x\r\n%s\r\n" % (len(data), data))


def _deltas(orders: dict[str, int]) -> Iterator[str]:
    if letters := orders.get("letters"):
        text = prose_and_code(letters)
        yield from (text[start : start + PIECE] for start in range(0, letters, PIECE))
        return
    for number in range(orders.get("deltas", 20)):
        yield stamp(time.monotonic()) + ("\n\n" if number % WORDS == WORDS - 1 else " ")


def _said_at_once(messages: list[dict[str, str]]) -> str:
    """The next speaker, where one is to be chosen: each of the candidates in turn."""
    candidates = CANDIDATES.findall(str(messages[-1]["content"]))
    if not candidates:
        return "{}"
    names = ast.literal_eval(candidates[-1])
    Answering.asked += 1
    return str(names[Answering.asked % len(names)])


def _completion(text: str) -> dict[str, object]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "scripted", "choices": [choice], "usage": USAGE}


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
