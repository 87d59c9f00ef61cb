"""Files that wait in memory, at a real server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from pages.web.uploads import PATH, WAITING
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
    """Puts files as Streamlit's page does."""

    async def put_file(self, session: str, name: str) -> httpx2.Response:
        await self.get("/_stcore/health")
        headers = {"X-Xsrftoken": self.cookies["_streamlit_xsrf"]}
        return await self.put(f"{PATH}{session}/{name}", files={"file": (name, FILE)}, headers=headers)


def test_a_user_s_pages_hold_so_much_together(server: Server) -> None:
    """With what a page holds that was just closed, as its browser may come back."""

    async def fill() -> tuple[list[int], httpx2.Response]:
        async with Person(base_url=server.url) as person, Page(server.url, {}) as first:
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
        async with Person(base_url=server.url) as person, Page(server.url, {}) as page:
            await page.open("assistant")
            return await person.put(
                f"{PATH}{page.session}/one", content=b"x", headers={"Transfer-Encoding": "chunked", "Content-Length": "1"}
            )

    assert asyncio.run(put()).status_code == 411


def test_files_for_a_page_that_was_drawn_for_nobody_are_refused(server: Server) -> None:
    """As those of somebody who has not signed in."""

    async def put() -> httpx2.Response:
        async with Person(base_url=server.url) as person:
            return await person.put_file("0123", "one")

    answer = asyncio.run(put())

    assert answer.status_code == 403
    assert "not yours" in answer.text
