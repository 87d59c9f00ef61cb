"""A user's conversations on disk. A store is one user's, so nothing in it needs to ask whose it is."""

import threading
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from state import paths, search, tables
from state.conversations import Conversation, Options, RunRecord, Totals, checked_title, title_of
from state.database import Database
from state.errors import ConversationBusy, ConversationNotFound
from state.events import AgentMessage, LogEntry, RunEnded, RunStarted, SavedEvent, Usage, UserMessage, saved_event
from state.search import Hit
from state.snapshots import State, apply, diff
from state.users import User

INTERRUPTED = "The server stopped before this answer was finished. What had arrived is kept; your next prompt goes on from here."


class Store:
    """One user's conversations. All methods may be called from any thread; each is one transaction."""

    def __init__(self, user: User, database: Database) -> None:
        self.user = user
        self._database = database
        self.interrupt_lost_runs()

    def conversations(self, limit: int, *, offset: int = 0, mode: str | None = None) -> list[Conversation]:
        """The latest `limit` conversations after `offset`, of one mode or all, the one with the latest prompt first."""
        table = tables.conversations
        query = _of_mode(select(table), mode).order_by(table.c.updated.desc(), table.c.id).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return [_conversation(row) for row in connection.execute(query).mappings()]

    def count(self, mode: str | None = None) -> int:
        """How many conversations there are, of one mode or all."""
        with self._database.reading() as connection:
            return int(connection.execute(_of_mode(select(func.count()).select_from(tables.conversations), mode)).scalar_one())

    def search(self, text: str, *, mode: str | None = None, limit: int = 30, offset: int = 0) -> list[Hit]:
        """The latest places where all words of `text` were said or are in a title; the last word may be the beginning of one.

        Any text may be given: nothing in it has a meaning of its own.
        """
        with self._database.reading() as connection:
            return [_hit(row) for row in search.find(connection, text, mode=mode, limit=limit, offset=offset)]

    def conversation(self, conversation: str) -> Conversation:
        """Raises ConversationNotFound when this user has none of that id."""
        with self._database.reading() as connection:
            return _find(connection, conversation)

    def entries(self, conversation: str, *, after: int = 0) -> list[LogEntry]:
        """All log entries with a sequence number above `after`, in order."""
        table = tables.events
        query = select(table).where(table.c.conversation == conversation, table.c.seq > after).order_by(table.c.seq)
        with self._database.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def latest_entries(self, conversation: str, limit: int) -> list[LogEntry]:
        """The last `limit` log entries, in order."""
        table = tables.events
        query = select(table).where(table.c.conversation == conversation).order_by(table.c.seq.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()][::-1]

    def head(self, conversation: str) -> int:
        """The last sequence number of the conversation's log. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            _find(connection, conversation)
            return _head(connection, conversation)

    def runs(self, conversation: str) -> list[RunRecord]:
        """The conversation's runs, oldest first."""
        table = tables.runs
        query = select(table).where(table.c.conversation == conversation).order_by(table.c.started)
        with self._database.reading() as connection:
            return [_run(row) for row in connection.execute(query).mappings()]

    def totals(self, conversation: str) -> Totals:
        """What all runs of a conversation took together."""
        table = tables.runs.c
        sums = (func.coalesce(func.sum(column), 0) for column in (table.prompt_tokens, table.completion_tokens, table.seconds))
        query = select(func.count(), *sums, func.sum(table.cost)).where(table.conversation == conversation)
        with self._database.reading() as connection:
            turns, prompt_tokens, completion_tokens, seconds, cost = connection.execute(query).one()
        usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)
        return Totals(turns=turns, usage=usage, seconds=seconds, cost=cost)

    def set_options(self, conversation: str, options: Options) -> None:
        """Change what holds for a conversation from its next prompt on. Raises ConversationNotFound."""
        with self._database.writing() as connection:
            _find(connection, conversation)
            row = update(tables.conversations).where(tables.conversations.c.id == conversation)
            connection.execute(row.values(options=options.model_dump()))

    def rename(self, conversation: str, title: str) -> None:
        """Give a conversation another title. Raises TitleRefused or ConversationNotFound."""
        title = checked_title(title)
        with self._database.writing() as connection:
            _find(connection, conversation)
            search.forget_title(connection, conversation)
            row = update(tables.conversations).where(tables.conversations.c.id == conversation)
            connection.execute(row.values(title=title))
            search.take_in_title(connection, conversation)

    def delete(self, conversation: str) -> None:
        """Remove a conversation and all that belongs to it from the disk. Raises ConversationNotFound."""
        with self._database.erasing() as connection:
            _find(connection, conversation)
            search.forget(connection, conversation)
            runs = select(tables.runs.c.id).where(tables.runs.c.conversation == conversation)
            connection.execute(delete(tables.partials).where(tables.partials.c.run.in_(runs)))
            for table in tables.metadata.sorted_tables:
                if "conversation" in table.c:
                    connection.execute(delete(table).where(table.c.conversation == conversation))
            connection.execute(delete(tables.conversations).where(tables.conversations.c.id == conversation))

    def begin_run(
        self,
        conversation: str | None,
        mode: str,
        prompt: UserMessage,
        model: str,
        *,
        new_id: str | None = None,
        options: Options | None = None,
    ) -> tuple[RunRecord, int]:
        """Commit a prompt and the run it starts, and with the first prompt its conversation too.

        A new conversation gets `new_id` and `options`, if those are given.

        Returns the run and the log's last sequence number. Raises ConversationNotFound for an id that is not this user's and
        ConversationBusy while another run of the conversation has not ended, or when `new_id` is taken: the prompt was sent twice.
        """
        started = RunStarted(model=model)
        run = RunRecord(
            id=uuid.uuid4().hex,
            conversation=conversation or new_id or uuid.uuid4().hex,
            status="running",
            model=model,
            started=started.time,
            ended=None,
        )
        with self._database.writing() as connection:
            if conversation is None:
                _create(connection, run, mode, prompt, options or Options())
            _find(connection, run.conversation)
            _insert(connection, insert(tables.runs).values(run.model_dump() | {"started": run.started.timestamp()}))
            head = _append(connection, run.conversation, run.id, [prompt, started])
            touched = update(tables.conversations).where(tables.conversations.c.id == run.conversation)
            connection.execute(touched.values(updated=prompt.time.timestamp()))
        return run, head

    def append(self, run: RunRecord, events: Sequence[SavedEvent]) -> int:
        """Append events to the run's conversation and drop its partial text, which they replace. Returns the log's head.

        A run that has ended, or whose conversation was deleted, gets no more events.
        """
        with self._database.writing() as connection:
            if not _is_known(connection, run, tables.runs.c.ended.is_(None)):
                return _head(connection, run.conversation)
            connection.execute(delete(tables.partials).where(tables.partials.c.run == run.id))
            return _append(connection, run.conversation, run.id, events)

    def save_partial(self, run: RunRecord, *, position: int, source: str, text: str) -> None:
        """Keep a piece of a message still being written. Pieces are joined in the order of `position`."""
        row = {"run": run.id, "position": position, "source": source, "text": text}
        with self._database.writing() as connection:
            if _is_known(connection, run):
                connection.execute(insert(tables.partials).values(row))

    def end_run(self, run: RunRecord, events: Sequence[SavedEvent], ended: RunEnded, state: State | None = None) -> int:
        """Commit a run's last events, its end and, where there is one, the state its agents are left in. Returns the log's head.

        A run whose conversation was deleted leaves nothing.
        """
        with self._database.writing() as connection:
            if not _is_known(connection, run):
                return _head(connection, run.conversation)
            head = _end(connection, run, [*events, ended], ended)
            if state is not None:
                _, before = _state(connection, run.conversation)
                row = {"conversation": run.conversation, "seq": head, "run": run.id, "patch": diff(before, state)}
                connection.execute(insert(tables.snapshots).values(row))
            return head

    def interrupt_lost_runs(self, conversation: str | None = None) -> None:
        """Mark runs that nothing drives any more: all of them when a process opens the store, or those of one conversation."""
        table = tables.runs
        lost = select(table).where(table.c.ended.is_(None))
        if conversation is not None:
            lost = lost.where(table.c.conversation == conversation)
        with self._database.reading() as connection:
            if connection.execute(lost).first() is None:  # the usual case, and one that a full disk allows
                return
        with self._database.writing() as connection:
            for run in map(_run, connection.execute(lost).mappings().all()):
                ended = RunEnded(status="interrupted", reason=INTERRUPTED)
                _end(connection, run, [*_partial_message(connection, run), ended], ended)

    def state(self, conversation: str) -> tuple[int, State | None]:
        """The agents' last saved state, and the last sequence number it knows of: (0, None) before the first."""
        with self._database.reading() as connection:
            return _state(connection, conversation)

    def close(self) -> None:
        self._database.close()


