"""A model that says the last word of its prompt again and again: `uvicorn tests.faults.echo:app`. It speaks OpenAI's protocol."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

WORDS = (20, 120)
PAUSE = 0.02
LONG = 10_000
"""Words of an answer that is asked to be long: minutes of them."""


async def answer(request: Request) -> StreamingResponse:
    words = (await request.json())["messages"][-1]["content"].split()
    count = LONG if "long" in words else random.randint(*WORDS)
    return StreamingResponse(_chunks(words[-1], count), media_type="text/event-stream")


async def _chunks(word: str, count: int) -> AsyncIterator[str]:
    for _ in range(count):
        await asyncio.sleep(PAUSE)
        yield _chunk({"content": f"{word} "}, None)
    yield _chunk({}, "stop")
    usage = {"prompt_tokens": 10, "completion_tokens": count, "total_tokens": 10 + count}
    yield _line({"choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _chunk(delta: dict[str, str], finish: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _line({"choices": [choice]})


def _line(content: dict[str, Any]) -> str:
    return f"data: {json.dumps({'id': 'e', 'object': 'chat.completion.chunk', 'created': 1, 'model': 'echo'} | content)}\n\n"


app = Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])
