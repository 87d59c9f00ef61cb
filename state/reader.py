"""What one user's conversations say: every question that can be asked of them, and nothing that changes them."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, func, select

from state import feedback, history, log, pictures, records, search, tables, usage
from state.checkup import Finding, IsPicture, check_database
from state.conversations import Conversation, RunRecord, Totals, Transcript
from state.database import Database
from state.errors import ConversationNotFound, ImageNotFound
from state.events import Continued, LogEntry, Prompt, Usage, UserMessage
from state.feedback import Feedback
from state.rows import to_conversation, to_entry, to_run
from state.search import Hit
from state.snapshots import State
from state.usage import Used
from state.users import User


class Reader:
    """One user's, so nothing in it needs to ask whose it is. All methods may be called from any thread; each is one transaction."""

    def __init__(self, user: User, database: Database) -> None:
        self.user = user
        self._database = database

    def conversation(self, conversation: str) -> Conversation:
        """Raises ConversationNotFound when this user has none of that id."""
        with self._database.reading() as connection:
            return records.find(connection, conversation)

    def conversations(self, limit: int | None, *, offset: int = 0, mode: str | None = None) -> list[Conversation]:
        """The latest `limit` conversations after `offset`, or all, of one mode or all, the one with the latest prompt first."""
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

    def entries(self, conversation: str, *, after: int = 0) -> list[LogEntry]:
        """All log entries with a sequence number above `after`, in order."""
        table = tables.events
        query = select(table).where(table.c.conversation == conversation, table.c.seq > after).order_by(table.c.seq)
        with self._database.reading() as connection:
            return [to_entry(row) for row in connection.execute(query).mappings()]

    def entries_of(self, conversation: str, run: str) -> list[LogEntry]:
        """A run's own log entries, in order. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            records.find_run(connection, conversation, run)
            return [to_entry(row) for row in history.rows_of(connection, [run])]

    def transcript(self, conversation: str, limit: int, *, reaching: int = 0) -> Transcript:
        """The latest turns on the way to the conversation's tip: whole ones, of about `limit` events. Raises ConversationNotFound.

        They are more where the event with the sequence number `reaching` lies further back.
        """
        with self._database.reading() as connection:
            tip = records.find(connection, conversation).tip
            run = history.run_of(connection, conversation, reaching) if reaching else None
            since = history.events_since(connection, tip, run) if run else 0
            rows, has_earlier = history.latest_turns(connection, tip, max(limit, since))
            return Transcript(
                entries=[to_entry(row) for row in rows],
                has_earlier=has_earlier,
                versions=history.versions(connection, conversation, sorted({row["run"] for row in rows})),
                later=history.next_of(connection, conversation, tip),
                elsewhere=None if since else run,
            )

    def way_to(self, conversation: str, run: str | None) -> list[LogEntry]:
        """All log entries on the way to a run of the conversation, its own too."""
        with self._database.reading() as connection:
            records.require(connection, conversation, run)
            return [to_entry(row) for row in history.rows_of(connection, history.path(connection, run))]

    def runs_to(self, conversation: str, run: str | None) -> list[str]:
        """The ids of the runs that lead to `run`, it being the last. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            records.require(connection, conversation, run)
            return history.path(connection, run)

    def memory(self, conversation: str, run: str | None) -> tuple[State | None, list[LogEntry]]:
        """The last state agents were left in on the way to a run, and the log entries of the runs after that, the run's own too.

        Before the first run there is neither. Raises ConversationNotFound.
        """
        with self._database.reading() as connection:
            records.require(connection, conversation, run)
            state, since = history.state_at(connection, run)
            return state, [to_entry(row) for row in history.rows_of(connection, since)]

    def head(self, conversation: str) -> int:
        """The last sequence number of the conversation's log. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            records.find(connection, conversation)
            return log.length(connection, conversation)

    def runs(self, conversation: str) -> list[RunRecord]:
        """The conversation's runs, oldest first."""
        table = tables.runs
        query = select(table).where(table.c.conversation == conversation).order_by(table.c.started)
        with self._database.reading() as connection:
            return [to_run(row) for row in connection.execute(query).mappings()]

    def run(self, conversation: str, run: str) -> RunRecord:
        """A run of the conversation. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            return records.find_run(connection, conversation, run)

    def prompt_of(self, conversation: str, run: str) -> Prompt:
        """What a run was begun with. Raises ConversationNotFound."""
        with self._database.reading() as connection:
            records.find_run(connection, conversation, run)
            query = select(tables.events).where(tables.events.c.run == run).order_by(tables.events.c.seq).limit(1)
            event = to_entry(connection.execute(query).mappings().one()).event
            if not isinstance(event, UserMessage | Continued):
                raise ConversationNotFound
            return event

    def feedback(self, conversation: str) -> dict[str, Feedback]:
        """What the person thought of a conversation's answers, by their runs."""
        with self._database.reading() as connection:
            return {given.run: given for given in feedback.of_conversation(connection, conversation)}

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

    def totals(self, conversation: str) -> Totals:
        """What all runs of a conversation took together."""
        table = tables.runs.c
        sums = (func.coalesce(func.sum(column), 0) for column in (table.prompt_tokens, table.completion_tokens, table.seconds))
        query = select(func.count(), *sums, func.sum(table.cost)).where(table.conversation == conversation)
        with self._database.reading() as connection:
            turns, prompt_tokens, completion_tokens, seconds, cost = connection.execute(query).one()
        taken = Usage(prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)
        return Totals(turns=turns, usage=taken, seconds=seconds, cost=cost)

    def used_since(self, moment: datetime) -> list[Used]:
        """What answers took that were begun since then, by quarters of an hour and models."""
        with self._database.reading() as connection:
            return usage.used_since(connection, moment)

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

    def check(self, is_picture: IsPicture = bool) -> list[Finding]:
        """Look whether all of it is sound."""
        with self._database.reading() as connection:
            return check_database(connection, is_picture)


def _of_mode(query: Select[Any], mode: str | None) -> Select[Any]:
    return query if mode is None else query.where(tables.conversations.c.mode == mode)


def _to_hit(row: RowMapping) -> Hit:
    return Hit(conversation=to_conversation(row), seq=row["seq"], snippet=search.to_line(row["snippet"]))
