"""A conversation and its runs, as values."""

import re

from pydantic import AwareDatetime

from state.errors import TitleRefused
from state.events import RunStatus, Usage
from state.values import Value

TITLE_LENGTH = 60
LONGEST_TITLE = 120
"""Characters of a title that a person gives."""


class Options(Value):
    """What a person chose for a conversation. It holds from the next prompt on."""

    model: str | None = None
    """The name of the model picked; None follows the default."""
    use_cache: bool = False
    """Whether an answer given before to the very same request may be given again."""


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


class RunRecord(Value):
    """One turn: a prompt and all that came of it."""

    id: str
    conversation: str
    status: RunStatus
    model: str
    started: AwareDatetime
    ended: AwareDatetime | None


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
