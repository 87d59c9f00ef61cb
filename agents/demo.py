"""The demo model: answers without any key, the same every time, and says what it is."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Literal

from autogen_core import CancellationToken
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    ModelFamily,
    ModelInfo,
    RequestUsage,
    UserMessage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

WORD_SECONDS = 0.03
"""Pause after each word, about the pace of a hosted model."""

CONNECT = """To talk to a real model, put its key into a file named `.env` beside `app.py` and start Roundtable again:

```bash
OPENAI_API_KEY=…
OPENAI_MODEL=gpt-4.1-mini
```

`OPENAI_BASE_URL` points to any other server that speaks OpenAI's protocol. Azure OpenAI works too: see `.env.example`."""

SAMPLE = """Here is what an answer can hold:

| Element | In Markdown |
| --- | --- |
| **bold** and *italic* | `**bold**`, `*italic*` |
| a list | `- item` |

1. Code keeps its shape and can be copied:

```python
def greet(name: str) -> str:
    return f"Hello, {name}!"
```

2. A quotation stands apart:

> The demo model wrote this from a script.
"""


class DemoClient(ChatCompletionClient):
    """A real model client without a model behind it: deterministic, streaming, offline."""

    def __init__(self, word_seconds: float = WORD_SECONDS) -> None:
        self._word_seconds = word_seconds
        self._usage = RequestUsage(prompt_tokens=0, completion_tokens=0)

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: Tool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        result = await self.create(messages)
        for word in re.findall(r"\s*\S+\s*", str(result.content)):
            await asyncio.sleep(self._word_seconds)
            yield word
        yield result

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = [],
        tool_choice: Tool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        text = answer([_text(message) for message in messages if isinstance(message, UserMessage)])
        usage = RequestUsage(prompt_tokens=self.count_tokens(messages), completion_tokens=len(text.split()))
        self._usage = RequestUsage(
            prompt_tokens=self._usage.prompt_tokens + usage.prompt_tokens,
            completion_tokens=self._usage.completion_tokens + usage.completion_tokens,
        )
        return CreateResult(finish_reason="stop", content=text, usage=usage, cached=False)

    async def close(self) -> None:
        """Nothing is open."""

    def actual_usage(self) -> RequestUsage:
        return self._usage

    def total_usage(self) -> RequestUsage:
        return self._usage

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []) -> int:
        """Count words: the demo has no tokens, and words are near enough to show."""
        return sum(len(_text(message).split()) for message in messages)

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = []) -> int:
        return 1_000_000 - self.count_tokens(messages)

    @property
    def capabilities(self) -> Any:
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        return ModelInfo(
            vision=False,
            function_calling=False,
            json_output=False,
            structured_output=False,
            family=ModelFamily.UNKNOWN,
            multiple_system_messages=True,
        )


def answer(prompts: Sequence[str]) -> str:
    """Answer the last of a conversation's prompts from a script."""
    prompt = prompts[-1] if prompts else ""
    for pattern, reply in _SCRIPT:
        if re.search(pattern, prompt, re.IGNORECASE):
            return reply(prompts)
    return _about_the_prompt(prompts)


def _greeting(_prompts: Sequence[str]) -> str:
    return (
        "Hello! I am Roundtable's **demo model**: a script, not a language model, so I can show how everything here works "
        "but cannot reason.\n\nTry one of these:\n\n"
        "- *Show me what an answer can look like*\n- *What did I say first?*\n- *Count to 200*, and press **Stop** half way\n\n" + CONNECT
    )


def _connecting(_prompts: Sequence[str]) -> str:
    return CONNECT


def _sample(_prompts: Sequence[str]) -> str:
    return SAMPLE


def _memory(prompts: Sequence[str]) -> str:
    if len(prompts) == 1:
        return "This is the first thing you said here. Ask me again later: I keep the whole conversation."
    quoted = "\n".join(f"{number}. {_short(prompt)}" for number, prompt in enumerate(prompts[:-1], start=1))
    return f"Before this you said:\n\n{quoted}"


def _count(prompts: Sequence[str]) -> str:
    wanted = re.search(r"\d+", prompts[-1])
    last = min(int(wanted.group()), 2000) if wanted else 100
    return "Counting, as a long answer to try **Stop** on: " + ", ".join(str(number) for number in range(1, last + 1)) + "."


def _about_the_prompt(prompts: Sequence[str]) -> str:
    words = prompts[-1].split()
    longest = max(words, key=len, default="")
    return (
        f"I am the **demo model**, a script without understanding. What I can say of your prompt: it has {len(words)} "
        f"{'word' if len(words) == 1 else 'words'}, the longest is `{longest[:60].replace('`', '')}`, and it is number {len(prompts)} "
        f"in this conversation.\n\n{CONNECT}"
    )


_SCRIPT: Sequence[tuple[str, Callable[[Sequence[str]], str]]] = (
    (r"\b(count|zähl)", _count),
    (r"\b(first|earlier|before|remember|so far)\b", _memory),
    (r"\b(markdown|table|code|look like|format|sample)", _sample),
    (r"\b(key|connect|real model|set ?up|configure)", _connecting),
    (r"^\s*(hi|hello|hey|hallo|good (morning|evening|day))\b|what can you|who are you|help\b", _greeting),
)


def _text(message: LLMMessage) -> str:
    content = message.content
    if isinstance(content, str):
        return content
    return " ".join(part for part in content if isinstance(part, str)) if not isinstance(message, AssistantMessage) else ""


def _short(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= 80 else line[:79] + "…"
