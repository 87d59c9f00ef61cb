"""Rows of the database turned into values."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from state.conversations import Conversation, RunRecord
from state.events import LogEntry, saved_event


def to_conversation(row: RowMapping) -> Conversation:
    values = {key: row[key] for key in Conversation.model_fields}
    return Conversation.model_validate(values | {key: _moment(row[key]) for key in ("created", "updated")})


def to_run(row: RowMapping) -> RunRecord:
    values = {key: row[key] for key in RunRecord.model_fields}
    return RunRecord.model_validate(values | {key: _moment(row[key]) for key in ("started", "ended")})


def to_entry(row: RowMapping) -> LogEntry:
    return LogEntry(seq=row["seq"], run=row["run"], event=saved_event.validate_json(row["body"]))


def _moment(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
