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

PAUSE = 0.02
WORDS = (20, 120)
LONGER = (100, 500)
LONGEST = (10_000, 10_000)
"""How many words an answer has. Prompts with "longer" and "long" in them ask for more; the last takes minutes."""


async def answer(request: Request) -> StreamingResponse:
    words = (await request.json())["messages"][-1]["content"].split()
    bounds = LONGEST if "long" in words else LONGER if "longer" in words else WORDS
    return StreamingResponse(_chunks(words[-1], random.randint(*bounds)), media_type="text/event-stream")


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
