"""Many users at once, with random stops and reloads: `python -m tests.faults.crowd USERS SECONDS`.

The server is a real one. Each user has a page of it, asks a model that repeats a word of theirs, follows the live text, and now and then
presses Stop, reloads the page or begins another conversation. It prints, and returns, what went wrong: a word of another's anywhere, an
error in a page or in the log, a run without an end, memory that does not come back when everybody has gone.
"""

import asyncio
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import psutil  # type: ignore[import-untyped]  # it has no types

from state.checkup import check_users
from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Stores
from state.users import User
from tests.benchmarks.readers import header_environment
from tests.faults.tab import WORD, opened
from tests.server import ROOT, Server, free_port

T = TypeVar("T")

WARM_UP = 1 / 3
"""Part of the time that is played before memory is looked at: by then each user has a store, and each thread has its own."""
MOST_GROWTH = 0.10
SETTLE_SECONDS = 180
"""How long memory may take to come back. Streamlit keeps a page that lost its browser for two minutes, as it may come back."""
PATIENCE = 120
"""Seconds beyond its time after which a crowd that does not go on is an error."""
AT_ONCE = "Say no longer than this:"
"""The prompt where many are to be at it at once: answers of two to ten seconds."""
METRICS_KEY = "of-the-crowd-" * 2
LIVE = re.compile(r"^roundtable_runs\{.*\} ([1-9].*)$", re.MULTILINE)


@dataclass
class Outcome:
    prompts: int = 0
    stops: int = 0
    reloads: int = 0
    frames: int = 0
    wrong: list[str] = field(default_factory=list)
    before: int = 0
    """Bytes of the server's memory after a warm-up, and when everybody has gone."""
    after: int = 0

    @property
    def growth(self) -> float:
        return self.after / max(1, self.before) - 1

    def __str__(self) -> str:
        did = f"{self.prompts} prompts, {self.stops} stops, {self.reloads} reloads, {self.frames} frames read"
        memory = f"memory {self.before / 1e6:.0f} MB before, {self.after / 1e6:.0f} MB after ({100 * self.growth:+.1f} %)"
        return f"{did}; {memory}; wrong: {self.wrong or 'nothing'}"


@contextmanager
def echoing() -> Iterator[str]:
    """The model, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.faults.echo:app", "--port", str(port), "--log-level", "critical"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        while True:
            assert process.poll() is None
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/v1"
        process.kill()


def environment(model: str) -> dict[str, str]:
    """The settings of a crowd's server."""
    return header_environment(model) | {"ROUNDTABLE_LOG": "json", "ROUNDTABLE_METRICS_TOKEN": METRICS_KEY}


class Member:
    """One of the crowd, with one page."""

    def __init__(self, number: int, url: str, outcome: Outcome) -> None:
        self._number, self._url, self._outcome = number, url, outcome
        self._chance = random.Random(number)

    async def converse(self, deadline: float) -> None:
        """Once at least, and until the deadline and the end of the last answer."""
        self._tab = await opened(self._url, self._number, self._outcome.wrong)
        while True:
            await self._tab.ask(f"{AT_ONCE} {self._tab.word}")
            self._outcome.prompts += 1
            await self._see_through()
            if time.monotonic() > deadline:
                break
            if self._chance.random() < 0.2:
                await self._open_another()
        await self._close()

    async def _see_through(self) -> None:
        while self._tab.is_writing:
            await self._watch(self._chance.uniform(0.2, 1.5))
            what = self._chance.random()
            if self._tab.is_writing and what < 0.2:
                await self._tab.press("stop")
                self._outcome.stops += 1
            elif self._tab.is_writing and what < 0.5:
                await self._open_another(self._tab.address)
                self._outcome.reloads += 1

    async def _watch(self, seconds: float) -> None:
        """For some seconds, or until the answer ends."""
        self._tab.ended.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._tab.ended.wait(), seconds)

    async def _open_another(self, address: str = "") -> None:
        await self._close()
        self._tab = await opened(self._url, self._number, self._outcome.wrong, address)

    async def _close(self) -> None:
        self._outcome.frames += self._tab.frames
        await self._tab.close()


async def everybody(users: int, url: str, seconds: float, outcome: Outcome) -> None:
    deadline = time.monotonic() + seconds
    members = [Member(number, url, outcome).converse(deadline) for number in range(users)]
    for result in await asyncio.gather(*members, return_exceptions=True):
        if isinstance(result, BaseException):
            outcome.wrong.append(repr(result))


def check_server(server: Server, outcome: Outcome) -> None:
    """Nothing lives on, and the log has no error."""
    figures = httpx2.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {METRICS_KEY}"}).raise_for_status().text
    outcome.wrong += [f"still live: {count}" for count in LIVE.findall(figures)]
    outcome.wrong += [line for line in server.log.read_text().splitlines() if '"level": "error"' in line or "Traceback" in line]


def check_disk(data: Path, users: int, outcome: Outcome) -> None:
    """All that is on disk is its user's own and sound, and every run has an end."""
    outcome.wrong += [finding.sentence for finding in check_users(data) if not finding.is_good]
    stores = Stores(data)
    for number in range(users):
        store, word = stores.of(user(number)), f"user{number}x"
        for conversation in store.conversations(1000):
            for event in (entry.event for entry in store.entries(conversation.id)):
                if isinstance(event, UserMessage | AgentMessage) and (foreign := set(WORD.findall(event.text)) - {word}):
                    outcome.wrong.append(f"user{number} has {sorted(foreign)} on disk")
                elif isinstance(event, RunEnded) and event.status not in {"finished", "stopped"}:
                    outcome.wrong.append(f"user{number}’s run {event.status}: {event.reason}")
    stores.close()


def memory(server: Server) -> int:
    return int(psutil.Process(server.pid).memory_info().rss)


def settled(server: Server, most: float) -> int:
    """The memory once it is as little as that, or as it is when it has had its time. Streamlit looks at what it keeps when a page comes."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while (now := memory(server)) > most and time.monotonic() < deadline:
        time.sleep(5)
        asyncio.run(_come_and_go(server.url))
    return now


async def _come_and_go(url: str) -> None:
    await (await opened(url, 0, [])).close()


def play(server: Server, users: int, seconds: float, outcome: Outcome) -> None:
    on_a_thread(everybody(users, server.url, seconds, outcome), seconds + PATIENCE)


def end(server: Server, data: Path, users: int, outcome: Outcome) -> None:
    """Look at the server, end it, and look at what it leaves."""
    check_server(server, outcome)
    server.terminate()
    check_disk(data, users, outcome)


def on_a_thread(work: Coroutine[Any, Any, T], seconds: float = PATIENCE) -> T:
    """Where browser tests were before, this thread has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(work, seconds)).result()


def user(number: int) -> User:
    return User(f"header:user{number}")


def main() -> int:
    users, seconds, outcome = int(sys.argv[1]), float(sys.argv[2]), Outcome()
    with tempfile.TemporaryDirectory() as folder, echoing() as model:
        data = Path(folder) / "data"
        server = Server(data, **environment(model))
        server.start()
        play(server, users, WARM_UP * seconds, outcome)
        outcome.before = memory(server)
        play(server, users, seconds, outcome)
        outcome.after = settled(server, (1 + MOST_GROWTH) * outcome.before)
        if not outcome.frames:
            outcome.wrong.append("no text was seen being written")
        if outcome.growth > MOST_GROWTH:
            outcome.wrong.append("memory does not come back")
        end(server, data, users, outcome)
    print(outcome)  # noqa: T201  # what it is for
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
