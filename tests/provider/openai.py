"""OpenAI's chat completions, and Azure's."""

import json
from typing import Any

from tests.provider.script import Call
from tests.provider.writer import Writer


class OpenAIWriter(Writer):
    """`POST .../chat/completions`."""

    stream_type = "text/event-stream"
    _calls = 0

    def text(self, delta: str) -> bytes:
        return _delta({"content": delta})

    def call(self, call: Call) -> bytes:
        delta = {"index": self._calls} | _tool_call(self._calls, call)
        self._calls += 1
        return _delta({"tool_calls": [delta]})

    def closing(self) -> bytes:
        last = _event({"choices": [{"index": 0, "delta": {}, "finish_reason": self.reply.finish}]})
        if self.body.get("stream_options", {}).get("include_usage"):
            last += _event({"choices": [], "usage": self._usage()})
        return last + b"data: [DONE]\n\n"

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.reply.text}
        if self.reply.calls:
            message["tool_calls"] = [_tool_call(number, call) for number, call in enumerate(self.reply.calls)]
        choice = {"index": 0, "message": message, "finish_reason": self.reply.finish}
        return _envelope("chat.completion") | {"choices": [choice], "usage": self._usage()}

    def error(self, status: int, error: dict[str, Any]) -> dict[str, Any]:
        return {"error": error or {"message": "scripted", "type": "error"}}

    def _usage(self) -> dict[str, int]:
        prompt, completion = self.reply.prompt_tokens, self.reply.completion_tokens
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _tool_call(number: int, call: Call) -> dict[str, Any]:
    return {"id": f"call_{number}", "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _delta(delta: dict[str, Any]) -> bytes:
    return _event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(_envelope('chat.completion.chunk') | data)}\n\n".encode()


def _envelope(kind: str) -> dict[str, Any]:
    return {"id": "scripted", "object": kind, "created": 0, "model": "scripted"}
