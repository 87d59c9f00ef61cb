"""A user's conversations on disk: how they begin, grow, change and go, and the one door to all users' stores."""

import threading
from base64 import b64decode
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import delete, select, update

from state import feedback, history, log, paths, pictures, records, search, tables
from state.conversations import (
    LONGEST_TITLE,
    Beginning,
    Conversation,
    Options,
    RunRecord,
    checked_title,
    title_of,
)
from state.database import Database
from state.errors import AlreadySent, ConversationBusy, QuestionOver
from state.events import Continued, InputAnswered, Prompt, RunEnded, RunStarted, SavedEvent, Usage, now
from state.exports import ConversationFile
from state.feedback import Feedback
from state.ids import new_id
from state.reader import Reader
from state.rows import to_run
from state.snapshots import State
from state.users import User

MOST_OPEN = 50
"""Users whose database stays open. Each takes three to eleven open files, and many systems allow a process 1,024."""
BRANCHED = " (branch)"
INTERRUPTED = "The server stopped before this answer was finished. What arrived so far is kept; your next prompt goes on from here."
_SAVE_PARTIAL = "INSERT INTO partials (run, position, source, text) SELECT id, ?, ?, ? FROM runs WHERE id = ? AND ended IS NULL"


class Store(Reader):
    """One user's conversations. All methods may be called from any thread; each is one transaction."""

    def __init__(self, user: User, database: Database) -> None:
        super().__init__(user, database)
        self.interrupt_lost_runs()

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
            if beginning.run_id is not None and records.has_run(connection, beginning.run_id):
                raise AlreadySent
            if conversation is None:
                conversation = beginning.new_id or new_id()
                records.add(connection, conversation, mode, title_of(prompt.text), prompt.time.timestamp(), beginning.options)
            tip = records.find(connection, conversation).tip
            run = RunRecord(
                id=beginning.run_id or new_id(),
                conversation=conversation,
                parent=records.find_run(connection, conversation, beginning.instead_of).parent if beginning.instead_of else tip,
                continues=isinstance(prompt, Continued),
                status="running",
                model=model,
                started=started.time,
                ended=None,
            )
            records.add_run(connection, run)
            pictures.keep(connection, images)
            pictures.note_uses(connection, conversation, run.id, [image.id for image in prompt.images])
            head = log.append(connection, conversation, run.id, [prompt, started])
            records.change(connection, conversation, tip=run.id, updated=prompt.time.timestamp())
        return run, head

    def give_feedback(self, conversation: str, given: Feedback) -> None:
        """Keep what the person thinks of a run's answer. Raises ConversationNotFound."""
        with self._database.writing() as connection:
            records.find_run(connection, conversation, given.run)
            feedback.put(connection, conversation, given)

    def take_back_feedback(self, conversation: str, run: str) -> None:
        """Forget what the person thought of a run's answer. Raises ConversationNotFound."""
        with self._database.writing() as connection:
            records.find_run(connection, conversation, run)
            feedback.forget(connection, run)

    def append(self, run: RunRecord, events: Sequence[SavedEvent]) -> int:
        """Append events to the run's conversation and drop its partial text, which they replace. Returns the log's head.

        A run that has ended, or whose conversation was deleted, gets no more events.
        """
        with self._database.writing() as connection:
            if not records.is_live(connection, run):
                return log.length(connection, run.conversation)
            log.drop_partials(connection, run)
            return log.append(connection, run.conversation, run.id, events)

    def save_partial(self, run: RunRecord, *, position: int, source: str, text: str) -> None:
        """Keep a piece of a message that a live run is writing. Pieces are joined in the order of `position`."""
        self._database.write(_SAVE_PARTIAL, position, source, text, run.id)

    def answer(self, run: RunRecord, answered: InputAnswered) -> tuple[int, bool]:
        """Commit the answer to what a run asks. Returns the log's last sequence number and whether all is answered now.

        Raises QuestionOver when it does not ask that any more.
        """
        with self._database.writing() as connection:
            if not records.is_live(connection, run) or answered.request_id not in log.open_requests(connection, run.id):
                raise QuestionOver
            head = log.append(connection, run.conversation, run.id, [answered])
            return head, not log.open_requests(connection, run.id)

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

        `images` are pictures that the state refers to and that came up in this run. A run that has ended, or whose
        conversation was deleted, leaves nothing.
        """
        with self._database.writing() as connection:
            if not records.is_live(connection, run):
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

    def go_to(self, conversation: str, run: str | None) -> None:
        """Let the transcript end with a run, or with nothing. What came after stays. Raises ConversationNotFound or ConversationBusy."""
        with self._database.writing() as connection:
            records.require(connection, conversation, run)
            records.require_idle(connection, conversation)
            records.change(connection, conversation, tip=run)

    def show_version(self, conversation: str, run: str) -> None:
        """Let the transcript lead over a run, to the newest that follows it. Raises ConversationNotFound or ConversationBusy."""
        with self._database.writing() as connection:
            records.find_run(connection, conversation, run)
            records.require_idle(connection, conversation)
            records.change(connection, conversation, tip=history.latest_of(connection, conversation, run))

    def branch(self, conversation: str, run: str) -> Conversation:
        """Copy the way to a run into a new conversation, agents' states too. Raises ConversationNotFound or ConversationBusy."""
        with self._database.writing() as connection:
            origin = records.find(connection, conversation)
            if records.find_run(connection, conversation, run).ended is None:
                raise ConversationBusy
            new = new_id()
            records.add(connection, new, origin.mode, _branched(origin.title), now().timestamp(), origin.options)
            records.change(connection, new, tip=history.copy(connection, history.path(connection, run), new), titled_by="person")
            search.take_in(connection, new, after=0)
            search.take_in_title(connection, new)
            return records.find(connection, new)

    def take_in(self, file: ConversationFile) -> Conversation:
        """Make a new conversation of a file's. Its runs get new ids, so the same file may be taken in again."""
        with self._database.writing() as connection:
            origin, new = file.conversation, new_id()
            options = origin.options.model_copy(update={"permissions": {}})  # what may be called is for whoever takes it in to say
            records.add(connection, new, origin.mode, checked_title(origin.title), now().timestamp(), options)
            pictures.keep(connection, {id: b64decode(content) for id, content in file.images.items()})
            runs = history.take_in(connection, file.runs, file.events, new)
            feedback.take_in(connection, new, file.feedback, runs)
            tip = runs.get(origin.tip or "")
            records.change(connection, new, tip=tip, titled_by="person", created=origin.created.timestamp())
            search.take_in(connection, new, after=0)
            search.take_in_title(connection, new)
            pictures.drop_unused(connection)
        self.interrupt_lost_runs(new)  # it may have been exported while an answer was being written
        return self.conversation(new)

    def set_options(self, conversation: str, options: Options) -> None:
        """Change what holds for a conversation from its next prompt on. Raises ConversationNotFound."""
        with self._database.writing() as connection:
            records.find(connection, conversation)
            records.change(connection, conversation, options=options.model_dump())

    def rename(self, conversation: str, title: str) -> None:
        """Give a conversation another title. Raises TitleRefused or ConversationNotFound."""
        title = checked_title(title)
        with self._database.writing() as connection:
            records.find(connection, conversation)
            records.retitle(connection, conversation, title, "person")

    def suggest_title(self, run: RunRecord, title: str | None, usage: Usage, cost: float | None) -> None:
        """Take a model's title, unless a person gave one, and count with the run what making it took."""
        with self._database.writing() as connection:
            table = tables.runs.c
            row = update(tables.runs).where(table.id == run.id)
            taken = {name: table[name] + count for name, count in usage.model_dump().items()}
            connection.execute(row.values(**taken, cost=table.cost + (cost or 0.0)))
            if title and records.has_run(connection, run.id) and records.find(connection, run.conversation).titled_by != "person":
                records.retitle(connection, run.conversation, checked_title(title), "model")

    def delete(self, conversation: str) -> None:
        """Remove a conversation and all that belongs to it from the disk. Raises ConversationNotFound."""
        with self._database.erasing() as connection:
            records.find(connection, conversation)
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

    def close(self) -> None:
        """Close the files. Whoever asks for something later opens them again."""
        self._database.close()


class Stores:
    """The one door to users' stores: each is opened once per process, for opening one ends the runs that nothing drives."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._open: dict[str, Store] = {}
        self._opening = defaultdict[str, threading.Lock](threading.Lock)
        self._latest = OrderedDict[str, Store]()
        """Those that may have open files, the one last asked for at the end."""
        self._lock = threading.Lock()

    def of(self, user: User) -> Store:
        """Opening, which may bring an old file up to date, keeps nobody else waiting."""
        with self._lock:
            opening = self._opening[user.key]
        with opening:
            if user.key not in self._open:
                self._open[user.key] = Store(user, Database(paths.database_file(self._data_dir, user)))
            store = self._open[user.key]
        with self._lock:
            self._latest[user.key] = store
            self._latest.move_to_end(user.key)
            resting = self._latest.popitem(last=False)[1] if len(self._latest) > MOST_OPEN else None
        if resting is not None:
            resting.close()
        return store

    def close(self) -> None:
        with self._lock:
            for store in self._open.values():
                store.close()
            self._open.clear()
            self._latest.clear()


def _branched(title: str) -> str:
    return title.removesuffix(BRANCHED)[: LONGEST_TITLE - len(BRANCHED)] + BRANCHED
