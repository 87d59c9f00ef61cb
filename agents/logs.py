"""What the server's log looks like: lines for people, or a JSON object a line for machines. Neither holds what people wrote."""

import asyncio
import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

OURS = ("agents", "pages", "state")
QUIET = ("autogen_core", "autogen_agentchat", "httpx", "httpx2", "openai", "anthropic", "opentelemetry")
"""They tell at INFO, or below, what is sent to models."""
AUTOGEN = ("autogen_core", "autogen_agentchat")
THEIR_OWN = ("uvicorn", "streamlit", "websockets")
"""Their loggers come with handlers, Streamlit's each with one."""


TOLD = "Traceback (kinds and places alone; what was said is left out):"


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = " < ".join(_kinds(record.exc_info[1]))
            line["at"] = _places(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


class Record(logging.LogRecord):
    """An exception is told by its kind and places, whoever logs it in whatever form: its text may quote a prompt, a request or a key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.name == "asyncio":
            self.msg = str(self.msg).partition("\n")[0]  # what follows has the exception's text
        if self.exc_info and self.exc_info[1] is not None:
            error = self.exc_info[1]
            self.exc_text = "\n".join([TOLD, *(f"  {place}" for place in _places(error)), " < ".join(_kinds(error))])  # formatters take it


def is_no_stop(record: logging.LogRecord) -> bool:
    """AutoGen logs a stop as if it were an error."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not issubclass(kind, asyncio.CancelledError)


def _kinds(error: BaseException) -> Iterator[str]:
    """Its kind, and those of what it came of."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield type(cause).__name__
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _places(error: BaseException) -> list[str]:
    return [f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(error.__traceback__)]


def set_up_logs(kind: str) -> None:
    """Keep texts out of the log and libraries quiet, and where machines read it, give every logger the one form."""
    logging.setLogRecordFactory(Record)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in AUTOGEN:
        logging.getLogger(name).addFilter(is_no_stop)
    if kind != "json":
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers = [handler]
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in [name for name in logging.root.manager.loggerDict if name.startswith(THEIR_OWN)]:
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
