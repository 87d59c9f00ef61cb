"""The travel team: four agents, a selector and an ending around AutoGen's SelectorGroupChat."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage
from autogen_agentchat.teams import SelectorGroupChat
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient
from autogen_core.tools import BaseTool

from agents.context import BoundedContext
from agents.travel.ending import MOST_MESSAGES, Ending
from agents.travel.roles import EVALUATOR, ROLES, Role
from agents.travel.selection import Selection, Selector

Tools = Mapping[str, Sequence[BaseTool[Any, Any] | Callable[..., Any]]]
"""By an agent's name."""
Streamed = BaseAgentEvent | BaseChatMessage | Selection | TaskResult

MOST_TOOL_ROUNDS = 4


class TravelTeam:
    """A team to be used for one run: AutoGen's own cannot be used again after a stop or a failure, so build it anew for each.

    Its state is that of its SelectorGroupChat, and can be loaded into one in plain AutoGen.
    """

    def __init__(
        self, client: ChatCompletionClient, context_tokens: int, tools: Tools, most_messages: int, roles: Sequence[Role] = ROLES
    ) -> None:
        self._selector = Selector(client, {role.name: role.description for role in roles}, context_tokens)
        self._ending = Ending(EVALUATOR.name, [role.name for role in roles], most_messages)
        self._chat = SelectorGroupChat(
            [_build_agent(role, client, context_tokens, tools.get(role.name, ())) for role in roles],
            client,
            termination_condition=self._ending,
            selector_func=self._selector.select,
        )

    async def count_in(self, said: Sequence[BaseChatMessage]) -> str | None:
        """Count what a turn that goes on had said already. Gives the rule that ended it, if one did."""
        stop = await self._ending(said)
        return stop.content if stop else None

    def let_go_on(self, speaker: str) -> None:
        """Let one whose message was broken off write it next."""
        self._selector.first = speaker

    def end_after_this_message(self) -> None:
        """Make an end with the message being written. The same team then takes another task."""
        self._ending.is_wanted = True

    def go_on_after_all(self) -> None:
        """Take that back."""
        self._ending.is_wanted = False

    async def run_stream(
        self,
        *,
        task: str | BaseChatMessage | Sequence[BaseChatMessage] | None,
        cancellation_token: CancellationToken | None = None,
        output_task_messages: bool = True,
    ) -> AsyncGenerator[Streamed, None]:
        """Stream what AutoGen's team does, with each Selection before the first message of the one it chose. Without a task it goes on.

        The last item is the TaskResult, whose `stop_reason` is a sentence about the rule that ended it.
        """
        stream = self._chat.run_stream(task=task, cancellation_token=cancellation_token, output_task_messages=output_task_messages)
        async with aclosing(stream):
            async for item in stream:
                for selection in self._due(item):
                    yield selection
                yield item

    async def save_state(self) -> Mapping[str, Any]:
        return await self._chat.save_state()

    async def load_state(self, state: Mapping[str, Any]) -> None:
        await self._chat.load_state(state)

    def _due(self, item: BaseAgentEvent | BaseChatMessage | TaskResult) -> list[Selection]:
        """Take the selections made until the item's source was chosen.

        A selection is made as soon as a message is finished, which may be before its reader has got it. As nobody follows itself, the
        chosen one's first message is the right moment.
        """
        made = self._selector.made
        source = None if isinstance(item, TaskResult) else item.source
        count = next((place for place, selection in enumerate(made, start=1) if selection.speaker == source), 0)
        taken, made[:count] = made[:count], []
        return taken


def build_travel_team(
    client: ChatCompletionClient,
    context_tokens: int,
    tools: Tools | None = None,
    *,
    most_messages: int = MOST_MESSAGES,
    roles: Sequence[Role] = ROLES,
) -> TravelTeam:
    """Make the team for one run, on the loop it runs on. A model that cannot call tools gets none."""
    can_call = client.model_info["function_calling"]
    return TravelTeam(client, context_tokens, (tools or {}) if can_call else {}, most_messages, roles)


def _build_agent(
    role: Role, client: ChatCompletionClient, context_tokens: int, tools: Sequence[BaseTool[Any, Any] | Callable[..., Any]]
) -> AssistantAgent:
    return AssistantAgent(
        name=role.name,
        description=role.description,
        model_client=client,
        model_client_stream=True,
        model_context=BoundedContext(context_tokens),
        system_message=role.instructions,
        tools=list(tools) or None,
        reflect_on_tool_use=bool(tools),
        max_tool_iterations=MOST_TOOL_ROUNDS if tools else 1,
    )
