"""Finds what was said: SQLite's full-text index over prompts, agents' messages, descriptions of pictures, and titles somebody gave.

The index keeps no text of its own. `said` numbers what it holds, and the view `said_text` reads it where it lies, in events and titles.
"""

import re
from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, column, text

from state.conversations import Conversation
from state.tables import conversations
from state.values import Value

TITLE_SEQ = 0
"""Stands for the title, beside the sequence numbers of events. Titles made of the first prompt are found by that prompt."""
MARK, UNMARK = "\x02", "\x03"
"""Around what was found, in a snippet. A text may hold them too: then more of it looks found."""
SNIPPET_WORDS = 24

_VIEW = """CREATE VIEW said_text AS
    SELECT said.id, said.conversation, said.seq, coalesce(
        json_extract(events.body, '$.text'),
        json_extract(events.body, '$.title') || coalesce(' · ' || json_extract(events.body, '$.description'), ''),
        conversations.title) AS text
    FROM said JOIN conversations ON conversations.id = said.conversation
    LEFT JOIN events ON events.conversation = said.conversation AND events.seq = said.seq"""
_CREATE = (
    _VIEW,
    """CREATE VIRTUAL TABLE said_words USING fts5(
        text, content='said_text', content_rowid='id', tokenize="unicode61 remove_diacritics 2"
    )""",
)
_NUMBER = """INSERT INTO said (conversation, seq) SELECT events.conversation, events.seq FROM events JOIN runs ON runs.id = events.run
    WHERE json_extract(body, '$.type') IN ('user_message', 'agent_message', 'image_described')"""
_INDEX = "INSERT INTO said_words (rowid, text) SELECT id, text FROM said_text"
_FORGET = "INSERT INTO said_words (said_words, rowid, text) SELECT 'delete', id, text FROM said_text WHERE conversation = ?"
_CONVERSATION = ", ".join(f"conversations.{column.name}" for column in conversations.c)
_FIND = text(f"""SELECT {_CONVERSATION}, said.seq, snippet(said_words, 0, :mark, :unmark, '…', {SNIPPET_WORDS}) AS snippet
    FROM said_words CROSS JOIN said ON said.id = said_words.rowid JOIN conversations ON conversations.id = said.conversation
    WHERE said_words MATCH :query AND (:mode IS NULL OR conversations.mode = :mode)
    ORDER BY said_words.rowid DESC LIMIT :limit OFFSET :offset""").columns(*conversations.c, column("seq"), column("snippet"))  # noqa: S608  # names of columns only


class Hit(Value):
    """A place where something was found."""

    conversation: Conversation
    seq: int
    """The event's; 0 when it is the title."""
    snippet: str
    """One line around the words found, each between MARK and UNMARK."""


def create(connection: Connection) -> None:
    """Number all there is, and make the index of it."""
    connection.exec_driver_sql(f"{_NUMBER} ORDER BY runs.started, events.seq")
    make_index(connection)


def make_index(connection: Connection) -> None:
    for statement in _CREATE:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(_INDEX)


def drop_index(connection: Connection) -> None:
    """Remove the index, and keep what numbers it."""
    connection.exec_driver_sql("DROP TABLE said_words")
    connection.exec_driver_sql("DROP VIEW said_text")


def take_in(connection: Connection, conversation: str, after: int) -> None:
    """Index what a conversation's log has gained after a sequence number."""
    place = (conversation, after)
    if connection.exec_driver_sql(f"{_NUMBER} AND events.conversation = ? AND events.seq > ?", place).rowcount:
        connection.exec_driver_sql(f"{_INDEX} WHERE conversation = ? AND seq > ?", place)


def forget_title(connection: Connection, conversation: str) -> None:
    """Take the title out of the index. It must still be the one that was taken in, for the index knows it by its words only."""
    connection.exec_driver_sql(f"{_FORGET} AND seq = ?", (conversation, TITLE_SEQ))
    connection.exec_driver_sql("DELETE FROM said WHERE conversation = ? AND seq = ?", (conversation, TITLE_SEQ))


def take_in_title(connection: Connection, conversation: str) -> None:
    connection.exec_driver_sql("INSERT INTO said (conversation, seq) VALUES (?, ?)", (conversation, TITLE_SEQ))
    connection.exec_driver_sql(f"{_INDEX} WHERE conversation = ? AND seq = ?", (conversation, TITLE_SEQ))


def forget(connection: Connection, conversation: str) -> None:
    """Take a conversation out of the index, while its text is still there.

    The index only notes that words are gone; putting all its parts together is what removes them from the file.
    """
    connection.exec_driver_sql(_FORGET, (conversation,))
    connection.exec_driver_sql("INSERT INTO said_words (said_words) VALUES ('optimize')")


def forget_all(connection: Connection) -> None:
    connection.exec_driver_sql("INSERT INTO said_words (said_words) VALUES ('delete-all')")


def find(connection: Connection, typed: str, *, mode: str | None, limit: int, offset: int) -> Sequence[RowMapping]:
    """The places where all words typed are, the latest first: their snippet, sequence number and conversation's columns."""
    query = to_query(typed)
    if not query:
        return []
    values = {"mark": MARK, "unmark": UNMARK, "query": query, "mode": mode, "limit": limit, "offset": offset}
    return connection.execute(_FIND, values).mappings().all()


def to_query(typed: str) -> str:
    """Turn what a person typed into a query that asks for these words and nothing else: each is quoted, the last may go on.

    Empty when there is nothing to look for.
    """
    typed = typed.encode("utf-8", "ignore").decode().replace("\0", " ")  # SQLite takes neither half a character nor NUL
    words = [word for word in typed.split() if any(map(str.isalnum, word))]
    quoted = " ".join('"{}"'.format(word.replace('"', '""')) for word in words)
    return quoted and f"{quoted}*"


def to_line(snippet: str) -> str:
    """Make one line of a snippet, without control characters but the marks."""
    return re.sub(r"[\s\0\x01\x04-\x1f\x7f]+", " ", snippet).strip()
