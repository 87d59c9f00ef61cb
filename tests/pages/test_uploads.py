"""Files that wait in memory, and what is made for a page, at a real server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from pages.web.media import NOT_YOURS
from pages.web.uploads import ALL_TAKEN, PATH, WAITING
from state.conversations import Beginning
from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Stores
from state.users import User
from tests.benchmarks.page import Page
from tests.nursery import ForkedServer
from tests.server import Server

FILE = b"x" * 900_000
"""Eleven of them are just below what one user may have waiting."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = ForkedServer(tmp_path / "data", ROUNDTABLE_MODEL="demo", ROUNDTABLE_UPLOAD_MEGABYTES="1")
    server.start()
    yield server
    server.kill()


class Person(httpx2.AsyncClient):
    """Puts files, and takes them back, as Streamlit's page does."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(base_url=url, headers=headers)

    async def put_file(self, session: str, name: str) -> httpx2.Response:
        return await self.put(f"{PATH}{session}/{name}", files={"file": (name, FILE)}, headers=await self._token())

    async def take_back(self, session: str, name: str) -> httpx2.Response:
        return await self.delete(f"{PATH}{session}/{name}", headers=await self._token())

    async def _token(self) -> dict[str, str]:
        await self.get("/_stcore/health")
        return {"X-Xsrftoken": self.cookies["_streamlit_xsrf"]}


def test_a_user_s_pages_hold_so_much_together(server: Server) -> None:
    """With what a page holds that was just closed, as its browser may come back."""

    async def fill() -> tuple[list[int], httpx2.Response]:
        async with Person(server.url) as person, Page(server.url, {}) as first:
            await first.open("assistant")
            async with Page(server.url, {}) as second:
                await second.open("images")
                put = [await person.put_file(page.session, f"{number}") for number in range(WAITING // 2) for page in (first, second)]
            put.append(await person.put_file(first.session, "10"))
            return [answer.status_code for answer in put], await person.put_file(first.session, "11")

    put, refused = asyncio.run(fill())

    assert put == [204] * (WAITING + 1)
    assert refused.status_code == 413
    assert refused.text.startswith("Your pages hold 10 MB of files")


def test_a_file_that_says_two_lengths_is_refused(server: Server) -> None:
    """What is sent in chunks may be longer than it says."""

    async def put() -> httpx2.Response:
        async with Person(server.url) as person, Page(server.url, {}) as page:
            await page.open("assistant")
            return await person.put(
                f"{PATH}{page.session}/one", content=b"x", headers={"Transfer-Encoding": "chunked", "Content-Length": "1"}
            )

    assert asyncio.run(put()).status_code == 411


def test_files_for_a_page_that_was_drawn_for_nobody_are_refused(server: Server) -> None:
    """As those of somebody who has not signed in."""

    async def put() -> httpx2.Response:
        async with Person(server.url) as person:
            return await person.put_file("0123", "one")

    answer = asyncio.run(put())

    assert answer.status_code == 403
    assert "not yours" in answer.text


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Server]:
    """A server of several people, where Alice has a conversation."""
    stores = Stores(tmp_path / "data")
    run, _ = stores.of(User("header:alice")).begin_run(None, "assistant", UserMessage(text="Mine alone"), "m", Beginning(new_id="hers"))
    stores.of(User("header:alice")).end_run(run, [AgentMessage(source="assistant", text="Yes.")], RunEnded(status="finished"))
    stores.close()
    several = {"ROUNDTABLE_AUTH": "header", "ROUNDTABLE_AUTH_SECRET": "s" * 16, "ROUNDTABLE_UPLOAD_MEGABYTES": "1"}
    server = ForkedServer(tmp_path / "data", **several)
    server.start()
    yield server
    server.kill()


def named(name: str) -> dict[str, str]:
    return {"X-Forwarded-User": name, "X-Roundtable-Secret": "s" * 16}


def test_nobody_puts_files_into_another_s_page(shared: Server) -> None:
    """Nor takes any from it, whoever knows its session."""

    async def try_all() -> list[int]:
        alice, bob = Person(shared.url, named("alice")), Person(shared.url, named("bob"))
        async with alice, bob, Page(shared.url, named("alice")) as page:
            await page.open("assistant")
            mine = await alice.put_file(page.session, "one")
            theirs = [await bob.put_file(page.session, "two"), await bob.take_back(page.session, "one")]
            back = await alice.take_back(page.session, "one")
            return [answer.status_code for answer in (mine, *theirs, back)]

    assert asyncio.run(try_all()) == [204, 403, 403, 204]


def test_all_users_pages_hold_so_much_together(shared: Server) -> None:
    """Whoever comes then is told that there will be room."""

    async def fill(name: str, count: int) -> list[httpx2.Response]:
        async with Person(shared.url, named(name)) as person, Page(shared.url, named(name)) as page:
            await page.open("assistant")
            return [await person.put_file(page.session, str(number)) for number in range(count)]

    async def fill_all() -> list[httpx2.Response]:
        return [*await fill("alice", 11), *await fill("bob", 11), *await fill("carol", 1)]

    *taken, refused = asyncio.run(fill_all())

    assert [answer.status_code for answer in taken] == [204] * 22
    assert (refused.status_code, refused.text) == (503, ALL_TAKEN)


class Taker(Page):
    """Opens the box of downloads, and presses a button in it."""

    deferred = address = box = ""

    def _draw(self, element: Element) -> None:
        self.deferred = element.download_button.deferred_file_id or self.deferred
        super()._draw(element)

    def _take(self, message: ForwardMsg) -> bool:
        if message.delta.add_block.popover.id.endswith("download"):
            self.box = message.delta.add_block.popover.id
        assert not message.backend_operation_response.error_msg
        self.address = message.backend_operation_response.deferred_file.url or self.address
        return super()._take(message)

    async def download(self) -> str:
        """Returns the address that the download is to be had by."""
        await self.rerun(WidgetState(id=self.box, bool_value=True))
        message = BackMsg()
        message.backend_operation_request.request_id = "one"
        message.backend_operation_request.session_id = self.session
        message.backend_operation_request.deferred_file.file_id = self.deferred
        await self._socket.send(message.SerializeToString())
        while not self.address:
            self._take(ForwardMsg.FromString(await self._received()))
        return self.address


def test_a_download_is_its_person_s(shared: Server) -> None:
    """Not another's who knows its address, nor nobody's."""

    async def take() -> list[httpx2.Response]:
        alice, bob, nobody = Person(shared.url, named("alice")), Person(shared.url, named("bob")), Person(shared.url)
        async with alice, bob, nobody, Taker(shared.url, named("alice")) as page, Page(shared.url, named("bob")) as other:
            await page.open("assistant", "conversation=hers")
            await other.open("assistant")
            address = await page.download()
            return [await person.get(address) for person in (alice, bob, nobody)]

    mine, theirs, nobody_s = asyncio.run(take())

    assert (mine.status_code, theirs.status_code, nobody_s.status_code) == (200, 404, 403)
    assert "Mine alone" in mine.text
    assert theirs.text == NOT_YOURS
