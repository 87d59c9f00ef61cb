"""Servers that are slower than the person, between a page and ours."""

import re
from abc import ABC, abstractmethod

from playwright.sync_api import Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

Message = bytes | str
DRAWN = frozenset({"delta", "ref_hash"})
"""The kinds of messages that draw something."""


class SlowServer(ABC):
    """Passes on what Streamlit tells a page, from the page's next load on, and may hold it back for a while."""

    asked = 0
    """How many reruns the page has asked for."""
    _page: WebSocketRoute
    _held: list[Message] | None = None

    def __init__(self, page: Page) -> None:
        page.route_web_socket(re.compile("_stcore/stream"), self._route)

    def let_go(self) -> None:
        assert self._held, "nothing was held"
        for message in self._held:
            self._page.send(message)
        self._held = None

    @abstractmethod
    def _hear(self, message: Message, kind: str) -> None:
        """Take what Streamlit says next."""

    def _tell(self, message: Message) -> None:
        if self._held is None:
            self._page.send(message)
        else:
            self._held.append(message)

    def _route(self, page: WebSocketRoute) -> None:
        self._page, server = page, page.connect_to_server()
        server.on_message(lambda message: self._hear(message, _kind(message)))
        page.on_message(lambda message: self._ask(server, message))

    def _ask(self, server: WebSocketRoute, message: Message) -> None:
        self.asked += 1
        server.send(message)


class OvertakenServer(SlowServer):
    """A rerun may be overtaken: the next one begins before what it drew was sent, which is lost as Streamlit clears its queue."""

    _is_overtaken = False

    def overtake_next_rerun(self) -> None:
        self._is_overtaken = True

    def _hear(self, message: Message, kind: str) -> None:
        if kind == "new_session" and self._held is not None:
            self.let_go()
        elif kind == "new_session" and self._is_overtaken:
            self._held, self._is_overtaken = [], False
        if self._held is None or kind not in DRAWN:
            self._tell(message)


class LateServer(SlowServer):
    """The page learns that it is drawn again, and then nothing more until it is let go."""

    _is_late = False

    def hold_next_rerun(self) -> None:
        self._is_late = True

    def _hear(self, message: Message, kind: str) -> None:
        if self._is_late and kind in DRAWN:
            self._held, self._is_late = [], False
        self._tell(message)


class SteppingServer(SlowServer):
    """What it draws comes one by one, each when the one before is to be seen."""

    def begin_to_step(self) -> None:
        self._held = []

    def step(self, page: Page) -> None:
        if self._held:
            self._page.send(self._held.pop(0))
        page.evaluate("new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))")

    def _hear(self, message: Message, kind: str) -> None:
        self._tell(message)


def _kind(message: Message) -> str:
    return (ForwardMsg.FromString(message).WhichOneof("type") or "") if isinstance(message, bytes) else ""
