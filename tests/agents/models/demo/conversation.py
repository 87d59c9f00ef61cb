"""Calls of the demo model's client, as an agent makes them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from autogen_core import FunctionCall, Image
from autogen_core.models import AssistantMessage, CreateResult, LLMMessage, SystemMessage, UserMessage

from agents.models.demo import DemoClient

Prompt = str | list[str | Image]


def history(*prompts: Prompt, system: str = "Be brief.") -> list[LLMMessage]:
    """A conversation of these prompts, each but the last answered."""
    messages: list[LLMMessage] = [SystemMessage(content=system)]
    for prompt in prompts:
        messages += [UserMessage(content=prompt, source="user"), AssistantMessage(content="Well.", source="assistant")]
    return messages[:-1]


def create(messages: Sequence[LLMMessage], **options: Any) -> CreateResult:
    return asyncio.run(DemoClient().create(messages, **options))


def said(messages: Sequence[LLMMessage], **options: Any) -> str:
    """The answer, which is a text."""
    content = create(messages, **options).content
    assert isinstance(content, str)
    return content


def called(messages: Sequence[LLMMessage], **options: Any) -> list[FunctionCall]:
    """The answer, which is tool calls, or none."""
    content = create(messages, **options).content
    return content if isinstance(content, list) else []


def stream(messages: Sequence[LLMMessage], **options: Any) -> list[str | CreateResult]:
    async def collect() -> list[str | CreateResult]:
        return [item async for item in DemoClient(word_seconds=0).create_stream(messages, **options)]

    return asyncio.run(collect())
