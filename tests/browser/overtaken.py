"""A server that is slower than the person, between a page and ours."""

from playwright.sync_api import WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class SlowServer:
    """Passes on what Streamlit tells a page. A rerun may be overtaken: the next one begins before what it drew was sent, which is lost."""

    def __init__(self) -> None:
        self._held: list[bytes | str] | None = None
        self._is_overtaken = False

    def overtake_next_rerun(self) -> None:
        self._is_overtaken = True

    def route(self, page: WebSocketRoute) -> None:
        page.connect_to_server().on_message(lambda message: self._pass_on(page, message))

    def _pass_on(self, page: WebSocketRoute, message: bytes | str) -> None:
        kind = ForwardMsg.FromString(message).WhichOneof("type") if isinstance(message, bytes) else None
        if kind == "new_session" and self._held is not None:
            for held in self._held:
                page.send(held)
            self._held = None
        elif kind == "new_session" and self._is_overtaken:
            self._held, self._is_overtaken = [], False
        if self._held is None:
            page.send(message)
        elif kind not in {"delta", "ref_hash"}:  # as Streamlit clears its queue
            self._held.append(message)
