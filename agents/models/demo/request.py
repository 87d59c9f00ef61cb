"""What the demo model is asked: the messages, tools and form of answer of one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autogen_core import FunctionCall, Image
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from agents.models.options import ToolChoice

Content = str | list[FunctionCall]


@dataclass(frozen=True)
class Request:
    """One call of the client."""

    messages: Sequence[LLMMessage]
    tools: Sequence[Tool | ToolSchema] = ()
    tool_choice: ToolChoice = "auto"
    json_output: bool | type[BaseModel] | None = None

    @cached_property
    def schemas(self) -> list[Mapping[str, Any]]:
        """The tools it may call."""
        if self.tool_choice == "none":
            return []
        schemas = [_schema(tool) for tool in self.tools]
        if isinstance(self.tool_choice, str):
            return schemas
        return [schema for schema in schemas if schema["name"] == _schema(self.tool_choice)["name"]]

    @property
    def must_call(self) -> bool:
        return self.tool_choice not in ("auto", "none")

    @cached_property
    def system(self) -> str:
        return "\n".join(message.content for message in self.messages if isinstance(message, SystemMessage))

    @cached_property
    def user(self) -> str:
        """The source of the prompts. In a team other agents' messages are user messages too."""
        sources = [message.source for message in self.messages if isinstance(message, UserMessage)]
        return "user" if "user" in sources else next(iter(sources), "user")

    @cached_property
    def prompts(self) -> list[str]:
        return [to_text(message) for message in self.messages if self.is_prompt(message)]

    @property
    def prompt(self) -> str:
        return self.prompts[-1] if self.prompts else ""

    def is_prompt(self, message: LLMMessage) -> bool:
        return isinstance(message, UserMessage) and message.source == self.user

    @cached_property
    def since_prompt(self) -> list[LLMMessage]:
        """What came after the last prompt."""
        place = max((place for place, message in enumerate(self.messages) if self.is_prompt(message)), default=-1)
        return list(self.messages[place + 1 :])

    @cached_property
    def results(self) -> list[FunctionExecutionResult]:
        """What tools have answered since the last prompt."""
        answers = [message for message in self.since_prompt if isinstance(message, FunctionExecutionResultMessage)]
        return [result for answer in answers for result in answer.content]

    @cached_property
    def calls(self) -> dict[str, FunctionCall]:
        """Every tool call of the conversation by its id."""
        contents = [message.content for message in self.messages if isinstance(message, AssistantMessage)]
        return {call.id: call for content in contents if not isinstance(content, str) for call in content}

    @cached_property
    def images(self) -> list[list[Image]]:
        """The images of each prompt."""
        return [images_of(message) for message in self.messages if self.is_prompt(message)]


def to_text(message: LLMMessage) -> str:
    """Give the words of a message, those of tool calls and results too, and nothing for images."""
    if isinstance(message.content, str):
        return message.content
    return " ".join(filter(None, (_part(part) for part in message.content)))


def images_of(message: LLMMessage) -> list[Image]:
    if isinstance(message.content, str):
        return []
    return [part for part in message.content if isinstance(part, Image)]


def _part(part: object) -> str:
    if isinstance(part, FunctionCall):
        return f"{part.name} {part.arguments}"
    if isinstance(part, FunctionExecutionResult):
        return part.content
    return part if isinstance(part, str) else ""


def _schema(tool: Tool | ToolSchema) -> Mapping[str, Any]:
    return tool if isinstance(tool, Mapping) else tool.schema