class Stores:
    """The one door to users' stores: each is opened once per process."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._open: dict[str, Store] = {}
        self._lock = threading.Lock()

    def of(self, user: User) -> Store:
        with self._lock:
            if user.key not in self._open:
                self._open[user.key] = Store(user, Database(paths.database_file(self._data_dir, user)))
            return self._open[user.key]

    def close(self) -> None:
        with self._lock:
            for store in self._open.values():
                store.close()
            self._open.clear()


def _create(connection: Connection, run: RunRecord, mode: str, prompt: UserMessage, options: Options) -> None:
    moment = prompt.time.timestamp()
    row = {"id": run.conversation, "mode": mode, "title": title_of(prompt.text), "created": moment, "updated": moment}
    row["options"] = options.model_dump()
    _insert(connection, insert(tables.conversations).values(row))


def _insert(connection: Connection, statement: Insert) -> None:
    try:
        connection.execute(statement)
    except IntegrityError as error:  # the conversation is there already, or the index one_live_run finds it has a run
        raise ConversationBusy from error


def _find(connection: Connection, conversation: str) -> Conversation:
    table = tables.conversations
    row = connection.execute(select(table).where(table.c.id == conversation)).mappings().one_or_none()
    if row is None:
        raise ConversationNotFound
    return _conversation(row)


def _of_mode(query: Select[Any], mode: str | None) -> Select[Any]:
    return query if mode is None else query.where(tables.conversations.c.mode == mode)


def _is_known(connection: Connection, run: RunRecord, *conditions: ColumnElement[bool]) -> bool:
    query = select(tables.runs.c.id).where(tables.runs.c.id == run.id, *conditions)
    return connection.execute(query).first() is not None


def _head(connection: Connection, conversation: str) -> int:
    table = tables.events
    query = select(func.coalesce(func.max(table.c.seq), 0)).where(table.c.conversation == conversation)
    return int(connection.execute(query).scalar_one())


def _append(connection: Connection, conversation: str, run: str, events: Sequence[SavedEvent]) -> int:
    head = _head(connection, conversation)
    rows = [
        {"conversation": conversation, "seq": head + index, "run": run, "body": event.model_dump_json()}
        for index, event in enumerate(events, start=1)
    ]
    connection.execute(insert(tables.events), rows)
    search.take_in(connection, conversation, after=head)
    return head + len(rows)


def _end(connection: Connection, run: RunRecord, events: Sequence[SavedEvent], ended: RunEnded) -> int:
    connection.execute(delete(tables.partials).where(tables.partials.c.run == run.id))
    row = update(tables.runs).where(tables.runs.c.id == run.id)
    took = {**ended.usage.model_dump(), "seconds": ended.seconds, "cost": ended.cost}
    connection.execute(row.values(status=ended.status, ended=ended.time.timestamp(), **took))
    return _append(connection, run.conversation, run.id, events)


def _partial_message(connection: Connection, run: RunRecord) -> list[SavedEvent]:
    table = tables.partials
    pieces = connection.execute(select(table).where(table.c.run == run.id).order_by(table.c.position)).all()
    if not pieces:
        return []
    return [AgentMessage(source=pieces[0].source, text="".join(piece.text for piece in pieces), is_partial=True)]


def _state(connection: Connection, conversation: str) -> tuple[int, State | None]:
    table = tables.snapshots
    rows = connection.execute(select(table).where(table.c.conversation == conversation).order_by(table.c.seq)).all()
    state: State | None = reduce(lambda before, row: apply(before, row.patch), rows, None)
    return (rows[-1].seq if rows else 0), state


def _conversation(row: RowMapping) -> Conversation:
    values = {key: row[key] for key in Conversation.model_fields}
    return Conversation.model_validate(values | {key: _moment(row[key]) for key in ("created", "updated")})


def _hit(row: RowMapping) -> Hit:
    return Hit(conversation=_conversation(row), seq=row["seq"], snippet=search.to_line(row["snippet"]))


def _run(row: RowMapping) -> RunRecord:
    values = {key: row[key] for key in RunRecord.model_fields}
    return RunRecord.model_validate(values | {key: _moment(row[key]) for key in ("started", "ended")})


def _moment(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _entry(row: RowMapping) -> LogEntry:
    return LogEntry(seq=row["seq"], run=row["run"], event=saved_event.validate_json(row["body"]))
