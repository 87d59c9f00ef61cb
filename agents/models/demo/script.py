"""Plain talk: what the demo model says when nothing else is asked of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.models.demo.places import find_capital
from agents.models.demo.reading import READ_CHARACTERS

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


def answer(prompts: Sequence[str], tools: Sequence[Mapping[str, Any]] = ()) -> str:
    """Answer the last of a conversation's prompts from a script."""
    prompts = prompts or [""]
    prompt = prompts[-1][:READ_CHARACTERS]
    reply = next((reply for pattern, reply in _SCRIPT if re.search(pattern, prompt, re.IGNORECASE)), _about_the_prompt)
    return reply(prompts) + (_tools(tools) if reply is _greeting else "")


def _tools(tools: Sequence[Mapping[str, Any]]) -> str:
    if not tools:
        return ""
    named = "\n".join(f"- `{tool['name']}`: {_short(str(tool.get('description') or 'no description'))}" for tool in tools)
    return f"\n\nHere I can call tools, when your prompt has the words for it:\n\n{named}"


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
    last = min(int(wanted.group()[:9]), 2000) if wanted else 100
    return "Counting, as a long answer to try **Stop** on: " + ", ".join(str(number) for number in range(1, last + 1)) + "."


def _capital(prompts: Sequence[str]) -> str:
    country = _CAPITAL.findall(prompts[-1])[-1]
    place = find_capital(country)
    if place is None:
        return _about_the_prompt(prompts)
    return f"The capital of {place.country} is **{place.name}**: that stands in the demo model's small table of places.\n\n{CONNECT}"


def _about_the_prompt(prompts: Sequence[str]) -> str:
    words = prompts[-1].split()
    longest = max(words, key=len, default="")
    return (
        f"I am the **demo model**, a script without understanding. What I can say of your prompt: it has {len(words)} "
        f"{'word' if len(words) == 1 else 'words'}, the longest is `{longest[:60].replace('`', '')}`, and it is number {len(prompts)} "
        f"in this conversation.\n\n{CONNECT}"
    )


_CAPITAL = re.compile(r"\bcapital of (?:the )?(\w+(?: (?:Kingdom|Republic))?)", re.IGNORECASE)

_SCRIPT: Sequence[tuple[str, Callable[[Sequence[str]], str]]] = (
    (_CAPITAL.pattern, _capital),
    (r"\b(count|zähl)", _count),
    (r"\b(first|earlier|before|remember|so far)\b", _memory),
    (r"\b(markdown|table|code|look like|format|sample)", _sample),
    (r"\b(key|connect|real model|set ?up|configure)", _connecting),
    (r"^\s*(hi|hello|hey|hallo|good (morning|evening|day))\b|what can you|who are you|help\b", _greeting),
)


def _short(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= 80 else line[:79] + "…"
