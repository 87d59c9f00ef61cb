"""Anthropic's messages."""

import json
from typing import Any
from uuid import uuid4

from tests.provider.script import Call
from tests.provider.writer import Writer

STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class AnthropicWriter(Writer):
    """`POST /v1/messages`."""

    stream_type = "text/event-stream"
    _index = -1
    _open: str | None = None

    def complaint(self) -> str | None:
        messages = self.body.get("messages", [])
        blocks = [block for message in messages if isinstance(message["content"], list) for block in message["content"]]
        texts = [message["content"] for message in messages if isinstance(message["content"], str)]
        texts += [block["text"] for block in blocks if block["type"] == "text"]
        sampling = {"temperature", "top_p", "top_k"} & self.body.keys()
        rules = {
            "temperature, top_p, top_k: Extra inputs are not permitted": self.headers["anthropic-version"] < "2026-10-21" or not sampling,
            "max_tokens: Field required": "max_tokens" in self.body,
            "messages: at least one message is required": messages,
            "messages: only the roles user and assistant are known": {message["role"] for message in messages} <= {"user", "assistant"},
            "messages: text content blocks must contain non-whitespace text": all(text.strip() for text in texts),
            "tools: must be defined where there are tool_use blocks": self.body.get("tools")
            or not any(block["type"] in {"tool_use", "tool_result"} for block in blocks),
        }
        return next((rule for rule, is_kept in rules.items() if not is_kept), None)

    def opening(self) -> bytes:
        usage = {"input_tokens": self.reply.prompt_tokens, "output_tokens": 1}
        message = self._message() | {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
        return _event("message_start", message=message) + _event("ping")

    def text(self, delta: str) -> bytes:
        begin = b"" if self._open == "text" else self._end() + self._begin({"type": "text", "text": ""})
        return begin + self._delta({"type": "text_delta", "text": delta})

    def call(self, call: Call) -> bytes:
        begin = self._end() + self._begin({"type": "tool_use", "id": _new_id(), "name": call.name, "input": {}})
        half = len(call.arguments) // 2
        pieces = [call.arguments[:half], call.arguments[half:]]
        return begin + b"".join(self._delta({"type": "input_json_delta", "partial_json": piece}) for piece in pieces)

    def closing(self) -> bytes:
        delta = {"stop_reason": STOP_REASONS.get(self.reply.finish, self.reply.finish), "stop_sequence": None}
        usage = {"output_tokens": self.reply.completion_tokens}
        return self._end() + _event("message_delta", delta=delta, usage=usage) + _event("message_stop")

    def whole(self) -> dict[str, Any]:
        reply = self.reply
        texts = [{"type": "text", "text": reply.text}] if reply.text else []
        calls = [{"type": "tool_use", "id": _new_id(), "name": call.name, "input": json.loads(call.arguments)} for call in reply.calls]
        return self._message() | {
            "content": [*texts, *calls],
            "stop_reason": STOP_REASONS.get(reply.finish, reply.finish),
            "stop_sequence": None,
            "usage": {"input_tokens": reply.prompt_tokens, "output_tokens": reply.completion_tokens},
        }

    def error(self, status: int, error: dict[str, Any]) -> dict[str, Any]:
        return {"type": "error", "error": {"type": ERROR_TYPES.get(status, "api_error"), "message": "scripted"} | error}

    def _message(self) -> dict[str, Any]:
        return {"id": "msg_scripted", "type": "message", "role": "assistant", "model": self.body.get("model")}

    def _begin(self, block: dict[str, Any]) -> bytes:
        self._index += 1
        self._open = block["type"]
        return _event("content_block_start", index=self._index, content_block=block)

    def _delta(self, delta: dict[str, Any]) -> bytes:
        return _event("content_block_delta", index=self._index, delta=delta)

    def _end(self) -> bytes:
        if self._open is None:
            return b""
        self._open = None
        return _event("content_block_stop", index=self._index)


def _new_id() -> str:
    return f"toolu_{uuid4().hex}"


def _event(kind: str, **data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | data)}\n\n".encode()
