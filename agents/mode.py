"""What a mode is: everything the rest of the application asks about one way of conversing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agents.memory import with_unfinished
from agents.performer import Materials, Performer
from state.events import LogEntry
from state.snapshots import State


@dataclass(frozen=True)
class Speaker:
    """An agent as people see it."""

    name: str
    """Its AutoGen name, which is the source of its messages."""
    title: str
    avatar: str
    """An emoji or a Material symbol such as `:material/smart_toy:`."""
    role: str = ""
    """What it does in a team, in a few words."""
    colour: str = "gray"
    """Of its name: one of Streamlit's, such as `blue`."""
    instructions: str = ""
    """What it is told to be in a team, where the person can change it."""


@dataclass(frozen=True)
class Mode:
    """One way of conversing. Home, sidebar, transcript, runs and exports ask it; nothing asks which one it is."""

    key: str
    """Its page's address, and what conversations remember."""
    title: str
    icon: str
    summary: str
    """What it is good for, in one sentence."""
    examples: tuple[str, ...]
    placeholder: str
    """What the prompt box says while it is empty."""
    speakers: tuple[Speaker, ...]
    build: Callable[[Materials], Performer]
    """Make its agent or team, new for each turn."""
    remember: Callable[[State | None, Sequence[LogEntry]], State | None] = with_unfinished
    """The state to take along: what agents were left in, and what happened since, as far as it can be put into one."""
    presets: Mapping[str, str] = field(default_factory=dict)
    """Instructions to choose from, by their names, in place of its own."""
    has_tools: bool = False
    """Whether it is given tools."""
    takes_images: bool = False
    """Whether pictures may go with a prompt."""
    describes_many: bool = False
    """Whether pictures may be described one by one, into a table."""
    tool_names: frozenset[str] | None = None
    """Those it is given; None for all that are for everybody."""
    goes_on_by_itself: bool = False
    """A broken-off turn goes on with its next speaker, who needs not be told."""
    takes_wishes: bool = False
    """What the person says while it works is taken up in the same turn."""
    most_messages: int | None = None
    """How many messages a turn may have, the prompt among them."""
    runs_code: bool = False
    """Whether it is given a workroom, and conversations have files: prompts take some along."""

    @property
    def is_team(self) -> bool:
        return len(self.speakers) > 1

    @property
    def has_roles(self) -> bool:
        """Whether its members have parts that can be watched, read and changed."""
        return any(speaker.role for speaker in self.speakers)

    def speaker(self, name: str) -> Speaker:
        """The speaker of that name; one nobody declared is shown under its own name."""
        return next((speaker for speaker in self.speakers if speaker.name == name), Speaker(name, name, "🤖"))
