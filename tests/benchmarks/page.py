"""A page of Roundtable as a browser keeps it: Streamlit's websocket, and the event route beside it."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

LIVE = "roundtable_live"
TRIGGERS = "$$STREAMLIT_INTERNAL_KEY_{id}__events"
MOST_BYTES = 2**26

Heard = Callable[[str], None]


class Page:
    """One tab. What the live text brings is told to `heard`, as it came; reruns it asks for are made, as the component does."""

    def __init__(self, url: str, headers: dict[str, str], heard: Heard = lambda _: None) -> None:
        self.page_bytes = self.live_bytes = self.reruns = 0
        """Bytes that came by the websocket and by the event route."""
        self.is_writing = False
        self.ended = asyncio.Event()
        """Set when a run that was seen being written is no more."""
        self.session = ""
        self._host = urlsplit(url).netloc
        self._headers = headers
        self._heard = heard
        self._query = self._hash = self._name = ""
        self._chat_input = ""
        self._live: tuple[str, dict[str, str]] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._cached: dict[str, ForwardMsg] = {}
        self._turn = asyncio.Lock()

    async def open(self, name: str, query: str = "") -> None:
        self._name, self._query = name, query
        address = f"ws://{self._host}/_stcore/stream"
        self._socket: ClientConnection = await connect(
            address, additional_headers=self._headers, max_size=MOST_BYTES, ping_interval=None
        )  # no browser pings
        await self.rerun()

    async def send(self, prompt: str) -> None:
        """Type a prompt and send it."""
        state = WidgetState(id=self._chat_input)
        state.chat_input_value.data = prompt
        await self.rerun(state)

    async def begin_again(self) -> None:
        """Leave the conversation for one that the next prompt begins, as a link to the page does."""
        if self._reading:
            self._reading.cancel()
            await asyncio.wait({self._reading})
        self._query, self._live, self._reading = "", None, None
        await self.rerun()

    async def rerun(self, *changed: WidgetState) -> None:
        """Have the script run, and take what it draws."""
        async with self._turn:
            await self._socket.send(self._request(changed))
            self.reruns += 1
            while not self._take(ForwardMsg.FromString(await self._received())):
                pass
        self._follow()

    async def close(self) -> None:
        if self._reading:
            self._reading.cancel()
            await asyncio.wait({self._reading})
        await self._socket.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def _request(self, changed: tuple[WidgetState, ...]) -> bytes:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        if self._hash:
            state.page_script_hash = self._hash
        else:
            state.page_name = self._name
        state.widget_states.widgets.extend(changed)
        state.cached_message_hashes.extend(self._cached)
        return bytes(message.SerializeToString())

    async def _received(self) -> bytes:
        data = bytes(await self._socket.recv(decode=False))
        self.page_bytes += len(data)
        return data

    def _take(self, message: ForwardMsg) -> bool:
        """Whether this was the last of a run of the script."""
        if message.metadata.cacheable:
            self._cached[message.hash] = message
        match message.WhichOneof("type"):
            case "ref_hash":
                self._take(self._cached[message.ref_hash])
            case "new_session":
                self.session = message.new_session.initialize.session_id
            case "navigation":
                self._hash = message.navigation.page_script_hash  # the page's; a new session names the script that all pages share
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                self._draw(message.delta.new_element)
            case "script_finished":
                return message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        return False

    def _draw(self, element: Element) -> None:
        match element.WhichOneof("type"):
            case "chat_input":
                self._chat_input = element.chat_input.id
            case "bidi_component" if element.bidi_component.component_name.endswith(LIVE):
                self._live = element.bidi_component.id, json.loads(element.bidi_component.json)
            case "exception":
                raise RuntimeError(element.exception.message)

    def _follow(self) -> None:
        if self._live is None:
            return
        was_writing, self.is_writing = self.is_writing, bool(self._live[1]["writing"])
        if was_writing and not self.is_writing:
            self.ended.set()
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(self._live[1]["url"]))

    async def _read(self, url: str) -> None:
        host, _, port = self._host.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=MOST_BYTES)
        headers = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
        try:
            writer.write(f"GET {url} HTTP/1.1\r\nHost: {self._host}\r\n{headers}\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise RuntimeError(head.decode())
            while True:
                frame = await reader.readuntil(b"\n\n")
                self.live_bytes += len(frame)
                await self._hear(frame.decode())
        finally:
            writer.close()

    async def _hear(self, frame: str) -> None:
        _, _, event = frame.partition("event: ")
        kind, _, data = event.partition("\ndata: ")
        if kind == "draft":
            self._heard(data)
        elif kind == "changed":
            await self._redraw(json.loads(data))

    async def _redraw(self, state: str) -> None:
        assert self._live is not None
        id, data = self._live
        if state != data["drawn"]:
            asked = [{"event": "changed", "value": state}]
            await self.rerun(WidgetState(id=TRIGGERS.format(id=id), json_trigger_value=json.dumps(asked)))
