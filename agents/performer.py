"""What a mode makes for each turn, and what it is made of."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from autogen_agentchat.base import TaskResult
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient
from autogen_core.tools import BaseTool

from agents.log_writer import LogWriter
from agents.questions import Questions
from agents.wishes import Wishes
from agents.workroom import Workroom
from state.events import ChatEvent, LogEntry, Prompt, RoleOption
from state.snapshots import State


@dataclass(frozen=True)
class Closing:
    """By which rule a team came to its end."""

    reason: str
    """A sentence."""
    is_complete: bool
    """The team itself said that its work is complete."""


Happening = BaseAgentEvent | BaseChatMessage | ChatEvent | TaskResult | Closing


@dataclass(frozen=True)
class Materials:
    """What agents are made of, for one turn."""

    client: ChatCompletionClient
    context_tokens: int
    """Tokens of history to send at most."""
    tools: Sequence[BaseTool[Any, Any]]
    """Those the person allows; they ask by themselves where they must. None for a model that cannot call any."""
    instructions: str
    """The person's own, in place of the mode's; empty for the mode's."""
    questions: Questions
    log: LogWriter
    """For what cannot wait for its turn in the stream: what is seen while it happens, and what a stop must not lose."""
    workroom: Workroom | None
    """Where code runs; None for a mode that runs none."""
    load_image: Callable[[str], Awaitable[bytes]]
    """The bytes of a picture by its id, off the loop."""
    say: Callable[[str], None] = lambda _note: None
    """Shows what is being done, where no text tells it; an empty note takes the last one back."""
    wishes: Wishes = field(default_factory=Wishes)
    roles: Mapping[str, RoleOption] = field(default_factory=dict)
    """What the person changed about a team's members, by name."""


@dataclass(frozen=True)
class Past:
    """What was before, as the store has it."""

    state: State | None
    """The last state that agents of this mode were left in."""
    entries: Sequence[LogEntry]
    """What happened since: turns that did not finish, and of a turn that is taken up again its own beginning."""


class Performer(Protocol):
    """An agent or a team for one turn, to be used once: AutoGen's own are not sound after a stop."""

    def perform(self, past: Past, prompt: Prompt | None, token: CancellationToken) -> AsyncGenerator[Happening, None]:
        """Answer a prompt, knowing the past. Without a prompt, go on with the turn that the past ends with."""
        ...

    async def save_state(self) -> State:
        """AutoGen's own mapping, after a turn that finished."""
        ...
