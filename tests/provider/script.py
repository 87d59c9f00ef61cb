"""What a test tells the scripted server to answer, whichever protocol it is asked in."""

import asyncio
import threading
from dataclasses import dataclass
from typing import Any


class Gate:
    """A step that holds the answer until the test opens it."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        while not self._open.is_set():  # noqa: ASYNC110  # the test opens it from another thread
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Pause:
    """A step that waits."""

    seconds: float


@dataclass(frozen=True)
class Call:
    """A step that calls a tool. Its arguments are JSON; Anthropic's and OpenAI's protocols carry any other text too."""

    name: str
    arguments: str
    id: str | None = None
    """OpenAI's protocol only: what it is called instead of by its place in the message."""


@dataclass(frozen=True)
class Raw:
    """A step that sends bytes as they are, well formed or not."""

    data: bytes


class HangUp:
    """A step that closes the connection in the middle of the answer."""


class Cut:
    """A step that ends the answer without its end, as a proxy does that lost its server."""


class Silence:
    """A step that sends nothing any more and keeps the connection open."""


Step = str | Gate | Pause | Call | Raw | HangUp | Cut | Silence


class Reply:
    """One answer: its steps, where a string is a text delta, or with another status an error.

    `finish` is said in OpenAI's words, `error` goes into the protocol's own error body, `usage` is (prompt, completion) tokens.
    """

    def __init__(
        self,
        *steps: Step,
        status: int = 200,
        headers: dict[str, str] | None = None,
        error: dict[str, Any] | None = None,
        finish: str = "stop",
        usage: tuple[int, int] | None = None,
    ) -> None:
        self.steps = steps
        self.status = status
        self.headers = headers or {}
        self.error = error or {}
        self.text = "".join(step for step in steps if isinstance(step, str))
        self.calls = [step for step in steps if isinstance(step, Call)]
        self.finish = "tool_calls" if self.calls and finish == "stop" else finish
        self.prompt_tokens, self.completion_tokens = usage or (11, len(self.text.split()))


def paced(text: str, seconds: float = 0.02) -> Reply:
    """An answer of one delta a word, with a pause after each."""
    steps: list[Step] = []
    for word in text.split(" "):
        steps += [word + " ", Pause(seconds)]
    return Reply(*steps)
