"""AutoGen's Anthropic client, fit for this SDK, for live pages and for conversations that another model began."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Unpack

import httpx2
from anthropic.types import RawMessageStreamEvent
from autogen_core import FunctionCall, Image
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FinishReasons,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    RequestUsage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import Tool, ToolSchema
from autogen_ext.models.anthropic import AnthropicChatCompletionClient

from agents.images.encoded import media_type_of
from agents.models.options import Options, ToolChoice
from agents.models.streamed_client import MISSHAPEN, StreamedClient, reading, to_arguments, to_count, to_schema, to_word

MAX_TOKENS = 8192
"""Anthropic wants a limit with every request. AutoGen's 4096 cuts long answers; every current model can write this much."""

SAMPLING = {"temperature", "top_p", "top_k"}
SAMPLING_VERSION = "2023-06-01"
"""The last version of the API that takes those, where the model does. The SDK's own refuses them, whatever their value."""

FINISH_REASONS: dict[str | None, FinishReasons] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "function_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
"""AutoGen knows neither the context's end nor a refusal."""


class AnthropicClient(StreamedClient, AnthropicChatCompletionClient):
    """Claude. `temperature` and the like are sent only if given; `timeout` is an `httpx2.Timeout`."""

    async def create_stream(  # type: ignore[override]  # without an option that AutoGen does not heed either
        self, messages: Sequence[LLMMessage], **options: Unpack[Options]
    ) -> AsyncGenerator[str | CreateResult, None]:
        """Replaces AutoGen's, which fails on every call: it always passes a temperature, which the SDK no longer takes."""
        if options.get("json_output"):
            raise ValueError("JSON output is not supported for Anthropic models")
        tools = options.get("tools", ())
        self._check(messages, tools)
        body = {
            "max_tokens": MAX_TOKENS,
            **{name: value for name, value in self._create_args.items() if value is not None},
            **options.get("extra_create_args", {}),
            **_to_prompt(messages),
            **_to_tools(messages, tools, options.get("tool_choice", "auto")),
        }
        answer = _Answer()
        stream = await self._client.messages.create(
            model=body["model"],
            max_tokens=body["max_tokens"],
            messages=body["messages"],
            stream=True,
            extra_body=body,  # which holds what the SDK has no arguments for
            extra_headers={"anthropic-version": SAMPLING_VERSION} if SAMPLING & body.keys() else None,
        )
        async with stream:  # AutoGen never closes it, so a stopped answer would go on being sent and paid for
            with reading(ValueError, *MISSHAPEN):
                async for event in stream:
                    if text := answer.take(event):
                        yield text
                result = answer.result()
        self._count(result.usage)
        yield result


class _Answer:
    """What has come of an answer. Thinking is left out: AutoGen would show it as if it were the answer."""

    def __init__(self) -> None:
        self._text = ""
        self._calls: dict[int, FunctionCall] = {}
        self._usage = RequestUsage(prompt_tokens=0, completion_tokens=0)
        self._stop_reason: str | None = None

    def take(self, event: RawMessageStreamEvent) -> str:
        """Take one event in, and give the text it brought."""
        match event.type:
            case "message_start":
                self._usage.prompt_tokens = to_count(event.message.usage.input_tokens)
            case "content_block_start" if event.content_block.type == "tool_use":
                block = event.content_block
                self._calls[event.index] = FunctionCall(id=block.id, name=to_word(block.name), arguments="")
            case "content_block_delta" if event.delta.type == "text_delta":
                self._text += event.delta.text
                return event.delta.text
            case "content_block_delta" if event.delta.type == "input_json_delta":
                self._calls[event.index].arguments += event.delta.partial_json
            case "message_delta":
                self._usage.completion_tokens = to_count(event.usage.output_tokens)
                self._stop_reason = event.delta.stop_reason
        return ""

    def result(self) -> CreateResult:
        if self._stop_reason is None:  # a proxy may end a broken answer as if it were whole
            raise httpx2.RemoteProtocolError("the stream ended before the answer did")
        for call in self._calls.values():
            call.arguments = call.arguments or "{}"  # a tool without parameters is called without any delta
        return CreateResult(
            finish_reason=FINISH_REASONS.get(self._stop_reason, "unknown"),
            content=list(self._calls.values()) or self._text,
            thought=(self._text or None) if self._calls else None,
            usage=self._usage,
            cached=False,
        )


def _to_prompt(messages: Sequence[LLMMessage]) -> dict[str, Any]:
    """The history. System messages, which AutoGen's memory adds between others and its client then refuses, go into their one place.

    Anthropic refuses blank texts, and an answer that ends with a blank where it is the last message.
    """
    system = "\n".join(message.content for message in messages if isinstance(message, SystemMessage)).strip()
    turns = [_to_turn(message) for message in messages if not isinstance(message, SystemMessage)]
    prompt: dict[str, Any] = {"messages": [turn for turn in turns if turn["content"]]}
    return prompt | ({"system": system} if system else {})


def _to_turn(message: LLMMessage) -> dict[str, Any]:
    match message:
        case UserMessage(content=str() as text):
            return {"role": "user", "content": text.strip() and text}
        case UserMessage(content=list() as parts):
            return {"role": "user", "content": [block for part in parts for block in _to_blocks(part)]}
        case AssistantMessage(content=str() as text):
            return {"role": "assistant", "content": text.rstrip()}
        case AssistantMessage(content=list() as calls):
            uses = [{"type": "tool_use", "id": to_word(call.id), "name": to_word(call.name), "input": to_arguments(call)} for call in calls]
            return {"role": "assistant", "content": [*_to_blocks(message.thought or ""), *uses]}
        case FunctionExecutionResultMessage():
            return {"role": "user", "content": [_to_result(result) for result in message.content]}
    raise TypeError(type(message).__name__)


def _to_blocks(part: str | Image) -> list[dict[str, Any]]:
    """One block, or none for blank text."""
    if isinstance(part, Image):
        return [{"type": "image", "source": {"type": "base64", "media_type": media_type_of(part), "data": part.to_base64()}}]
    return [{"type": "text", "text": part}] if part.strip() else []


def _to_result(result: FunctionExecutionResult) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": to_word(result.call_id), "content": result.content, "is_error": bool(result.is_error)}


def _to_tools(messages: Sequence[LLMMessage], tools: Sequence[Tool | ToolSchema], choice: ToolChoice) -> dict[str, Any]:
    """The tools that may be called.

    Anthropic wants the tools of earlier calls declared even where none may be called. AutoGen sends those that its client was last
    asked with, by any conversation of the process; here they are taken from the history itself.
    """
    if not tools:
        lists = [message.content for message in messages if isinstance(message, AssistantMessage) and isinstance(message.content, list)]
        names = dict.fromkeys(to_word(call.name) for calls in lists for call in calls)
        declared = [{"name": name, "input_schema": {"type": "object"}} for name in names]
        return {"tools": declared, "tool_choice": {"type": "none"}} if declared else {}
    declared = [_to_tool(to_schema(tool)) for tool in tools]
    if isinstance(choice, Tool):
        return {"tools": declared, "tool_choice": {"type": "tool", "name": choice.name}}
    return {"tools": declared, "tool_choice": {"type": "any" if choice == "required" else choice}}


def _to_tool(schema: ToolSchema) -> dict[str, Any]:
    parameters = {"type": "object", **schema.get("parameters", {})}
    return {"name": schema["name"], "description": schema.get("description", ""), "input_schema": parameters}
