"""How deltas of OpenAI's protocol are read."""

from typing import Any

import pytest
from httpx2 import Response
from openai.types.chat import ChatCompletionChunk

from agents.models.openai_clients import Chunk

DELTA: dict[str, Any] = {"content": "Hello"}


def chunk(**changes: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": DELTA, "finish_reason": None}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]} | changes


def call(**function: str) -> dict[str, Any]:
    return {"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "1", "type": "function", "function": function}]}, "finish_reason": None}


USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


@pytest.mark.parametrize(
    "data",
    [
        chunk(),
        chunk(choices=[], usage=USAGE),
        chunk(choices=[call(name="look", arguments='{"a"')]),
        chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}], usage=None),
        chunk(choices=[{"index": 0, "delta": {"reasoning_content": "Hm"}, "finish_reason": None, "of_a_server": [1, {"a": None}]}]),
        # What servers send that OpenAI's own does not.
        chunk(choices=[{"index": 0, "delta": DELTA, "finish_reason": "eos"}], created=None, object=""),
        chunk(choices=[{"delta": {"content": None, "role": "model"}}], usage={"total": "many"}),
        {"choices": [{"index": 0, "delta": DELTA}]},
    ],
)
def test_a_delta_is_read_as_openai_reads_it(data: dict[str, Any]) -> None:
    read, theirs = Chunk.build(response=Response(200), data=data), ChatCompletionChunk.construct(**data)

    assert read.model_dump(warnings=False, exclude_unset=True) == theirs.model_dump(warnings=False, exclude_unset=True)
    for one, other in zip(read.choices, theirs.choices, strict=True):
        assert one.delta.content == other.delta.content
        assert one.delta.model_extra == other.delta.model_extra
        assert type(one.delta) is type(other.delta)
