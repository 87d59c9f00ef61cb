"""A page of Chainlit as a browser keeps it: socket.io over one websocket.

It is written on websockets rather than on python-socketio, as that would take half a core of the two that it shares with the server.
"""

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import urlsplit

from websockets.asyncio.client import connect

MOST_BYTES = 2**26


class ChainlitPage:
    """One tab. What the live text brings is told to `heard`, as it came."""

    reruns = page_bytes = 0

    def __init__(self, url: str, heard: Callable[[str], None] = lambda _: None) -> None:
        self.live_bytes = 0
        self.ended = asyncio.Event()
        """Set when an answer is whole."""
        self._host = urlsplit(url).netloc
        self._heard = heard
        self._is_connected = asyncio.Event()
        self._asked = False

    async def open(self) -> None:
        self._socket = await connect(f"ws://{self._host}/ws/socket.io/?EIO=4&transport=websocket", max_size=MOST_BYTES)
        self._reading = asyncio.create_task(self._read())
        await asyncio.wait({self._reading, asyncio.create_task(self._is_connected.wait())}, return_when=asyncio.FIRST_COMPLETED)
        await self._emit("connection_successful")

    async def send(self, prompt: str) -> None:
        self._asked = True
        said = {"id": str(uuid.uuid4()), "name": "user", "type": "user_message", "output": prompt, "threadId": "", "metadata": {}}
        await self._emit("client_message", {"message": said | {"createdAt": datetime.now(UTC).isoformat()}, "fileReferences": []})

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.wait({self._reading})
        await self._socket.close()

    async def __aenter__(self) -> "ChainlitPage":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _emit(self, *event: object) -> None:
        await self._socket.send(f"42{json.dumps(event)}")

    async def _read(self) -> None:
        """By the numbers of Engine.IO and Socket.IO: 0 opened, 2 ping, 3 pong, 40 connect, 42 an event."""
        async for packet in self._socket:
            assert isinstance(packet, str)
            self.live_bytes += len(packet.encode())
            if packet.startswith("0"):
                identity = {"clientType": "webapp", "sessionId": str(uuid.uuid4()), "userEnv": "{}", "chatProfile": "", "threadId": ""}
                await self._socket.send(f"40{json.dumps(identity)}")
            elif packet.startswith("2"):
                await self._socket.send("3")
            elif packet.startswith("40"):
                self._is_connected.set()
            elif packet.startswith(('42["stream_start"', '42["stream_token"')):
                self._heard(packet)
            elif packet.startswith('42["task_end"') and self._asked:
                self.ended.set()
