"""Each sandbox that is to be had here, and programs run in it."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from agents.loop import BackgroundLoop
from agents.sandbox import processes
from agents.sandbox.bubblewrap import find_bubblewrap
from agents.sandbox.choice import find_sandbox
from agents.sandbox.interpreter import find_interpreter
from agents.sandbox.limits import MEGABYTE, Limits
from agents.sandbox.output import Output
from agents.sandbox.run import Ended, job_in, run
from agents.sandbox.sandbox import Sandbox, SandboxKey
from agents.sandbox.unsandboxed import Unsandboxed
from state.settings import Settings
from state.trees import erase

CLOSED: tuple[SandboxKey, ...] = ("docker", "bubblewrap")
SMALL = Limits(
    seconds=20,
    memory_bytes=400 * MEGABYTE,
    processes=32,
    file_bytes=20 * MEGABYTE,
    workspace_bytes=40 * MEGABYTE,
    workspace_files=300,
    output_bytes=10_000,
    flood_bytes=MEGABYTE,
)


@dataclass(frozen=True)
class Tried:
    """How a program went, and that nothing is left of it."""

    ended: Ended
    text: str
    is_truncated: bool


Try = Callable[..., Tried]
T = TypeVar("T")


def sandbox_of(key: SandboxKey) -> Sandbox:
    """A sandbox that works here. Without one the test is skipped; but Bubblewrap has to work where CI runs."""
    if key == "unsandboxed":
        return Unsandboxed(find_interpreter())
    choice = asyncio.run(find_sandbox(Settings(_env_file=None, ROUNDTABLE_CODE_EXECUTION=key), has_several_users=True))
    if choice.sandbox is not None:
        return choice.sandbox
    if key == "bubblewrap" and "CI" in os.environ and sys.platform == "linux":
        pytest.fail(f"CI has to have Bubblewrap: {choice.passed_over}")
    pytest.skip(choice.passed_over[0])


@pytest.fixture(params=[*CLOSED, "unsandboxed"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Every one."""
    return sandbox_of(request.param)


@pytest.fixture(params=CLOSED)
def closed(request: pytest.FixtureRequest) -> Sandbox:
    """Those that keep code in."""
    return sandbox_of(request.param)


@pytest.fixture
def bubblewrap() -> Sandbox:
    sandbox_of("bubblewrap")
    found = find_bubblewrap(find_interpreter())
    assert found is not None
    return found


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """Alone in its folder. It is erased afterwards, as pytest cannot erase what some programs leave."""
    folder = tmp_path / "outside" / "workspace"
    folder.mkdir(parents=True)
    yield folder
    erase(folder)


@pytest.fixture
def attempt(workspace: Path) -> Try:
    """Run Python code and look whether anything is left of it: a process, its folder, or a file where it does not belong."""

    async def running(sandbox: Sandbox, code: str, limits: Limits) -> Tried:
        output = Output(limits.output_bytes, limits.flood_bytes)
        async with job_in(workspace, limits) as job:
            ended = await run(sandbox, job, (sandbox.python, "-c", code), output)
            assert not processes.marked(job.mark)
        assert not job.scratch.exists()
        assert [path.name for path in workspace.parent.iterdir()] == ["workspace"]
        return Tried(ended, output.text, output.is_truncated)

    return lambda sandbox, code, limits=SMALL: on_the_loop(running(sandbox, code, limits))


def on_the_loop(work: Coroutine[Any, Any, T]) -> T:
    """Do it on a loop of the kind that programs are run on, which is not asyncio's own."""
    loop = BackgroundLoop()
    try:
        return loop.submit(work).result()
    finally:
        loop.close()
