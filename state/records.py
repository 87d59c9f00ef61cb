"""The rows of conversations and runs within a transaction: found, added and changed."""

from typing import Any

from sqlalchemy import Connection, Insert, insert, select, update
from sqlalchemy.exc import IntegrityError

from state import search
from state.conversations import Conversation, Options, RunRecord, TitledBy
from state.errors import ConversationBusy, ConversationNotFound
from state.rows import to_conversation, to_run
from state.tables import conversations, runs


def find(connection: Connection, conversation: str) -> Conversation:
    """Raises ConversationNotFound."""
    row = connection.execute(select(conversations).where(conversations.c.id == conversation)).mappings().one_or_none()
    if row is None:
        raise ConversationNotFound
    return to_conversation(row)


def find_run(connection: Connection, conversation: str, run: str) -> RunRecord:
    """Raises ConversationNotFound when the conversation is not there or has no such run."""
    query = select(runs).where(runs.c.id == run, runs.c.conversation == conversation)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise ConversationNotFound
    return to_run(row)


def require(connection: Connection, conversation: str, run: str | None) -> None:
    """Raises ConversationNotFound, unless it has the run, or none is given: the place before all of them."""
    find(connection, conversation)
    if run is not None:
        find_run(connection, conversation, run)


def has_run(connection: Connection, run: str) -> bool:
    return connection.execute(select(runs.c.id).where(runs.c.id == run)).first() is not None


def is_live(connection: Connection, run: RunRecord) -> bool:
    """Whether a run is there still, and has not ended."""
    return connection.execute(select(runs.c.id).where(runs.c.id == run.id, runs.c.ended.is_(None))).first() is not None


def require_idle(connection: Connection, conversation: str) -> None:
    """Raises ConversationBusy while a run of the conversation has not ended."""
    if connection.execute(select(runs.c.id).where(runs.c.conversation == conversation, runs.c.ended.is_(None))).first():
        raise ConversationBusy


def add(connection: Connection, id: str, mode: str, title: str, moment: float, options: Options) -> None:
    """Raises ConversationBusy for an id that is taken: its prompt was sent twice."""
    row = {"id": id, "mode": mode, "title": title, "created": moment, "updated": moment, "options": options.model_dump()}
    _insert(connection, insert(conversations).values(row))


def change(connection: Connection, conversation: str, **values: Any) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation).values(values))


def retitle(connection: Connection, conversation: str, title: str, titled_by: TitledBy) -> None:
    search.forget_title(connection, conversation)
    change(connection, conversation, title=title, titled_by=titled_by)
    search.take_in_title(connection, conversation)


def add_run(connection: Connection, run: RunRecord) -> None:
    """Raises ConversationBusy while another run of the conversation has not ended."""
    _insert(connection, insert(runs).values(run.model_dump() | {"started": run.started.timestamp()}))


def _insert(connection: Connection, statement: Insert) -> None:
    try:
        connection.execute(statement)
    except IntegrityError as error:  # the conversation is there already, or the index one_live_run finds it has a run
        raise ConversationBusy from error
