"""A user's conversations on disk. A store is one user's, so nothing in it needs to ask whose it is."""

import threading
from base64 import b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from state import history, log, paths, pictures, search, tables
from state.checkup import Finding, check_database
from state.conversations import (
    LONGEST_TITLE,
    Beginning,
    Conversation,
    Options,
    RunRecord,
    TitledBy,
    Totals,
    Transcript,
    checked_title,
    title_of,
)
from state.database import Database
from state.errors import AlreadySent, ConversationBusy, ConversationNotFound, ImageNotFound, QuestionOver
from state.events import Continued, InputAnswered, LogEntry, Prompt, RunEnded, RunStarted, SavedEvent, Usage, UserMessage, now
from state.exports import ConversationFile
from state.ids import new_id
from state.rows import to_conversation, to_entry, to_run
from state.search import Hit
from state.snapshots import State
from state.users import User

BRANCHED = " (branch)"
INTERRUPTED = "The server stopped before this answer was finished. What had arrived is kept; your next prompt goes on from here."

_SAVE_PARTIAL = "INSERT INTO partials (run, position, source, text) SELECT id, ?, ?, ? FROM runs WHERE id = ?"


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
            return [to_conversation(row) for row in connection.execute(query).mappings()]

    def count(self, mode: str | None = None) -> int:
        """How many conversations there are, of one mode or all."""
        with self._database.reading() as connection:
            return int(connection.execute(_of_mode(select(func.count()).select_from(tables.conversations), mode)).scalar_one())

    def search(self, text: str, *, mode: str | None = None, limit: int = 30, offset: int = 0) -> list[Hit]:
        """The latest places where all words of `text` were said or are in a title; the last word may be the beginning of one.

        Any text may be given: nothing in it has a meaning of its own.
        """
        with self._database.reading() as connection:
            return [_to_hit(row) for row in search.find(connection, text, mode=mode, limit=limit, offset=offset)]

    def conversation(self, conversation: str) -> Conversation:
        """Raises ConversationNotFound when this user has none of that id."""
        with self._database.reading() as connection:
            return _find(connection, conversation)

    def entries(self, conversation: str, *, after: int = 0) -> list[LogEntry]:
        """All log entries with a sequence number above `after`, in order."""
        table = tables.events
        query = select(table).where(table.c.conversation == conversation, table.c.seq > after).order_by(table.c.seq)
        with self._database.reading() as connection:
            return [to_entry(row) for row in connection.execute(query).mappings()]

    def transcript(self, conversation: str, limit: int) -> Transcript:
        """The latest turns on the way to the conversation's tip: whole ones, of about `limit` events. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            tip = _find(connection, conversation).tip
            rows, has_earlier = history.latest_turns(connection, tip, limit)
            return Transcript(
                entries=[to_entry(row) for row in rows],
                has_earlier=has_earlier,
                versions=history.versions(connection, conversation, sorted({row["run"] for row in rows})),
                later=history.next_of(connection, conversation, tip),
            )

    def way_to(self, conversation: str, run: str | None) -> list[LogEntry]:
        """All log entries on the way to a run of the conversation, its own too."""
        with self._database.reading() as connection:
            _require(connection, conversation, run)
            return [to_entry(row) for row in history.rows_of(connection, history.path(connection, run))]

    def runs_to(self, conversation: str, run: str | None) -> list[str]:
        """The ids of the runs that lead to `run`, it being the last. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            _require(connection, conversation, run)
            return history.path(connection, run)

    def memory(self, conversation: str, run: str | None) -> tuple[State | None, list[LogEntry]]:
        """The last state agents were left in on the way to a run, and the log entries of the runs after that, the run's own too.

        Before the first run there is neither. Raises ConversationNotFound.
        """
        with self._database.reading() as connection:
            _require(connection, conversation, run)
            state, since = history.state_at(connection, run)
            return state, [to_entry(row) for row in history.rows_of(connection, since)]

    def head(self, conversation: str) -> int:
        """The last sequence number of the conversation's log. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            _find(connection, conversation)
            return log.length(connection, conversation)

    def waiting_run(self, conversation: str) -> RunRecord | None:
        """The run of a conversation that waits for the person, if one does."""
        table = tables.runs
        query = select(table).where(table.c.conversation == conversation, table.c.ended.is_(None), table.c.status == "waiting")
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
            return None if row is None else to_run(row)

    def waiting_conversations(self) -> set[str]:
        """The ids of the conversations that wait for the person."""
        table = tables.runs
        query = select(table.c.conversation).where(table.c.ended.is_(None), table.c.status == "waiting")
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars())

    def answer(self, run: RunRecord, answered: InputAnswered) -> tuple[int, bool]:
        """Commit the answer to what a run asks. Returns the log's last sequence number and whether all is answered now.

        Raises QuestionOver when it does not ask that any more.
        """
        with self._database.writing() as connection:
            if not _is_known(connection, run, tables.runs.c.ended.is_(None)) or answered.request_id not in log.open_requests(
                connection, run.id
            ):
                raise QuestionOver
            head = log.append(connection, run.conversation, run.id, [answered])
            return head, not log.open_requests(connection, run.id)

    def runs(self, conversation: str) -> list[RunRecord]:
        """The conversation's runs, oldest first."""
        table = tables.runs
        query = select(table).where(table.c.conversation == conversation).order_by(table.c.started)
        with self._database.reading() as connection:
            return [to_run(row) for row in connection.execute(query).mappings()]

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
            _retitle(connection, conversation, title, "person")

    def suggest_title(self, run: RunRecord, title: str | None, usage: Usage, cost: float | None) -> None:
        """Take a model's title, unless a person gave one, and count with the run what making it took."""
        with self._database.writing() as connection:
            table = tables.runs.c
            row = update(tables.runs).where(table.id == run.id)
            taken = {name: table[name] + count for name, count in usage.model_dump().items()}
            connection.execute(row.values(**taken, cost=table.cost + (cost or 0.0)))
            if title and _is_known(connection, run) and _find(connection, run.conversation).titled_by != "person":
                _retitle(connection, run.conversation, checked_title(title), "model")

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
            pictures.drop_unused(connection)

    def delete_all(self) -> None:
        """Remove everything this user has here from the disk."""
        with self._database.erasing() as connection:
            for table in tables.metadata.sorted_tables:
                connection.execute(delete(table))
            search.forget_all(connection)

    def begin_run(
        self,
        conversation: str | None,
        mode: str,
        prompt: Prompt,
        model: str,
        beginning: Beginning = Beginning(),
        *,
        images: Mapping[str, bytes] = {},
    ) -> tuple[RunRecord, int]:
        """Commit a prompt and the run it starts, and with the first prompt its conversation too.

        `images` are the prompt's pictures that may not be stored yet. The run becomes the conversation's tip. Returns it and the log's last
        sequence number. Raises AlreadySent for a run's id that is there, ConversationNotFound for an id that is not this user's, and
        ConversationBusy while another run of the conversation has not ended, or when a new conversation's id is taken: the prompt was
        sent twice.
        """
        started = RunStarted(model=model, instructions=beginning.instructions, tools_off=beginning.tools_off, roles=beginning.roles)
        with self._database.writing() as connection:
            if beginning.run_id is not None and _has_run(connection, beginning.run_id):
                raise AlreadySent
            if conversation is None:
                conversation = beginning.new_id or new_id()
                _add(connection, conversation, mode, title_of(prompt.text), prompt.time.timestamp(), beginning.options)
            tip = _find(connection, conversation).tip
            run = RunRecord(
                id=beginning.run_id or new_id(),
                conversation=conversation,
                parent=_find_run(connection, conversation, beginning.instead_of).parent if beginning.instead_of else tip,
                continues=isinstance(prompt, Continued),
                status="running",
                model=model,
                started=started.time,
                ended=None,
            )
            _insert(connection, insert(tables.runs).values(run.model_dump() | {"started": run.started.timestamp()}))
            pictures.keep(connection, images)
            pictures.note_uses(connection, conversation, run.id, [image.id for image in prompt.images])
            head = log.append(connection, conversation, run.id, [prompt, started])
            _change(connection, conversation, tip=run.id, updated=prompt.time.timestamp())
        return run, head

    def go_to(self, conversation: str, run: str | None) -> None:
        """Let the transcript end with a run, or with nothing. What came after stays. Raises ConversationNotFound or ConversationBusy."""
        with self._database.writing() as connection:
            _require(connection, conversation, run)
            _require_idle(connection, conversation)
            _change(connection, conversation, tip=run)

    def show_version(self, conversation: str, run: str) -> None:
        """Let the transcript lead over a run, to the newest that follows it. Raises ConversationNotFound or ConversationBusy."""
        with self._database.writing() as connection:
            _find_run(connection, conversation, run)
            _require_idle(connection, conversation)
            _change(connection, conversation, tip=history.latest_of(connection, conversation, run))

    def branch(self, conversation: str, run: str) -> Conversation:
        """Copy the way to a run into a new conversation, agents' states too. Raises ConversationNotFound or ConversationBusy."""
        with self._database.writing() as connection:
            origin = _find(connection, conversation)
            if _find_run(connection, conversation, run).ended is None:
                raise ConversationBusy
            new = new_id()
            _add(connection, new, origin.mode, _branched(origin.title), now().timestamp(), origin.options)
            _change(connection, new, tip=history.copy(connection, history.path(connection, run), new), titled_by="person")
            search.take_in(connection, new, after=0)
            search.take_in_title(connection, new)
            return _find(connection, new)

    def take_in(self, file: ConversationFile) -> Conversation:
        """Make a new conversation of a file's. Its runs get new ids, so the same file may be taken in again."""
        with self._database.writing() as connection:
            origin, new = file.conversation, new_id()
            options = origin.options.model_copy(update={"permissions": {}})  # what may be called is for whoever takes it in to say
            _add(connection, new, origin.mode, checked_title(origin.title), now().timestamp(), options)
            pictures.keep(connection, {id: b64decode(content) for id, content in file.images.items()})
            tip = history.take_in(connection, file.runs, file.events, new).get(origin.tip or "")
            _change(connection, new, tip=tip, titled_by="person", created=origin.created.timestamp())
            search.take_in(connection, new, after=0)
            search.take_in_title(connection, new)
            pictures.drop_unused(connection)
        self.interrupt_lost_runs(new)  # it may have been exported while an answer was being written
        return self.conversation(new)

    def image(self, id: str) -> bytes:
        """A picture's bytes. Raises ImageNotFound when this user has none of that id."""
        with self._database.reading() as connection:
            data = pictures.load(connection, id)
        if data is None:
            raise ImageNotFound
        return data

    def images(self, conversation: str) -> dict[str, bytes]:
        """All pictures of a conversation by their ids."""
        with self._database.reading() as connection:
            return pictures.of_conversation(connection, conversation)

    def run(self, conversation: str, run: str) -> RunRecord:
        """A run of the conversation. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            return _find_run(connection, conversation, run)

    def prompt_of(self, conversation: str, run: str) -> Prompt:
        """What a run was begun with. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            _find_run(connection, conversation, run)
            query = select(tables.events).where(tables.events.c.run == run).order_by(tables.events.c.seq).limit(1)
            event = to_entry(connection.execute(query).mappings().one()).event
            if not isinstance(event, UserMessage | Continued):
                raise ConversationNotFound
            return event

    def append(self, run: RunRecord, events: Sequence[SavedEvent]) -> int:
        """Append events to the run's conversation and drop its partial text, which they replace. Returns the log's head.

        A run that has ended, or whose conversation was deleted, gets no more events.
        """
        with self._database.writing() as connection:
            if not _is_known(connection, run, tables.runs.c.ended.is_(None)):
                return log.length(connection, run.conversation)
            log.drop_partials(connection, run)
            return log.append(connection, run.conversation, run.id, events)

    def save_partial(self, run: RunRecord, *, position: int, source: str, text: str) -> None:
        """Keep a piece of a message still being written. Pieces are joined in the order of `position`."""
        self._database.write(_SAVE_PARTIAL, position, source, text, run.id)

    def end_run(
        self,
        run: RunRecord,
        events: Sequence[SavedEvent],
        ended: RunEnded,
        state: State | None = None,
        *,
        images: Mapping[str, bytes] = {},
    ) -> int:
        """Commit a run's last events, its end and, where there is one, the state its agents are left in. Returns the log's head.

        `images` are pictures that the state refers to and that came up in this run. A run whose conversation was deleted leaves nothing.
        """
        with self._database.writing() as connection:
            if not _is_known(connection, run):
                return log.length(connection, run.conversation)
            head = log.end(connection, run, events, ended)
            if state is not None:
                pictures.keep(connection, images)
                pictures.note_uses(connection, run.conversation, run.id, images)
                history.save_state(connection, run.conversation, run.id, state)
            return head

    def interrupt_lost_runs(self, conversation: str | None = None) -> None:
        """Mark runs that nothing drives any more: all of them when a process opens the store, or those of one conversation.

        One that waits for the person goes on waiting: it is taken up again with the answer.
        """
        table = tables.runs
        lost = select(table).where(table.c.ended.is_(None), table.c.status != "waiting")
        if conversation is not None:
            lost = lost.where(table.c.conversation == conversation)
        with self._database.reading() as connection:
            if connection.execute(lost).first() is None:  # the usual case, and one that a full disk allows
                return
        with self._database.writing() as connection:
            for run in map(to_run, connection.execute(lost).mappings().all()):
                ended = RunEnded(status="interrupted", reason=INTERRUPTED)
                log.end(connection, run, log.partial_message(connection, run), ended)

    def check(self) -> list[Finding]:
        """Look whether all of it is sound."""
        with self._database.reading() as connection:
            return check_database(connection)

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


