"""A tool as a conversation allows it: at once, or when the person has said yes."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from autogen_core import CancellationToken
from autogen_core.tools import BaseTool, ToolSchema
from pydantic import BaseModel

from agents.questions import Questions
from agents.tools.tool import GuardedTool, Outcome, ToolFailed
from state.conversations import Permission
from state.events import InputRequested

DENIED = "The person did not allow this call.{reason} Do not make it again unless they ask for it."
UNKNOWN = "The server went away while this call was being made, so whether it had its effect is not known. Do not simply make it again."


def permitted(
    tools: Sequence[GuardedTool[Any]], permissions: Mapping[str, Permission], questions: Questions, source: str
) -> list[BaseTool[Any, Any]]:
    """Leave out what is never allowed, and let ask what must."""
    decided = [(tool, permissions.get(tool.name, tool.permission)) for tool in tools]
    return [AskingTool(tool, questions, source) if permission == "ask" else tool for tool, permission in decided if permission != "never"]


class AskingTool(BaseTool[BaseModel, Any]):
    """Waits for the person before each call. What was begun is never begun again."""

    def __init__(self, tool: GuardedTool[Any], questions: Questions, source: str) -> None:
        super().__init__(tool.args_type(), str, tool.name, tool.description)
        self.title = tool.title
        self._tool = tool
        self._questions = questions
        self._source = source

    def by(self, source: str) -> "AskingTool":
        """The same, asking under another agent's name."""
        return AskingTool(self._tool, self._questions, source)

    @property
    def schema(self) -> ToolSchema:
        return self._tool.schema

    async def run(self, args: BaseModel, cancellation_token: CancellationToken) -> Any:
        return await self.run_json(args.model_dump(), cancellation_token)

    def run_json(  # type: ignore[override]  # AutoGen only awaits what it gets
        self, args: Mapping[str, Any], cancellation_token: CancellationToken, call_id: str | None = None
    ) -> Outcome:
        return Outcome(asyncio.ensure_future(self._ask_and_call(args, cancellation_token, call_id or "")), cancellation_token)

    async def _ask_and_call(self, args: Mapping[str, Any], token: CancellationToken, call_id: str) -> str:
        request = InputRequested(
            source=self._source,
            request_id=call_id,
            kind="approval",
            title=self._tool.title,
            text=f"May {self._tool.title} be called?",
            details=json.dumps(args, ensure_ascii=False, indent=2),
        )
        answer = await self._questions.ask(request, token)
        if not answer.is_approved:
            raise ToolFailed(DENIED.format(reason=f" They say: {answer.text}" if answer.text else ""))
        if not await self._questions.begin(self._source, call_id):
            raise ToolFailed(UNKNOWN)
        return await self._tool.run_json(args, token, call_id)
