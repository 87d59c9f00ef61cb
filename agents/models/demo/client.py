"""A model client without a model behind it: deterministic, streaming, offline."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal, Unpack

from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelFamily, ModelInfo, RequestUsage
from autogen_core.tools import Tool, ToolSchema

from agents.models.demo import coding, images, plan, script, selector, structured, tools, travel
from agents.models.demo.continuing import rest, unbroken
from agents.models.demo.request import Content, Request, to_text
from agents.models.options import Options

WORD_SECONDS = 0.03
"""Pause after each word, about the pace of a hosted model."""

CAPABLE = ModelInfo(
    vision=True,
    function_calling=True,
    json_output=True,
    structured_output=True,
    family=ModelFamily.UNKNOWN,
    multiple_system_messages=True,
)

PARTS = (selector.answer, tools.call, plan.answer, structured.answer, travel.answer, tools.answer, coding.answer, images.answer, tools.ask)
"""Each answers a request that is its own, and leaves any other; what none of them takes is plain talk."""


class DemoClient(ChatCompletionClient):
    """A real model client that looks at nothing but what it is given."""

    def __init__(self, word_seconds: float = WORD_SECONDS) -> None:
        self._word_seconds = word_seconds
        self._usage = RequestUsage(prompt_tokens=0, completion_tokens=0)

    async def create_stream(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> AsyncGenerator[str | CreateResult, None]:
        result = await self.create(messages, **options)
        for word in _words(result.content):
            await asyncio.sleep(self._word_seconds)
            yield word
        yield result

    async def create(self, messages: Sequence[LLMMessage], **options: Unpack[Options]) -> CreateResult:
        content = answer(Request(messages, options.get("tools", ()), options.get("tool_choice", "auto"), options.get("json_output")))
        usage = RequestUsage(prompt_tokens=self.count_tokens(messages), completion_tokens=_count(content))
        self._usage = RequestUsage(
            prompt_tokens=self._usage.prompt_tokens + usage.prompt_tokens,
            completion_tokens=self._usage.completion_tokens + usage.completion_tokens,
        )
        reason: Literal["stop", "function_calls"] = "stop" if isinstance(content, str) else "function_calls"
        return CreateResult(finish_reason=reason, content=content, usage=usage, cached=False)

    async def close(self) -> None:
        """Nothing is open."""

    def actual_usage(self) -> RequestUsage:
        return self._usage

    def total_usage(self) -> RequestUsage:
        return self._usage

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []) -> int:
        """Count words: the demo has no tokens, and words are near enough to show."""
        return sum(len(to_text(message).split()) for message in messages)

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []) -> int:
        return 1_000_000 - self.count_tokens(messages)

    @property
    def capabilities(self) -> Any:
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        return CAPABLE


def answer(request: Request) -> Content:
    """Let the first part whose turn it is answer; an answer that was broken off is written again from there."""
    if before := unbroken(request):
        whole = answer(before)
        return rest(request, whole) if isinstance(whole, str) else whole
    answers = (part(request) for part in PARTS)
    return next((content for content in answers if content is not None), None) or script.answer(request.prompts, request.schemas)


def _words(content: Content) -> list[str]:
    return re.findall(r"\s*\S+\s*", content) if isinstance(content, str) else []


def _count(content: Content) -> int:
    if isinstance(content, str):
        return len(content.split())
    return sum(len(f"{call.name} {call.arguments}".split()) for call in content)
