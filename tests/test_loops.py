"""Neither loop waits for a disk, nor imports: all text that is being written stands still meanwhile, for everybody."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.page import Page
from tests.provider import Provider
from tests.server import ROOT, Server
from tests.watched import AGENTS, SERVER

BEGINS_PROGRAMS = "open ('/dev/null',)"
"""For each program's standard input, by the loop itself."""


class Watched(Server):
    """What its loops do is in its log."""

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.watched", str(self.port)], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

    def done_by(self, *threads: str) -> list[str]:
        lines = self.log.read_text().splitlines()
        return [line for line in lines if line.startswith(threads) and not line.endswith(BEGINS_PROGRAMS)]


@pytest.fixture
def server(tmp_path: Path, openai_environment: dict[str, str]) -> Iterator[Watched]:
    server = Watched(tmp_path / "data", **openai_environment)
    server.start()
    yield server
    server.kill()


def test_turns_are_taken_without_waiting_for_a_disk(server: Watched, provider: Provider) -> None:
    """The first, as the sandbox is measured and a model's client made, has the agents' loop do nothing of it; the next neither loop.

    With a first page Streamlit reads a file and imports a little on the server's.
    """
    done: list[list[str]] = []

    async def converse() -> None:
        async with Page(server.url, {}) as page:
            await page.open("assistant")
            for _ in range(2):
                page.ended.clear()
                await page.send("Go")
                await asyncio.wait_for(page.ended.wait(), 60)
                done.append(server.done_by(AGENTS, SERVER))

    asyncio.run(converse())
    first, both = done

    assert [line for line in both if line.startswith(AGENTS)] == []
    assert both[len(first) :] == []
    assert len(provider.requests) == 2
