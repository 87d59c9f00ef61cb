"""The log of a conversation: events are added at its end, numbered without a gap, and never changed."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from state import search
from state.conversations import RunRecord
from state.events import AgentMessage, RunEnded, SavedEvent
from state.tables import events, partials, runs


def length(connection: Connection, conversation: str) -> int:
    """The last sequence number; 0 for a conversation that is not there."""
    query = select(func.coalesce(func.max(events.c.seq), 0)).where(events.c.conversation == conversation)
    return int(connection.execute(query).scalar_one())


def append(connection: Connection, conversation: str, run: str, new: Sequence[SavedEvent]) -> int:
    """Add a run's events. Returns the last sequence number."""
    head = length(connection, conversation)
    rows = [
        {"conversation": conversation, "seq": head + index, "run": run, "body": event.model_dump_json()}
        for index, event in enumerate(new, start=1)
    ]
    connection.execute(insert(events), rows)
    search.take_in(connection, conversation, after=head)
    return head + len(rows)


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
