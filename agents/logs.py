"""What the server's log looks like: lines for people, or a JSON object a line for machines. Neither holds what people wrote."""

import asyncio
import json
import logging
import traceback
from datetime import UTC, datetime

OURS = ("agents", "pages", "state")
QUIET = ("autogen_core", "autogen_agentchat", "httpx", "httpx2", "openai", "anthropic", "opentelemetry")
"""They tell at INFO, or below, what is sent to models."""
AUTOGEN = ("autogen_core", "autogen_agentchat")


class JsonLines(logging.Formatter):
    """An exception is told by its kind and places: its text may quote a request or a key."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _places(record)
        return json.dumps(line, ensure_ascii=False)


def tell_kind_alone(record: logging.LogRecord) -> bool:
    """AutoGen logs what an agent of a team raised with its text, which may quote a request or a key; and a stop as if it were an error."""
    kind = record.exc_info[0] if record.exc_info else None
    if kind is None:
        return True
    record.exc_text = "\n".join([kind.__name__, *_places(record)])  # what formatters take instead of making one
    return not issubclass(kind, asyncio.CancelledError)


def _places(record: logging.LogRecord) -> list[str]:
    places = traceback.extract_tb(record.exc_info[2] if record.exc_info else None)
    return [f"{place.filename}:{place.lineno} {place.name}" for place in places]


def set_up_logs(kind: str) -> None:
    """Keep libraries quiet, and where machines read the log, give every logger the one form."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in AUTOGEN:
        logging.getLogger(name).addFilter(tell_kind_alone)
    if kind != "json":
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers = [handler]
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "streamlit"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
