"""How far the pair has come in a turn, told by what the turn has logged."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.coding.names import ASSISTANT
from state.events import AgentMessage, CodeResult, Continued, InputAnswered, InputRequested, LogEntry
from state.turns import resumable

MOST_MESSAGES = 10
"""The person's prompt is the first."""


@dataclass(frozen=True)
class Progress:
    """Where a turn is gone on with. The default is a turn's beginning."""

    known: Sequence[LogEntry] = ()
    """What the assistant knows: without what came of the blocks of a message that is not done with."""
    unrun: str | None = None
    """The assistant's message whose blocks are being run; None where it is the assistant's turn."""
    results: tuple[CodeResult, ...] = ()
    """What came of the first of its blocks."""
    blocks: int = 0
    """How many blocks have a result, in the whole turn."""
    asks: bool = True
    """Whether the person wants to be asked."""
    messages_left: int = MOST_MESSAGES
    lead: str = ""
    """The beginning of the assistant's next message, where a turn before this broke off in it."""


def beginning(entries: Sequence[LogEntry], *, is_continued: bool) -> Progress:
    """The progress of a turn that a prompt begins."""
    return Progress(known=entries, lead=_broken_off(entries) if is_continued else "")


def taken_up(entries: Sequence[LogEntry]) -> Progress:
    """The progress of the turn that `entries` end with, which the server's end broke off while it waited for the person."""
    own = [entry for entry in entries if entry.run == entries[-1].run]
    said = [entry for entry in own if isinstance(entry.event, AgentMessage) and entry.event.source == ASSISTANT]
    results = [entry for entry in own if isinstance(entry.event, CodeResult)]
    asked = {entry.event.request_id for entry in own if isinstance(entry.event, InputRequested) and entry.event.kind == "code"}
    is_unrun = bool(asked - {entry.event.request_id for entry in results if isinstance(entry.event, CodeResult)})
    last = said[-1] if said else None
    behind = [entry.event for entry in results if last and entry.seq > last.seq and isinstance(entry.event, CodeResult)]
    return Progress(
        known=[entry for entry in entries if not (is_unrun and last and entry.seq > last.seq)],
        unrun=_whole(entries, own, last) if is_unrun and last else None,
        results=tuple(behind) if is_unrun else (),
        blocks=len(results),
        asks=not any(isinstance(entry.event, InputAnswered) and entry.event.for_all for entry in own),
        messages_left=MOST_MESSAGES - 1 - 2 * len(said) + is_unrun,
    )


def _whole(entries: Sequence[LogEntry], own: Sequence[LogEntry], last: LogEntry) -> str:
    """The text of a message, with what a turn before had written of it."""
    is_first = not any(isinstance(entry.event, AgentMessage) and entry.seq < last.seq for entry in own)
    is_continued = is_first and isinstance(own[0].event, Continued)
    before = [entry for entry in entries if entry.seq < own[0].seq]
    return (_broken_off(before) if is_continued else "") + getattr(last.event, "text", "")


def _broken_off(entries: Sequence[LogEntry]) -> str:
    said = [entry.event for entry in entries if isinstance(entry.event, AgentMessage | CodeResult | InputRequested)]
    last = said[-1] if said else None
    return resumable(last.text) if isinstance(last, AgentMessage) and last.source == ASSISTANT and last.is_partial else ""
