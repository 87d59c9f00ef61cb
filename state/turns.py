"""The log's entries gathered into turns, as people see a conversation."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from state.descriptions import Row
from state.events import AgentMessage, Continued, ImageDescribed, LogEntry, RunEnded, RunStarted, SavedEvent, Usage, UserMessage

_HALF_WORD = re.compile(r"[A-Za-z0-9\u00c0-\u024f'’-]{1,40}$")
"""The end of a text broken off that may be half a word, in scripts that put spaces between words."""


@dataclass
class Turn:
    """A prompt, what came of it, and how it ended. An answer that was broken off and went on is one turn of several runs."""

    runs: list[str]
    prompt: UserMessage | None = None
    model: str = ""
    said: list[SavedEvent] = field(default_factory=list)
    endings: list[RunEnded] = field(default_factory=list)
    instructions: str = ""
    tools_off: tuple[str, ...] = ()
    described: dict[str, ImageDescribed] = field(default_factory=dict)
    """Of a batch, what came about each picture last, by its id. The first of them stands in `said` for the whole table."""
    went_on_at: int | None = None
    """How much had been said when the last continuation began."""

    @property
    def ended(self) -> RunEnded | None:
        """How the last run ended; None while it has not."""
        return self.endings[-1] if len(self.endings) == len(self.runs) else None

    @property
    def usage(self) -> Usage:
        total = Usage()
        for ended in self.endings:
            total = total.plus(ended.usage)
        return total

    @property
    def cost(self) -> float | None:
        costs = [ended.cost for ended in self.endings if ended.cost is not None]
        return sum(costs) if costs else None

    @property
    def seconds(self) -> float:
        return sum(ended.seconds for ended in self.endings)

    @property
    def rows(self) -> list[Row]:
        """A batch's table, in the order of the prompt's pictures."""
        if self.prompt is None or not self.prompt.is_batch:
            return []
        return [Row(image, self.described.get(image.id)) for image in self.prompt.images]

    @property
    def lead(self) -> AgentMessage | None:
        """The message that a continuation goes on with."""
        last = self.said[-1] if self.said else None
        return last if isinstance(last, AgentMessage) and last.text else None


def to_turns(entries: Iterable[LogEntry]) -> list[Turn]:
    """Gather entries, which are in order, by their run."""
    turns: list[Turn] = []
    for entry in entries:
        if isinstance(entry.event, Continued) and turns:
            turns[-1].runs.append(entry.run)
            turns[-1].went_on_at = len(turns[-1].said)
        elif not turns or entry.run not in turns[-1].runs:
            turns.append(Turn([entry.run]))
        _add(turns[-1], entry)
    return turns


def resumable(text: str) -> str:
    """Leave out what may be half a word at the end, for whoever goes on with the text to write it whole."""
    return _HALF_WORD.sub("", text) or text


def _add(turn: Turn, entry: LogEntry) -> None:
    match entry.event:
        case UserMessage() if turn.prompt is None and not turn.said:
            turn.prompt = entry.event
        case RunStarted():
            turn.model = entry.event.model
            turn.instructions, turn.tools_off = entry.event.instructions, entry.event.tools_off
        case RunEnded():
            turn.endings.append(entry.event)
        case Continued():
            pass
        case ImageDescribed():
            if not turn.described:
                turn.said.append(entry.event)
            turn.described[entry.event.image] = entry.event
        case AgentMessage() if _goes_on(turn, entry.event):
            before = turn.said.pop()
            turn.said.append(entry.event.model_copy(update={"text": resumable(getattr(before, "text", "")) + entry.event.text}))
        case _:
            turn.said.append(entry.event)


def _goes_on(turn: Turn, event: AgentMessage) -> bool:
    """Whether a message is the rest of the one that the run before left behind."""
    return turn.went_on_at == len(turn.said) and turn.lead is not None and turn.lead.source == event.source
