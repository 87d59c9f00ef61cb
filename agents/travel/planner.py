"""Asks a model to write down, as a plan that can be drawn, what the team agreed on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, ToolCallExecutionEvent
from autogen_core import CancellationToken
from autogen_core.models import AssistantMessage, ChatCompletionClient, LLMMessage, SystemMessage, UserMessage
from pydantic import BaseModel, ValidationError

from agents.context import bounded
from agents.travel.plan import Plan, Reading, read_plan

_INSTRUCTIONS = """You write down the travel plan that a team arrived at, as JSON. Take what was said, nothing else: leave out (null, or an
empty list) what is not known. Give coordinates and time zones where a tool gave them or you know them for sure. Dates must follow one
another; where no date was said, begin thirty days from today. Times are local. Prices are estimates unless a source was named. Total is the
sum of costs, all in one currency. List as open points what is not decided, not booked or not certain."""
_REQUEST = "Write the plan as JSON now. Today is {today}."
_SCHEMA = f"Answer with JSON only, which fits this schema:\n{json.dumps(Plan.model_json_schema())}"

Form = type[BaseModel] | bool | None
"""What AutoGen's clients take for `json_output`."""


@dataclass(frozen=True)
class Written:
    """What came of asking for a plan."""

    reading: Reading
    reply: str
    """The last reply as it was, to be shown as text when it holds no plan."""


async def write_plan(
    client: ChatCompletionClient,
    messages: Sequence[BaseAgentEvent | BaseChatMessage],
    context_tokens: int,
    *,
    today: date,
    token: CancellationToken | None = None,
) -> Written:
    """Ask for the plan, and once more with what was wrong when the reply holds none. Raises what the client raises.

    `messages` are those of a TaskResult: what tools found is read too. The client's own way to structured output is taken where it has one.
    """
    strictest = _form(client)
    request: list[LLMMessage] = [*_history(messages, context_tokens, strictest), _ask(today)]
    written = await _attempt(client, request, strictest, token)
    if written.reading.plan is None:
        request += _objection(written)
        written = await _attempt(client, request, None, token)  # freely: a server may not know the form, and then says anything
    return written


async def _attempt(client: ChatCompletionClient, request: Sequence[LLMMessage], form: Form, token: CancellationToken | None) -> Written:
    try:
        result = await client.create(request, json_output=form, cancellation_token=token)
    except ValidationError:  # OpenAI's SDK reads a structured answer by itself
        return Written(read_plan(""), "")
    reply = result.content if isinstance(result.content, str) else ""
    return Written(read_plan(reply), reply)


def _objection(written: Written) -> list[LLMMessage]:
    objection = f"{written.reading.remark} Write the whole plan again. {_SCHEMA}"
    return [AssistantMessage(content=written.reply or "(nothing)", source="planner"), UserMessage(content=objection, source="roundtable")]


def _history(messages: Sequence[BaseAgentEvent | BaseChatMessage], context_tokens: int, form: Form) -> list[LLMMessage]:
    instructions = _INSTRUCTIONS if form is Plan else f"{_INSTRUCTIONS}\n\n{_SCHEMA}"
    said = [UserMessage(content=text, source=message.source) for message in messages if (text := _text(message))]
    return bounded([SystemMessage(content=instructions), *said], context_tokens)


def _ask(today: date) -> LLMMessage:
    return UserMessage(content=_REQUEST.format(today=today), source="roundtable")


def _text(message: BaseAgentEvent | BaseChatMessage) -> str:
    if isinstance(message, ToolCallExecutionEvent):
        return "\n".join(f"{result.name}: {result.content}" for result in message.content if not result.is_error)
    return message.to_text() if isinstance(message, BaseChatMessage) else ""


def _form(client: ChatCompletionClient) -> Form:
    if client.model_info.get("structured_output"):
        return Plan
    return True if client.model_info["json_output"] else None