def _add(connection: Connection, id: str, mode: str, title: str, moment: float, options: Options) -> None:
    row = {"id": id, "mode": mode, "title": title, "created": moment, "updated": moment, "options": options.model_dump()}
    _insert(connection, insert(tables.conversations).values(row))


def _retitle(connection: Connection, conversation: str, title: str, titled_by: TitledBy) -> None:
    search.forget_title(connection, conversation)
    _change(connection, conversation, title=title, titled_by=titled_by)
    search.take_in_title(connection, conversation)


def _branched(title: str) -> str:
    return title.removesuffix(BRANCHED)[: LONGEST_TITLE - len(BRANCHED)] + BRANCHED


def _change(connection: Connection, conversation: str, **values: Any) -> None:
    connection.execute(update(tables.conversations).where(tables.conversations.c.id == conversation).values(values))


def _has_run(connection: Connection, run: str) -> bool:
    return connection.execute(select(tables.runs.c.id).where(tables.runs.c.id == run)).first() is not None


def _require_idle(connection: Connection, conversation: str) -> None:
    table = tables.runs
    if connection.execute(select(table.c.id).where(table.c.conversation == conversation, table.c.ended.is_(None))).first():
        raise ConversationBusy


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
    return to_conversation(row)


def _find_run(connection: Connection, conversation: str, run: str) -> RunRecord:
    """Raises ConversationNotFound when the conversation is not there or has no such run."""
    query = select(tables.runs).where(tables.runs.c.id == run, tables.runs.c.conversation == conversation)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise ConversationNotFound
    return to_run(row)


def _require(connection: Connection, conversation: str, run: str | None) -> None:
    """The same for a run or for the place before all of them."""
    _find(connection, conversation)
    if run is not None:
        _find_run(connection, conversation, run)


def _of_mode(query: Select[Any], mode: str | None) -> Select[Any]:
    return query if mode is None else query.where(tables.conversations.c.mode == mode)


def _is_known(connection: Connection, run: RunRecord, *conditions: ColumnElement[bool]) -> bool:
    query = select(tables.runs.c.id).where(tables.runs.c.id == run.id, *conditions)
    return connection.execute(query).first() is not None


def _to_hit(row: RowMapping) -> Hit:
    return Hit(conversation=to_conversation(row), seq=row["seq"], snippet=search.to_line(row["snippet"]))
