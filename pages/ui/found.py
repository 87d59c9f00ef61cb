"""The place in a conversation that a search found, as the browser finds it in the page."""

from collections.abc import Sequence

from pages.ui.transcript import drawn_groups, is_message
from state.events import Event, ImageDescribed, LogEntry
from state.turns import Turn

Place = dict[str, str | int]
WHOLE_TURN = -1


def to_place(turns: Sequence[Turn], entries: Sequence[LogEntry], seq: int) -> Place | None:
    """The turn that holds an event, and which of the turn's messages shows it; None where it is not drawn."""
    entry = next((entry for entry in entries if entry.seq == seq), None)
    turn = next((turn for turn in turns if entry and entry.run in turn.runs), None)
    return {"at": seq, "turn": f"turn_{turn.runs[0]}", "message": _message_of(turn, entry.event)} if entry and turn else None


def _message_of(turn: Turn, event: Event) -> int:
    """The number of a message; of what is drawn as part of another, as a text that was broken off and went on, the whole turn."""
    messages: list[list[Event]] = [[turn.prompt]] if turn.prompt else []
    for _, parts in drawn_groups(turn.said):
        if is_message(parts[0][0]):
            messages.append([each for part in parts for each in part])
    return next((number for number, said in enumerate(messages) if any(_shows(each, event) for each in said)), WHOLE_TURN)


def _shows(drawn: Event, event: Event) -> bool:
    """A batch's table shows all its descriptions, and stands where the first of them was made."""
    return drawn == event or (isinstance(drawn, ImageDescribed) and isinstance(event, ImageDescribed))
