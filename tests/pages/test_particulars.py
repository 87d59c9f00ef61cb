"""What a server tells whoever connects, before anybody has signed in."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession

from tests.benchmarks.page import Page
from tests.nursery import ForkedServer
from tests.server import ROOT, Server


class Listener(Page):
    """Keeps what it was told."""

    def __init__(self, url: str) -> None:
        super().__init__(url, {})
        self.sessions: list[NewSession] = []
        self.told = b""
        self.kinds: set[str | None] = set()
        self.answered = ""

    async def ask(self, *messages: BackMsg) -> None:
        """Send them, and hear until something is answered."""
        for message in messages:
            await self._socket.send(message.SerializeToString())
        while not self.answered:
            self._take(ForwardMsg.FromString(await self._received()))

    async def _received(self) -> bytes:
        data = await super()._received()
        self.told += data
        return data

    def _take(self, message: ForwardMsg) -> bool:
        self.kinds.add(message.WhichOneof("type"))
        self.answered = message.backend_operation_response.request_id or self.answered
        if message.WhichOneof("type") == "new_session":
            self.sessions.append(message.new_session)
        return super()._take(message)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = ForkedServer(tmp_path / "data", ROUNDTABLE_AUTH="browser")
    server.start()
    yield server
    server.kill()


def test_what_no_page_asks_for_is_not_heard(server: Server) -> None:
    """To tell of the Git repository around the program and the files in it, or to put files there."""
    git, install, download = BackMsg(load_git_info=True), BackMsg(), BackMsg()
    install.backend_operation_request.request_id = "install"
    install.backend_operation_request.install_skills.SetInParent()
    download.backend_operation_request.request_id = "download"
    download.backend_operation_request.deferred_file.file_id = "unknown"

    async def listen() -> Listener:
        async with Listener(server.url) as listener:
            await listener.open("assistant")
            await listener.ask(git, install, download)
            return listener

    listener = asyncio.run(listen())

    assert listener.answered == "download"
    assert "git_info_changed" not in listener.kinds


def test_no_path_and_no_version_is_told(server: Server) -> None:
    """Nor by what this installation could be known elsewhere. The page has what it needs all the same."""

    async def listen() -> Listener:
        async with Listener(server.url) as listener:
            await listener.open("assistant")
            await listener.rerun()
            return listener

    listener = asyncio.run(listen())

    assert len(listener.sessions) >= 2
    for told in listener.sessions:
        assert told.initialize.HasField("environment_info")
        assert told.initialize.HasField("user_info")
        assert not told.initialize.environment_info.ByteSize()
        assert not told.initialize.user_info.ByteSize()
        assert told.initialize.session_id
    for particular in (str(ROOT), streamlit.__version__, ".".join(map(str, sys.version_info[:3]))):
        assert particular.encode() not in listener.told
