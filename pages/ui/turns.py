"""The log's entries gathered into turns, as the transcript shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from state.events import LogEntry, RunEnded, RunStarted, SavedEvent, Usage, UserMessage


@dataclass
class Turn:
    """A run as people see it: a prompt, what came of it, and how it ended. A turn cut off at the top may lack its prompt."""

    run: str
    prompt: UserMessage | None = None
    model: str = ""
    said: list[SavedEvent] = field(default_factory=list)
    ended: RunEnded | None = None

    @property
    def footnote(self) -> str:
        """One quiet line about the answer: model, tokens, seconds, as far as they are known."""
        if self.ended is None:
            return ""
        parts = [self.model, "from cache" if self.ended.is_from_cache else to_taken(self.ended.usage, self.ended.cost)]
        took = f"{self.ended.seconds:.1f} s" if self.ended.seconds else ""  # nobody knows it of a run that was interrupted
        return " · ".join(filter(None, [*parts, took]))


def to_taken(usage: Usage, cost: float | None) -> str:
    """Say tokens, and their cost where a price is known; nothing for no tokens."""
    tokens = usage.prompt_tokens + usage.completion_tokens
    if not tokens:
        return ""
    split = f"{tokens:,} tokens ({usage.prompt_tokens:,} in, {usage.completion_tokens:,} out)"
    return split if cost is None else f"{split} · cost {cost:.4f}"


def to_turns(entries: Iterable[LogEntry]) -> list[Turn]:
    """Gather entries, which are in order, by their run."""
    turns: list[Turn] = []
    for entry in entries:
        if not turns or turns[-1].run != entry.run:
            turns.append(Turn(entry.run))
        _add(turns[-1], entry.event)
    return turns


def _add(turn: Turn, event: SavedEvent) -> None:
    match event:
        case UserMessage():
            turn.prompt = event
        case RunStarted():
            turn.model = event.model
        case RunEnded():
            turn.ended = event
        case _:
            turn.said.append(event)
