"""The pair at work: AutoGen's RoundRobinGroupChat of an assistant and an executor, for one turn."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from autogen_agentchat.agents import AssistantAgent, CodeExecutorAgent
from autogen_agentchat.base import TaskResult
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.messages import TextMessage
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import CancellationToken

from agents.coding.executor import AskingExecutor
from agents.coding.memory import remembered, to_team_state
from agents.coding.names import ASSISTANT, EXECUTOR
from agents.coding.progress import MOST_MESSAGES, Progress, beginning, taken_up
from agents.context import BoundedContext
from agents.performer import Closing, Happening, Materials, Past
from agents.workroom import Workroom
from state.events import Continued, Prompt
from state.snapshots import State

TERMINATE = "TERMINATE"
MOST_NAMED = 50
"""How many files the assistant is told of."""
UNDECIDED = f"The two have exchanged {MOST_MESSAGES} messages and not come to an end. Send a prompt to say how to go on."
SYSTEM_MESSAGE = f"""You are a helpful assistant who solves tasks with programs. Write Python in ```python code blocks{{shell}}, each
complete in itself. A code executor runs them in the order they stand and tells you their output; files from one block are there in the
next, variables are not. The person may edit a block or refuse it, and you are told. Do not ask them to copy or run anything. Print what
you need to know, and save figures as PNG files in the working folder. If a program fails, find out why and write it again. Write code or
your answer, not both: when the output shows that the task is done, say in a sentence or two what came of it and end with the word
{TERMINATE}, alone on the last line."""


class Pair:
    """The two, to be used once."""

    def __init__(self, materials: Materials, workroom: Workroom) -> None:
        self._materials = materials
        self._workroom = workroom
        self._team: RoundRobinGroupChat | None = None

    async def perform(self, past: Past, prompt: Prompt | None, token: CancellationToken) -> AsyncGenerator[Happening, None]:
        progress = beginning(past.entries, is_continued=isinstance(prompt, Continued)) if prompt else taken_up(past.entries)
        executor = AskingExecutor(self._workroom, self._materials.questions, self._materials.log, progress)
        self._team = team = self._build(executor, progress)
        state = remembered(past.state, progress.known)
        if state is not None:
            await team.load_state(to_team_state(state["agent_states"][ASSISTANT]["agent_state"], progress.unrun))
        task = TextMessage(content=prompt.text, source=prompt.source) if prompt else None
        try:
            async with aclosing(team.run_stream(task=task, cancellation_token=token, output_task_messages=False)) as stream:
                async for happening in stream:
                    if isinstance(happening, TaskResult):
                        yield Closing(_remark(happening), is_complete=False)
                    elif not _is_result(happening):
                        yield happening
                    if isinstance(happening, TextMessage) and happening.source == ASSISTANT:
                        executor.assistant_said()
        except RuntimeError as error:
            raise executor.error or error from error

    async def save_state(self) -> State:
        """One that a turn can begin with, and plain AutoGen too."""
        if self._team is None:
            raise RuntimeError("a pair has no state before its turn")
        state = await self._team.save_state()
        return to_team_state(state["agent_states"][ASSISTANT]["agent_state"])

    def _build(self, executor: AskingExecutor, progress: Progress) -> RoundRobinGroupChat:
        shell = " or shell commands in ```sh code blocks" if self._workroom.allows_shell else ""
        assistant = AssistantAgent(
            name=ASSISTANT,
            model_client=self._materials.client,
            model_client_stream=True,
            model_context=BoundedContext(self._materials.context_tokens),
            system_message=(self._materials.instructions or SYSTEM_MESSAGE.format(shell=shell)) + _listed(self._workroom),
        )
        ending = TextMentionTermination(TERMINATE, sources=[ASSISTANT]) | MaxMessageTermination(progress.messages_left)
        return RoundRobinGroupChat([assistant, executor], termination_condition=ending)


def build_pair(materials: Materials) -> Pair:
    if materials.workroom is None:
        raise TypeError("the mode runs code, so it is given a workroom")
    return Pair(materials, materials.workroom)


def _listed(workroom: Workroom) -> str:
    """Say what lies in the working folder as the turn begins."""
    files = workroom.files.workspace.files()
    names = ", ".join(f"{file.name} ({file.bytes:,} bytes)" for file in files[:MOST_NAMED])
    more = f" and {len(files) - MOST_NAMED:,} more" if len(files) > MOST_NAMED else ""
    return f"\nFiles in the working folder now: {names}{more}." if files else ""


def _is_result(happening: Happening) -> bool:
    """What the executor tells the assistant of code is in the log already, as what it was."""
    if not isinstance(happening, TextMessage) or happening.source != EXECUTOR:
        return False
    return happening.content != CodeExecutorAgent.NO_CODE_BLOCKS_FOUND_MESSAGE


def _remark(result: TaskResult) -> str:
    last = result.messages[-1] if result.messages else None
    has_said_so = isinstance(last, TextMessage) and last.source == ASSISTANT and TERMINATE in last.content
    return "" if has_said_so else UNDECIDED
