"""Tools: which of them a prompt asks for, and what they answered."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import FunctionExecutionResult, FunctionExecutionResultMessage

from agents.models.demo import roles
from agents.models.demo.arguments import Arguments, read_arguments
from agents.models.demo.reading import READ_CHARACTERS, currencies, expression
from agents.models.demo.request import Request
from agents.models.demo.words import GENERAL
from agents.models.live_client import whole_text

RESULT_CHARACTERS = 4000
"""So much of a result is shown."""

_TOPICS: Mapping[str, tuple[str, str]] = {
    "weather": (r"weather|forecast|temperature|rain\w*|snow\w*|sunny|how (warm|hot|cold)", r"weather|forecast"),
    "time": (
        r"what time|the time|time is it|(current|local) time|what day|date today|today's date",
        r"time|clock|date|now|datetime|timezone",
    ),
    "difference": (r"time differences?|hours? (ahead|behind)|time zones? between", r"difference|timezones?|timedelta"),
    "currency": (r"exchange|currenc\w+", r"currency|exchange|fx|forex"),
    "units": (r"convert \S+ (km|kilomet\w+|miles|kg|pounds|feet|inches|celsius|fahrenheit)", r"units?"),
    "calculate": (r"calculat\w+|comput\w+|square root|percent|how much is \d", r"calculat\w+|comput\w+|math|expression|arithmetic|eval\w*"),
    "place": (
        r"where is|where's|location of|coordinates|find (the |a )?place|places? (near|in|called)",
        r"place|places|location|geocode|coordinates|lookup",
    ),
    "question": (r"ask me", r"ask"),
    "hotel": (r"hotels?|where to (stay|sleep)|lodging|accommodation", r"hotels?|lodging|rooms?"),
    "flight": (r"flights?|fly|airports?", r"flights?|airports?"),
}
"""For each topic the words of a prompt and those of a tool's name."""

_FOLLOWS = re.compile(r"\s*(and|also|what about|how about|or)\b", re.IGNORECASE)


def call(request: Request) -> list[FunctionCall] | None:
    """Call the tools that fit the prompt, once a prompt."""
    pending = [schema for schema in request.schemas if schema["name"] not in {result.name for result in request.results}]
    if not pending or (request.results and not request.must_call):
        return None
    ready = [filled for filled in _filled(request, pending) if not filled.missing]
    calls = [(filled.tool, values) for filled in ready for values in filled.values]
    number = len(request.calls)
    return [
        FunctionCall(id=f"demo-{number + place}", name=name, arguments=whole_text(json.dumps(values, ensure_ascii=False)))
        for place, (name, values) in enumerate(calls, start=1)
    ] or None


def ask(request: Request) -> str | None:
    """Ask for the values without which a tool that fits cannot be called."""
    if request.since_prompt or request.must_call:
        return None
    lacking = [filled for filled in _filled(request, request.schemas) if filled.missing]
    if not lacking:
        return None
    names = " and ".join(f"`{name}`" for name in lacking[0].missing)
    return (
        f"I am the **demo model**. The tool `{lacking[0].tool}` fits your prompt, but I find no value for {names} in it. "
        "Say it in the prompt: I look for places with a capital letter, numbers, currencies and quoted words."
    )


def answer(request: Request) -> str | None:
    """Say what the tools answered."""
    if not request.messages or not isinstance(request.messages[-1], FunctionExecutionResultMessage):
        return None
    return "\n\n".join(["I am the **demo model**, so I only pass on what the tools say.", *report(request, request.messages[-1].content)])


def report(request: Request, results: Sequence[FunctionExecutionResult]) -> list[str]:
    """Put each result into words, with the arguments it was asked with."""
    return [_report(result, request.calls.get(result.call_id)) for result in results]


def _filled(request: Request, schemas: Sequence[Mapping[str, Any]]) -> list[Arguments]:
    prompt = request.prompt[:READ_CHARACTERS]
    fitting = _fitting(_wanted(request, prompt), schemas)
    if request.must_call:
        return [read_arguments((fitting or schemas)[0], prompt, _earlier(request), must_fill=True)]
    return [read_arguments(schema, prompt, _earlier(request)) for schema in fitting]


