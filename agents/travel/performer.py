"""The travel team at work on one turn."""

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken
from autogen_core.tools import BaseTool

from agents.performer import Closing, Happening, Materials, Past
from agents.solo import make_call, open_calls
from agents.tools.ask_person import AskPerson
from agents.tools.permitted import AskingTool
from agents.tools.tool import GuardedTool
from agents.travel.checks import check
from agents.travel.memory import since_prompt, thread_of, with_unfinished_team
from agents.travel.missing import missing_facts
from agents.travel.planner import write_plan
from agents.travel.roles import EVALUATOR, Role, chosen_roles
from agents.travel.selection import Selection
from agents.travel.team import Tools, build_travel_team
from agents.travel.tools import of_role
from state.errors import RoundtableError
from state.events import LogEntry, PlanMade, Prompt, SpeakerSelected, UserMessage
from state.snapshots import State

WRITING = "Writing the plan down…"
NOT_WRITTEN = "The plan could not be written down, as the request for it failed. What the team said is all there."

_log = logging.getLogger(__name__)


class TravelPerformer:
    """The team for one turn: it talks until one of its rules ends it, and then its plan is written down."""

    def __init__(self, materials: Materials) -> None:
        self._materials = materials
        roles = chosen_roles(materials.roles)
        self._tools: Tools = {role.name: _tools_of(role, materials) for role in roles}
        self._team = build_travel_team(materials.client, materials.context_tokens, self._tools, roles=roles)
        self._reason: str | None = None
        """The rule that ended the team's talk."""
        materials.wishes.on_new = self._team.end_after_this_message

    async def perform(self, past: Past, prompt: Prompt | None, token: CancellationToken) -> AsyncGenerator[Happening, None]:
        entries = list(past.entries)
        for call in open_calls(entries) if prompt is None else []:
            result = await make_call(_named(self._tools.get(call.source, ())), call, token)
            entries.append(LogEntry(seq=entries[-1].seq + 1, run=entries[-1].run, event=result))
            self._team.let_go_on(call.source)
            yield result
        if memory := with_unfinished_team(past.state, entries):
            await self._team.load_state(memory)
        if prompt is None or not prompt.text:
            self._reason = await self._team.count_in(since_prompt(entries))
        async with aclosing(self._work(_messages([prompt] if prompt else []), token)) as work:
            async for happening in work:
                yield happening

    async def _work(self, task: Sequence[TextMessage], token: CancellationToken) -> AsyncGenerator[Happening, None]:
        """Talk to an end and write the plan down, and again for what the person said meanwhile."""
        while True:
            if self._reason is None:
                async with aclosing(self._talk(task, token)) as talk:
                    async for happening in talk:
                        yield happening
            if not (wishes := self._take_wishes()):
                yield Closing(self._reason or "", is_complete=(self._reason or "").startswith(EVALUATOR.name))
                yield await self._plan(token)
                if self._materials.wishes.close():
                    return
                wishes = self._take_wishes()
            task, self._reason = _messages(wishes), None

    async def _talk(self, task: Sequence[TextMessage], token: CancellationToken) -> AsyncGenerator[Happening, None]:
        stream = self._team.run_stream(task=task or None, cancellation_token=token, output_task_messages=False)
        async with aclosing(stream):
            async for item in stream:
                if isinstance(item, TaskResult):
                    self._reason = item.stop_reason
                else:
                    yield SpeakerSelected(**item.model_dump()) if isinstance(item, Selection) else item

    async def save_state(self) -> State:
        return await self._team.save_state()

    def _take_wishes(self) -> list[UserMessage]:
        self._team.go_on_after_all()
        return self._materials.wishes.take()

    async def _plan(self, token: CancellationToken) -> PlanMade:
        """Write down what was agreed on. That it cannot be written fails no turn."""
        materials = self._materials
        materials.say(WRITING)
        try:
            said = thread_of(await self._team.save_state())
            written = await write_plan(materials.client, said, materials.context_tokens, today=datetime.now(UTC).date(), token=token)
        except RoundtableError:  # the person ended the turn
            raise
        except Exception as error:  # whatever the model's server did: all that was said is there
            _log.warning("a plan could not be written down: %s", type(error).__name__)
            return PlanMade(plan=None, remark=NOT_WRITTEN)
        finally:
            materials.say("")
        plan = written.reading.plan
        if plan is None:
            return PlanMade(plan=None, remark=written.reading.remark, text=written.reply)
        return PlanMade(plan=plan.model_dump(mode="json"), findings=(*check(plan), *missing_facts(said, _titles(materials.tools))))


def _messages(prompts: Sequence[Prompt]) -> list[TextMessage]:
    return [TextMessage(content=prompt.text, source=prompt.source) for prompt in prompts if prompt.text]


def _tools_of(role: Role, materials: Materials) -> list[BaseTool[Any, Any]]:
    """Give one of the team its tools; it asks under its own name."""
    if not materials.client.model_info["function_calling"]:
        return []
    own = [tool.by(role.name) if isinstance(tool, AskingTool) else tool for tool in of_role(role.name, materials.tools)]
    return own if role == EVALUATOR else [*own, AskPerson(materials.questions, role.name)]


def _titles(tools: Sequence[BaseTool[Any, Any]]) -> Mapping[str, str]:
    return {tool.name: tool.title for tool in tools if isinstance(tool, GuardedTool | AskingTool)}


def _named(tools: Sequence[Any]) -> Mapping[str, BaseTool[Any, Any]]:
    return {tool.name: tool for tool in tools}
