"""The log of a conversation: events are added at its end, numbered without a gap, and never changed."""

from collections.abc import Sequence

from pydantic_core import to_json
from sqlalchemy import Connection, delete, func, insert, select, update

from state import search
from state.conversations import RunRecord
from state.events import AgentMessage, InputAnswered, InputRequested, RunEnded, SavedEvent, saved_event
from state.tables import events, partials, runs


def length(connection: Connection, conversation: str) -> int:
    """The last sequence number; 0 for a conversation that is not there."""
    query = select(func.coalesce(func.max(events.c.seq), 0)).where(events.c.conversation == conversation)
    return int(connection.execute(query).scalar_one())


def to_body(event: SavedEvent) -> str:
    """The text an event is kept as: what every event of its kind has is left out."""
    return to_json({"type": event.type, **event.model_dump(mode="json", exclude_defaults=True)}).decode()


def append(connection: Connection, conversation: str, run: str, new: Sequence[SavedEvent]) -> int:
    """Add a run's events. Returns the last sequence number."""
    head = length(connection, conversation)
    rows = [
        {"conversation": conversation, "seq": head + index, "run": run, "body": to_body(event)} for index, event in enumerate(new, start=1)
    ]
    connection.execute(insert(events), rows)
    search.take_in(connection, conversation, after=head)
    if any(isinstance(event, InputRequested | InputAnswered) for event in new):
        status = "waiting" if open_requests(connection, run) else "running"
        connection.execute(update(runs).where(runs.c.id == run, runs.c.ended.is_(None)).values(status=status))
    return head + len(rows)


def open_requests(connection: Connection, run: str) -> list[str]:
    """The ids of what a run has asked the person and has no answer to."""
    kind = func.json_extract(events.c.body, "$.type")
    query = select(events.c.body).where(events.c.run == run, kind.in_(["input_requested", "input_answered"])).order_by(events.c.seq)
    said = [saved_event.validate_json(body) for body in connection.execute(query).scalars()]
    answered = {event.request_id for event in said if isinstance(event, InputAnswered)}
    return [event.request_id for event in said if isinstance(event, InputRequested) and event.request_id not in answered]


def end(connection: Connection, run: RunRecord, last: Sequence[SavedEvent], ended: RunEnded) -> int:
    """Add a run's last events and its end, and mark it ended. Returns the last sequence number."""
    drop_partials(connection, run)
    took = {**ended.usage.model_dump(), "seconds": ended.seconds, "cost": ended.cost}
    connection.execute(update(runs).where(runs.c.id == run.id).values(status=ended.status, ended=ended.time.timestamp(), **took))
    return append(connection, run.conversation, run.id, [*last, ended])


def drop_partials(connection: Connection, run: RunRecord) -> None:
    connection.execute(delete(partials).where(partials.c.run == run.id))


def partial_message(connection: Connection, run: RunRecord) -> list[SavedEvent]:
    """The message a run was writing when it was lost, as far as it was saved; none when it was writing none."""
    pieces = connection.execute(select(partials).where(partials.c.run == run.id).order_by(partials.c.position)).all()
    if not pieces:
        return []
    return [AgentMessage(source=pieces[0].source, text="".join(piece.text for piece in pieces), is_partial=True)]
