"""The tables of one user's database."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text, false

SCHEMA_VERSION = 5

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
    Column("tip", String),
    Column("titled_by", String, nullable=False, server_default="prompt"),
    Index("conversations_by_update", "updated"),
    Index("conversations_by_mode", "mode", "updated"),
)
"""`tip` is the run that the transcript ends with; its parents, one after the other, are the rest of it."""

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False),
    Column("parent", ForeignKey("runs.id")),
    Column("continues", Boolean, nullable=False, server_default=false()),
    Column("status", String, nullable=False),
    Column("model", String, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("prompt_tokens", Integer, nullable=False, default=0),
    Column("completion_tokens", Integer, nullable=False, default=0),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("cost", Float),
    Index("runs_by_conversation", "conversation", "started"),
    Index("runs_by_parent", "conversation", "parent", "started"),
)
"""The runs of a conversation are a tree: what was asked anew, edited or undone stays beside what took its place."""
Index("one_live_run", runs.c.conversation, unique=True, sqlite_where=runs.c.ended.is_(None))

events = Table(
    "events",
    metadata,
    Column("conversation", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("body", Text, nullable=False),
    Index("events_by_run", "run"),
)
"""It has row ids: without them SQLite would put what goes beyond 1,000 bytes of a row, as most answers do, on a page of its own."""

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
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False),
    Column("base", ForeignKey("runs.id")),
    Column("patch", LargeBinary, nullable=False),
    Index("snapshots_by_conversation", "conversation"),
)
"""The state a run left its agents in: a packed patch to the state of the run `base`, the nearest before it that left one."""

images = Table(
    "images",
    metadata,
    Column("id", String, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
"""Each picture once, whoever refers to it, by the SHA-256 of its bytes."""

image_uses = Table(
    "image_uses",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("image", ForeignKey("images.id"), primary_key=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False),
    Index("image_uses_by_conversation", "conversation"),
    Index("image_uses_by_image", "image"),
    sqlite_with_rowid=False,
)
"""Which run brought a picture into its conversation. One that no run holds any more goes from the disk."""

feedback = Table(
    "feedback",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False),
    Column("time", Float, nullable=False),
    Column("body", Text, nullable=False),
    Index("feedback_by_conversation", "conversation"),
    sqlite_with_rowid=False,
)
"""What the person thought of a run's answer."""

said = Table(
    "said",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Index("said_by_place", "conversation", "seq", unique=True),
)
"""What the full-text index of `state/search.py` holds: later things have higher numbers."""
