"""The tables of one user's database."""

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

SCHEMA_VERSION = 2

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("mode", String, nullable=False),
    Column("title", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
    Column("options", JSON, nullable=False),
    Index("conversations_by_update", "updated"),
    Index("conversations_by_mode", "mode", "updated"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False),
    Column("status", String, nullable=False),
    Column("model", String, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("prompt_tokens", Integer, nullable=False, default=0),
    Column("completion_tokens", Integer, nullable=False, default=0),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("cost", Float),
    Index("runs_by_conversation", "conversation", "started"),
)
Index("one_live_run", runs.c.conversation, unique=True, sqlite_where=runs.c.ended.is_(None))

events = Table(
    "events",
    metadata,
    Column("conversation", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)

partials = Table(
    "partials",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("conversation", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("patch", JSON, nullable=False),
)
"""`seq` is the last event the state knows of; the patch applies to the state of the snapshot before."""

said = Table(
    "said",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Index("said_by_place", "conversation", "seq", unique=True),
)
"""What the full-text index of `state/search.py` holds: later things have higher numbers."""