def _wanted(request: Request, prompt: str) -> str:
    """Give the words that choose a tool: "and in Rome?" goes on with the prompt before, and a role of a team has its own trade."""
    before = request.prompts[-2][:READ_CHARACTERS] if len(request.prompts) > 1 and _FOLLOWS.match(prompt) else ""
    return f"{before} {prompt} {roles.trade(request)}"


def _earlier(request: Request) -> str:
    return "\n".join(prompt[:READ_CHARACTERS] for prompt in reversed(request.prompts[-6:-1]))


def _fitting(wanted: str, schemas: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Take the tools with the most words in common with the prompt, each for words that no tool before it had."""
    topics = _topics(wanted)
    common = [(schema, topics & _tool_topics(schema)) for schema in schemas]
    common = [(schema, {name}) for schema in schemas if not (name := str(schema["name"])).isalpha() and name in wanted] or common
    chosen: list[Mapping[str, Any]] = []
    taken: set[str] = set()
    for schema, words in sorted(common, key=lambda item: -len(item[1])):
        if words - taken:
            chosen.append(schema)
            taken |= words
    return chosen


def _topics(prompt: str) -> set[str]:
    named = {topic for topic, (words, _) in _TOPICS.items() if re.search(rf"\b(?:{words})\b", prompt, re.IGNORECASE)}
    seen = {"calculate": _is_sum(prompt), "currency": len(currencies(prompt)) > 1}
    return named | _stems(prompt) | {topic for topic, is_seen in seen.items() if is_seen}


def _is_sum(prompt: str) -> bool:
    """Tell a sum from a range: "5-3" is one only where it is asked for."""
    found = expression(prompt)
    if found is None or not re.fullmatch(r"\d+ ?- ?\d+", found):
        return found is not None
    return found in prompt and bool(re.search(r"\bwhat(?: is|'s)|=|\bhow much|\A[\d\s-]+\Z", prompt.strip(), re.IGNORECASE))


def _tool_topics(schema: Mapping[str, Any]) -> set[str]:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", schema["name"])
    named = {topic for topic, (_, words) in _TOPICS.items() if re.search(rf"\b(?:{words})\b", name, re.IGNORECASE)}
    described = {stem for stem in _stems(schema.get("description") or "") if len(stem) > 5}
    return named | _stems(name) | described


def _stems(text: str) -> set[str]:
    words = re.findall(r"[a-z]{3,}", text.lower())
    return {word[:7].removesuffix("s") for word in words if word not in GENERAL}


def _report(result: FunctionExecutionResult, made: FunctionCall | None) -> str:
    asked = f" with {_arguments(made.arguments)}" if made and made.arguments not in ("", "{}") else ""
    if result.is_error:
        return f"The tool `{result.name}`{asked} failed:\n\n{_quoted(result.content)}"
    return f"The tool `{result.name}`{asked} says:\n\n{_readable(result.content)}"


def _arguments(text: str) -> str:
    values = _parsed(text)
    if not isinstance(values, dict):
        return f"`{_shortened(text, 200)}`"
    return ", ".join(f"{name} *{_shortened(str(value), 80)}*" for name, value in values.items())


def _readable(content: str) -> str:
    values = _parsed(content)
    if isinstance(values, dict) and values:
        return "\n".join(f"- **{name}**: {_shortened(_plain(value), 500)}" for name, value in list(values.items())[:40])
    if isinstance(values, list) and values:
        return "\n".join(f"- {_shortened(_plain(value), 500)}" for value in values[:40])
    return _quoted(content)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text[:1] in "{[" else None
    except (ValueError, RecursionError):
        return None


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _quoted(text: str) -> str:
    lines = _shortened(text.strip() or "(nothing)", RESULT_CHARACTERS).splitlines() or ["(nothing)"]
    return "\n".join(f"> {line}" for line in lines)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
