"""Ollama's chat, and its list of models."""

import json
from typing import Any

from tests.provider.script import Call
from tests.provider.writer import Writer

CREATED = "2026-01-01T00:00:00.000000Z"


class OllamaWriter(Writer):
    """`POST /api/chat`."""

    stream_type = "application/x-ndjson"

    @property
    def wants_stream(self) -> bool:
        return bool(self.body.get("stream", True))

    def text(self, delta: str) -> bytes:
        return self._line({"content": delta})

    def call(self, call: Call) -> bytes:
        return self._line({"content": "", "tool_calls": [_tool_call(call)]})

    def closing(self) -> bytes:
        return self._line({"content": ""}, **self._ending())

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {"content": self.reply.text}
        if self.reply.calls:
            message["tool_calls"] = [_tool_call(call) for call in self.reply.calls]
        return self._part(message) | self._ending()

    def error(self, status: int, error: dict[str, Any]) -> dict[str, Any]:
        return {"error": error.get("message", "scripted")}

    def _ending(self) -> dict[str, Any]:
        return {
            "done": True,
            "done_reason": "stop" if self.reply.finish == "tool_calls" else self.reply.finish,
            "total_duration": 3,
            "load_duration": 1,
            "prompt_eval_count": self.reply.prompt_tokens,
            "prompt_eval_duration": 1,
            "eval_count": self.reply.completion_tokens,
            "eval_duration": 1,
        }

    def _line(self, message: dict[str, Any], **more: Any) -> bytes:
        return json.dumps(self._part(message) | more).encode() + b"\n"

    def _part(self, message: dict[str, Any]) -> dict[str, Any]:
        return {"model": self.body.get("model"), "created_at": CREATED, "message": {"role": "assistant"} | message, "done": False}


def tags(models: list[str]) -> dict[str, Any]:
    """The answer to `GET /api/tags`."""
    return {"models": [{"name": name, "model": name, "modified_at": CREATED, "size": 1, "digest": "0" * 64} for name in models]}


def _tool_call(call: Call) -> dict[str, Any]:
    return {"function": {"name": call.name, "arguments": json.loads(call.arguments)}}
