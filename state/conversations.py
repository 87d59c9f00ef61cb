"""A conversation and its runs, as values."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import AwareDatetime, Field

from state.errors import TitleRefused
from state.events import LONGEST_INSTRUCTIONS, LogEntry, RoleOption, RunStatus, Usage
from state.values import Value

TITLE_LENGTH = 60
LONGEST_TITLE = 120
"""Characters of a title that a person gives."""


MOST_PERMISSIONS = 1_000

Permission = Literal["always", "ask", "never"]
"""Whether a tool is called as the model likes, only after the person has said yes, or not at all."""
TitledBy = Literal["prompt", "model", "person"]


class Options(Value):
    """What a person chose for a conversation. It holds from the next prompt on."""

    model: str | None = None
    """The name of the model picked; None follows the default."""
    use_cache: bool = False
    """Whether an answer given before to the very same request may be given again."""
    instructions: str = Field("", max_length=LONGEST_INSTRUCTIONS)
    """What the agents are told to be, in place of what the mode says; empty for the mode's own."""
    permissions: Mapping[str, Permission] = Field({}, max_length=MOST_PERMISSIONS)
    """By a tool's name, where it differs from the tool's own."""
    roles: Mapping[str, RoleOption] = Field({}, max_length=100)
    """What was changed about a team's members, by name."""


class Totals(Value):
    """What a conversation has taken so far."""

    turns: int
    usage: Usage
    seconds: float
    cost: float | None


class Conversation(Value):
    id: str
    mode: str
    """The key of the mode it was begun in; it keeps it for life."""
    title: str
    created: AwareDatetime
    updated: AwareDatetime
    """When the last prompt was sent."""
    options: Options = Options()
    tip: str | None = None
    """The run the transcript ends with; None when all was undone."""
    titled_by: TitledBy = "prompt"


class RunRecord(Value):
    """One turn: a prompt and all that came of it."""

    id: str
    conversation: str
    parent: str | None = None
    """The run it follows in the transcript; None for a first one."""
    continues: bool = False
    """It goes on with its parent's answer, without a prompt of its own."""
    status: RunStatus
    model: str
    started: AwareDatetime
    ended: AwareDatetime | None


class Beginning(Value):
    """How a run begins, beside its prompt."""

    run_id: str | None = None
    """The run's id. A second run of the same one is refused, so whatever sends a prompt twice begins one run."""
    new_id: str | None = None
    """The id of a new conversation."""
    options: Options = Options()
    """The options of a new conversation; one that is there has its own."""
    instead_of: str | None = None
    """A run beside which this one stands; without one it follows the conversation's tip."""
    instructions: str = ""
    tools_off: tuple[str, ...] = ()
    roles: Mapping[str, RoleOption] = {}


class Versions(Value):
    """A run among those that follow the same one: the first time it was asked, asked again, edited."""

    number: int
    """1, 2, 3 … by age."""
    count: int
    previous: str | None
    next: str | None


class Transcript(Value):
    """The latest turns on the way to a conversation's tip."""

    entries: Sequence[LogEntry]
    has_earlier: bool
    versions: Mapping[str, Versions]
    """By run, of each run shown that has others beside it."""
    later: str | None
    """A run that follows the tip: the transcript was taken back to before it."""
    elsewhere: str | None
    """The run of the event that was to be reached, where that is in another version: the way to the tip does not lead over it."""


def title_of(prompt: str) -> str:
    """Make a one-line title of a prompt: its beginning, cut at a word."""
    line = _one_line(prompt)
    if len(line) <= TITLE_LENGTH:
        return line
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"


def checked_title(title: str) -> str:
    """Make one line of a title that a person gives. Raises TitleRefused when it is empty or too long."""
    line = _one_line(title)
    if not 1 <= len(line) <= LONGEST_TITLE:
        raise TitleRefused(LONGEST_TITLE)
    return line


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
