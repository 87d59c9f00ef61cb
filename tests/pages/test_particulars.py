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

    async def ask(self, message: BackMsg) -> None:
        """And see what else comes until a rerun is over."""
        await self._socket.send(message.SerializeToString())
        await self.rerun()

    async def _received(self) -> bytes:
        data = await super()._received()
        self.told += data
        return data

    def _take(self, message: ForwardMsg) -> bool:
        self.kinds.add(message.WhichOneof("type"))
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
    """Of the Git repository around the program, and the files in it, for one."""
    git, install = BackMsg(load_git_info=True), BackMsg()
    install.backend_operation_request.request_id = "r"
    install.backend_operation_request.install_skills.SetInParent()

    async def listen() -> Listener:
        async with Listener(server.url) as listener:
            await listener.open("assistant")
            await listener.ask(git)
            await listener.ask(install)
            return listener

    kinds = asyncio.run(listen()).kinds

    assert "script_finished" in kinds
    assert not kinds & {"git_info_changed", "backend_operation_response"}


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
