"""A single agent at work."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken
from autogen_core.tools import BaseTool

from agents.memory import with_unfinished
from agents.performer import Happening, Past
from state.events import LogEntry, Prompt, ToolCall, ToolResult
from state.snapshots import State


class Solo:
    """An AssistantAgent for one turn."""

    remark = ""

    def __init__(self, agent: AssistantAgent, tools: Sequence[BaseTool[Any, Any]] = ()) -> None:
        self._agent = agent
        self._tools: Mapping[str, BaseTool[Any, Any]] = {tool.name: tool for tool in tools}

    async def perform(self, past: Past, prompt: Prompt | None, token: CancellationToken) -> AsyncGenerator[Happening, None]:
        entries = list(past.entries)
        for call in open_calls(entries) if prompt is None else []:
            result = await self._result(call, token)
            entries.append(LogEntry(seq=entries[-1].seq + 1, run=entries[-1].run, event=result))
            yield result
        memory = with_unfinished(past.state, entries)
        if memory is not None:
            await self._agent.load_state(memory)
        task = TextMessage(content=prompt.text, source=prompt.source) if prompt else None
        async with aclosing(self._agent.run_stream(task=task, cancellation_token=token, output_task_messages=False)) as stream:
            async for happening in stream:
                yield happening

    async def save_state(self) -> State:
        return await self._agent.save_state()

    async def _result(self, call: ToolCall, token: CancellationToken) -> ToolResult:
        """Make a call that was waiting when the server went. Its approval is asked for in the tool, and found answered."""
        try:
            arguments = json.loads(call.arguments or "{}")
            text, is_error = str(await asyncio.ensure_future(self._tools[call.name].run_json(arguments, token, call.call_id))), False
        except Exception as error:  # as AutoGen does: whatever it is becomes a result the model can read
            text, is_error = str(error), True
        return ToolResult(source=call.source, call_id=call.call_id, name=call.name, text=text, is_error=is_error)


def open_calls(entries: Sequence[LogEntry]) -> list[ToolCall]:
    """The calls of the last run that have no result."""
    own = [entry.event for entry in entries if entry.run == entries[-1].run]
    done = [event.call_id for event in own if isinstance(event, ToolResult)]
    calls: list[ToolCall] = []
    for event in own:
        if isinstance(event, ToolCall) and event.call_id in done:
            done.remove(event.call_id)
        elif isinstance(event, ToolCall):
            calls.append(event)
    return calls
