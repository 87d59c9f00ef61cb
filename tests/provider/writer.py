"""How an answer is written; each protocol does it in its own way."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from tests.provider.script import Call, Reply


class Writer(ABC):
    """Writes one answer to one request, as the bytes of a stream or as a whole."""

    stream_type: ClassVar[str]
    """The content type of its streams."""

    def __init__(self, body: dict[str, Any], headers: dict[str, str], reply: Reply) -> None:
        self.body = body
        self.headers = headers
        self.reply = reply

    @property
    def wants_stream(self) -> bool:
        return bool(self.body.get("stream"))

    def complaint(self) -> str | None:
        """Why the real server would refuse this request, where that is a rule our clients could break."""
        return None

    def opening(self) -> bytes:
        return b""

    @abstractmethod
    def text(self, delta: str) -> bytes: ...

    @abstractmethod
    def call(self, call: Call) -> bytes: ...

    @abstractmethod
    def closing(self) -> bytes: ...

    @abstractmethod
    def whole(self) -> dict[str, Any]: ...

    @abstractmethod
    def error(self, status: int, error: dict[str, Any]) -> dict[str, Any]: ...
