"""Servers that are slower than the person, between a page and ours."""

import re

from playwright.sync_api import Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

Message = bytes | str


class SlowServer:
    """Passes on what Streamlit tells a page from its next load on."""

    asked = 0
    """How many reruns the page has asked for."""
    _page: WebSocketRoute

    def __init__(self, page: Page) -> None:
        page.route_web_socket(re.compile("_stcore/stream"), self._route)

    def _route(self, page: WebSocketRoute) -> None:
        self._page, server = page, page.connect_to_server()
        server.on_message(lambda message: self._pass_on(message, _kind(message)))
        page.on_message(lambda message: self._ask(server, message))

    def _ask(self, server: WebSocketRoute, message: Message) -> None:
        self.asked += 1
        server.send(message)

    def _pass_on(self, message: Message, kind: str) -> None:
        raise NotImplementedError

    def _send(self, *messages: Message) -> None:
        for message in messages:
            self._page.send(message)


class OvertakenServer(SlowServer):
    """A rerun may be overtaken: the next one begins before what it drew was sent, which is lost."""

    _held: list[Message] | None = None
    _is_overtaken = False

    def overtake_next_rerun(self) -> None:
        self._is_overtaken = True

    def _pass_on(self, message: Message, kind: str) -> None:
        if kind == "new_session" and self._held is not None:
            self._send(*self._held)
            self._held = None
        elif kind == "new_session" and self._is_overtaken:
            self._held, self._is_overtaken = [], False
        if self._held is None:
            self._send(message)
        elif kind not in {"delta", "ref_hash"}:  # as Streamlit clears its queue
            self._held.append(message)


class LateServer(SlowServer):
    """The page learns that it is drawn again, and for a while nothing more."""

    _held: list[Message] | None = None
    _is_late = False

    def hold_next_rerun(self) -> None:
        self._is_late = True

    def let_go(self) -> None:
        assert self._held, "nothing was held"
        self._send(*self._held)
        self._held = None

    def _pass_on(self, message: Message, kind: str) -> None:
        if self._is_late and kind in {"delta", "ref_hash"}:
            self._held, self._is_late = [], False
        if self._held is None:
            self._send(message)
        else:
            self._held.append(message)


def _kind(message: Message) -> str:
    return (ForwardMsg.FromString(message).WhichOneof("type") or "") if isinstance(message, bytes) else ""
