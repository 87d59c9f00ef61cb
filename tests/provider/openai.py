"""OpenAI's chat completions, and Azure's."""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from tests.provider.script import Call
from tests.provider.writer import Writer

ROLES = {"system", "developer", "user", "assistant", "tool"}


class OpenAIWriter(Writer):
    """`POST .../chat/completions`."""

    stream_type = "text/event-stream"
    _calls = 0

    def complaint(self) -> str | None:
        messages = self.body.get("messages", [])
        rules = {
            "messages: at least one message is required": messages,
            "messages: an unknown role": {message["role"] for message in messages} <= ROLES,
            "messages: content is empty": all(message.get("content") or message.get("tool_calls") for message in messages),
            "messages: tool_calls must be followed by a tool message for each tool_call_id": _answered(messages),
        }
        return next((rule for rule, is_kept in rules.items() if not is_kept), None)

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


def _answered(messages: Sequence[dict[str, Any]]) -> bool:
    """Whether right behind each message that calls tools there are results of just these calls, and none anywhere else."""
    asked: list[str] = []
    for is_result, group in groupby(messages, lambda message: message["role"] == "tool"):
        together = list(group)
        if is_result and sorted(message["tool_call_id"] for message in together) != asked:
            return False
        calls = [] if is_result else [[call["id"] for call in message.get("tool_calls") or []] for message in together]
        if any(calls[:-1]):
            return False
        asked = sorted(calls[-1]) if calls else []
    return not asked


def _tool_call(number: int, call: Call) -> dict[str, Any]:
    return {
        "id": f"call_{number}" if call.id is None else call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }


def _delta(delta: dict[str, Any]) -> bytes:
    return _event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(_envelope('chat.completion.chunk') | data)}\n\n".encode()


def _envelope(kind: str) -> dict[str, Any]:
    return {"id": "scripted", "object": kind, "created": 0, "model": "scripted"}
