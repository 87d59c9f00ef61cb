"""What the pair remembers when a turn begins.

A team's own state is no good start for a turn: it says that the executor is next where the assistant spoke last, and holds a message
whose code was never run. So it is made anew each time, of what the assistant knows.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from autogen_agentchat.messages import TextMessage
from autogen_agentchat.state import ChatAgentContainerState, RoundRobinManagerState, TeamState

from agents.coding.names import ASSISTANT, EXECUTOR
from agents.coding.told import to_told
from agents.memory import with_unfinished
from state.events import AgentMessage, CodeResult, InputAnswered, InputRequested, LogEntry, ToolBegun, UserMessage
from state.snapshots import State

MANAGER = "RoundRobinGroupChatManager"
SPEAKERS = (ASSISTANT, EXECUTOR)
"""In turn order."""


def remembered(state: State | None, entries: Sequence[LogEntry]) -> State | None:
    """Add what `entries` say to a team's state. No state and nothing said make no state."""
    assistant = with_unfinished(state["agent_states"][ASSISTANT]["agent_state"] if state else None, list(_heard(entries)))
    return None if assistant is None else to_team_state(assistant)


def to_team_state(assistant: State, unrun: str | None = None) -> State:
    """The state of a team whose assistant is next; or its executor, where a message of the assistant's is yet to be run."""
    waiting = [] if unrun is None else [TextMessage(content=unrun, source=ASSISTANT).dump()]
    next_speaker = SPEAKERS.index(ASSISTANT if unrun is None else EXECUTOR)
    states = {
        ASSISTANT: ChatAgentContainerState(agent_state=assistant),
        EXECUTOR: ChatAgentContainerState(message_buffer=waiting),
        MANAGER: RoundRobinManagerState(next_speaker_index=next_speaker),
    }
    return TeamState(agent_states={name: state.model_dump() for name, state in states.items()}).model_dump()


def _heard(entries: Sequence[LogEntry]) -> Iterator[LogEntry]:
    """What the executor says is said to the assistant, as a person's words are; what came of one message's blocks, in one message."""
    said = [entry for entry in entries if not isinstance(entry.event, InputRequested | InputAnswered | ToolBegun)]
    for are_results, group in groupby(said, lambda entry: isinstance(entry.event, CodeResult)):
        alike = list(group)
        if are_results:
            text = to_told([entry.event for entry in alike if isinstance(entry.event, CodeResult)])
            yield alike[0].model_copy(update={"event": UserMessage(source=EXECUTOR, text=text)})
        else:
            yield from map(_spoken, alike)


def _spoken(entry: LogEntry) -> LogEntry:
    if isinstance(entry.event, AgentMessage) and entry.event.source == EXECUTOR:
        return entry.model_copy(update={"event": UserMessage(source=EXECUTOR, text=entry.event.text)})
    return entry
