"""Many people at once, and a server that is told to stop in the middle of their answers."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from pages.web.uploads import PATH
from state.checkup import check_users
from state.events import AgentMessage
from state.store import Stores
from tests.faults.crowd import Outcome, echoing, end, environment, on_a_thread, play, user
from tests.faults.tab import Tab, opened
from tests.nursery import ForkedServer
from tests.server import Server

USERS = 8
RUNS = 20


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    with echoing() as address:
        yield address


def test_nobody_gets_another_s_words(tmp_path: Path, model: str) -> None:
    """In pages of a real server, with stops and reloads at random. `python -m tests.faults.crowd 100 60` is the long one."""
    server, outcome = ForkedServer(tmp_path / "data", **environment(model)), Outcome()
    server.start()
    play(server, USERS, 2, outcome)
    end(server, tmp_path / "data", USERS, outcome)

    assert outcome.wrong == []
    assert outcome.prompts >= USERS
    assert outcome.frames


def test_a_stop_in_the_middle_of_many_answers(tmp_path: Path, model: str) -> None:
    """With pages and their live text open, and a file that never comes whole: the server ends in the time it is given, the next start
    finds nothing to mend, and all text that anybody saw is on disk."""
    server = Server(tmp_path / "data", **environment(model))
    server.start()
    seen = on_a_thread(stop_amid_answers(server))
    log = server.log.read_text()
    again = ForkedServer(tmp_path / "data", **environment(model))
    again.start()
    on_a_thread(come_back(again, [tab.address for tab in seen[:3]]))
    again.terminate()

    assert server.code == -signal.SIGTERM
    assert "Traceback" not in log
    assert all(finding.is_good for finding in check_users(tmp_path / "data"))
    for tab in seen:
        assert words_on_disk(tmp_path / "data", tab) >= tab.words > 0


async def stop_amid_answers(server: Server) -> list[Tab]:
    """Returns the pages, as they were when the server was gone."""
    wrong: list[str] = []
    tabs = [await opened(server.url, number, wrong) for number in range(RUNS)]
    await asyncio.gather(*(tab.ask(f"Say at long {tab.word}") for tab in tabs))
    await asyncio.gather(*(tab.has_words.wait() for tab in tabs))
    writer = await put_a_part(server, tabs[0])
    await asyncio.to_thread(server.terminate)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    await asyncio.gather(*(tab.hang_up() for tab in tabs))
    assert not wrong
    return tabs


async def put_a_part(server: Server, tab: Tab) -> asyncio.StreamWriter:
    """Begin to put a file into a page, and send no more of it than its beginning, which the server waits for."""
    token = httpx2.get(f"{server.url}/_stcore/health", headers=tab.headers).cookies["_streamlit_xsrf"]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    headers = tab.headers | {
        "Host": f"127.0.0.1:{server.port}",
        "Cookie": f"_streamlit_xsrf={token}",
        "X-Xsrftoken": token,
        "Content-Type": "multipart/form-data; boundary=x",
        "Content-Length": "1000",
        "Expect": "100-continue",
    }
    lines = [f"PUT {PATH}{tab.session}/one HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    assert b" 100 " in await reader.readuntil(b"\r\n\r\n")
    writer.write(b"--x")
    return writer


def words_on_disk(data: Path, tab: Tab) -> int:
    """How many words of a user's answer are there, which are all the user's own."""
    stores = Stores(data)
    store = stores.of(user(tab.number))
    (conversation,) = store.conversations(5)
    (run,) = store.runs(conversation.id)
    events = [entry.event for entry in store.entries(conversation.id)]
    (said,) = [event for event in events if isinstance(event, AgentMessage)]
    stores.close()
    assert (run.status, said.is_partial) == ("interrupted", True)
    assert "shut down" in str(events[-1])
    assert set(said.text.split()) == {tab.word}
    return len(said.text.split())


async def come_back(server: Server, addresses: list[str]) -> None:
    """Each user, to the conversation."""
    wrong: list[str] = []
    tabs = [await opened(server.url, number, wrong, address) for number, address in enumerate(addresses)]
    for tab in tabs:
        await tab.close()
    assert not wrong
