"""AutoGen's Ollama client, with time limits, streams that close and tool calls that can be told apart."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Unpack
from uuid import uuid4

import httpx
import httpx2
from autogen_core import FunctionCall, Image
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FinishReasons,
    FunctionExecutionResultMessage,
    LLMMessage,
    RequestUsage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import Tool, ToolSchema
from autogen_ext.models.ollama import OllamaChatCompletionClient
from ollama import AsyncClient, ChatResponse

from agents.models.options import Options
from agents.models.streamed_client import MISSHAPEN, StreamedClient, reading, to_arguments, to_schema, to_word

FINISH_REASONS: dict[str | None, FinishReasons] = {"stop": "stop", "length": "length"}
"""AutoGen does not know that `length` is a truncated answer."""


class OllamaClient(StreamedClient, OllamaChatCompletionClient):
    """A model of an Ollama server at `host`. `temperature`, `seed`, `num_ctx` and the like are sent only if given."""

    def __init__(self, *, timeout: httpx2.Timeout | float = 60.0, headers: Mapping[str, str] | None = None, **options: Any) -> None:
        super().__init__(**{name: value for name, value in options.items() if value is not None})
        # AutoGen passes neither on, so a server that falls silent would never be given up.
        self._client = AsyncClient(options.get("host"), timeout=httpx.Timeout(**httpx2.Timeout(timeout).as_dict()), headers=headers)

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> AsyncGenerator[str | CreateResult, None]:
        """Replaces AutoGen's, which loses the text and usage of an answer in one piece and gives all calls the same id."""
        tools, choice = options.get("tools", ()), options.get("tool_choice", "auto")
        self._check(messages, tools)
        params = self._process_create_args([], [], "none", options.get("json_output"), options.get("extra_create_args", {}))
        offered = [choice] if isinstance(choice, Tool) else [] if choice == "none" else tools
        answer = _Answer()
        stream: AsyncGenerator[ChatResponse, None] = await self._client.chat(  # type: ignore[assignment]  # the SDK says less than it gives
            messages=[turn for message in messages for turn in _to_turns(message)],
            tools=[_to_tool(to_schema(tool)) for tool in offered],
            stream=True,
            format=params.format,
            **params.create_args,
        )
        async with aclosing(stream):  # AutoGen never closes it, so a stopped answer would go on being computed
            with reading(ValueError, *MISSHAPEN):
                async for chunk in stream:
                    if text := answer.take(chunk):
                        yield text
                result = answer.result()
        self._count(result.usage)
        yield result

    async def close(self) -> None:
        """Close the connections, which AutoGen leaves open."""
        await self._client.close()  # type: ignore[no-untyped-call]  # the SDK's


class _Answer:
    """What has come of an answer. Thinking is left out, as AutoGen does."""

    def __init__(self) -> None:
        self._text = ""
        self._calls: list[FunctionCall] = []
        self._last: ChatResponse | None = None

    def take(self, chunk: ChatResponse) -> str:
        """Take one chunk in, and give the text it brought."""
        self._last = chunk
        text = chunk.message.content or ""
        self._text += text
        for call in chunk.message.tool_calls or ():
            arguments = json.dumps(dict(call.function.arguments))
            self._calls.append(FunctionCall(id=f"call_{uuid4().hex}", name=to_word(call.function.name), arguments=arguments))
        return text

    def result(self) -> CreateResult:
        if self._last is None or not self._last.done:  # a proxy may end a broken answer as if it were whole
            raise httpx.RemoteProtocolError("the stream ended before the answer did")
        reason = FINISH_REASONS.get(self._last.done_reason, "unknown")
        return CreateResult(
            finish_reason="function_calls" if self._calls and reason == "stop" else reason,
            content=self._calls or self._text,
            thought=(self._text or None) if self._calls else None,
            usage=RequestUsage(prompt_tokens=self._last.prompt_eval_count or 0, completion_tokens=self._last.eval_count or 0),
            cached=False,
        )


def _to_turns(message: LLMMessage) -> list[dict[str, Any]]:
    match message:
        case SystemMessage():
            return [{"role": "system", "content": message.content}]
        case UserMessage():
            parts = [message.content] if isinstance(message.content, str) else message.content
            text = "\n".join(part for part in parts if isinstance(part, str))
            return [{"role": "user", "content": text, "images": [part.to_base64() for part in parts if isinstance(part, Image)]}]
        case AssistantMessage(content=str() as text):
            return [{"role": "assistant", "content": text}]
        case AssistantMessage(content=list() as calls):
            made = [{"function": {"name": to_word(call.name), "arguments": to_arguments(call)}} for call in calls]
            return [{"role": "assistant", "content": message.thought, "tool_calls": made}]
        case FunctionExecutionResultMessage():
            # The protocol has no ids: with the tool's name, which AutoGen leaves out, results of parallel calls can be told apart.
            return [{"role": "tool", "content": result.content, "tool_name": to_word(result.name)} for result in message.content]
    raise TypeError(type(message).__name__)


def _to_tool(schema: ToolSchema) -> dict[str, Any]:
    """The schema as the SDK knows it. AutoGen keeps only types and descriptions: no choices, no lists' items."""
    parameters: dict[str, Any] = {"type": "object", **schema.get("parameters", {})}
    properties = {name: _to_property(value) for name, value in parameters.get("properties", {}).items()}
    function = {"name": schema["name"], "description": schema.get("description", ""), "parameters": parameters | {"properties": properties}}
    return {"type": "function", "function": function}


def _to_property(schema: dict[str, Any]) -> dict[str, Any]:
    """An optional parameter is described by what it may be besides null: the SDK drops alternatives."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    return {**(kinds[0] if kinds else {}), **schema}
