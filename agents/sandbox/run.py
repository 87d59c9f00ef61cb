"""Runs a job's program: watches what it uses up while it runs, and ends all of it when it is over, too much, too late or stopped."""

import asyncio
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agents.sandbox import processes
from agents.sandbox.limits import MEGABYTE, Limits
from agents.sandbox.output import Output
from agents.sandbox.pipe import pipe_into
from agents.sandbox.sandbox import Command, Job, Sandbox
from state.trees import Usage, erase, give, open_up, usage

Reason = Literal["exited", "time", "flood", "memory", "number", "space", "files", "hidden", "stopped", "failed"]
LOOK_SECONDS = 0.1
WRAPPERS = 4
"""How many processes of a sandbox's own may stand around the code's."""
ENDING_SECONDS = 10.0
"""How long Docker may take to remove a container."""


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    reason: Reason
    exit_code: int
    """Negative: the signal that ended it."""
    seconds: float
    sentence: str = ""
    """Why, where it did not end by itself."""


async def run(sandbox: Sandbox, job: Job, arguments: Sequence[str], output: Output) -> Ended:
    """Run a program and wait until nothing of it is left. Cancelled, it is ended just so, and what it printed is in `output`."""
    began = time.monotonic()
    command = await asyncio.to_thread(_prepared, sandbox, job, arguments)
    async with pipe_into(output) as writing:
        try:
            process = await _started(command, writing)
        except OSError:
            return Ended("failed", 127, time.monotonic() - began, to_sentence("failed", job.limits))
        try:
            reason = await _until_over(process, job, output)
        finally:
            await asyncio.shield(asyncio.ensure_future(_end(process, command, job)))
    return Ended(reason, process.returncode or 0, time.monotonic() - began, to_sentence(reason, job.limits))


@asynccontextmanager
async def job_in(workspace: Path, limits: Limits) -> AsyncIterator[Job]:
    """A job with a folder of its own for temporary files, which is gone afterwards."""
    async with folder_for_a_while() as scratch:
        yield Job(workspace, scratch, uuid.uuid4().hex, limits)


@asynccontextmanager
async def folder_for_a_while() -> AsyncIterator[Path]:
    """An empty folder that is gone afterwards, with all that is in it by then."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="roundtable-"))
    try:
        yield folder
    finally:
        await asyncio.shield(asyncio.to_thread(erase, folder))


def to_sentence(reason: Reason, limits: Limits) -> str:
    """Say why a program was ended."""
    return _SENTENCES[reason].format(
        seconds=limits.seconds,
        memory=limits.memory_bytes // MEGABYTE,
        flood=limits.flood_bytes // MEGABYTE,
        processes=limits.processes,
        space=limits.workspace_bytes // MEGABYTE,
        files=limits.workspace_files,
    )


_SENTENCES: dict[Reason, str] = {
    "exited": "",
    "time": "The code was ended after {seconds:g} seconds, the time it may take.",
    "flood": "The code was ended because it printed more than {flood} MB.",
    "memory": "The code was ended because it used more than {memory} MB of memory.",
    "number": "The code was ended because it had more than {processes} processes.",
    "space": "The code was ended because its files were more than {space} MB together.",
    "files": "The code was ended because it made more than {files:,} files.",
    "hidden": "The code was ended because it made folders that cannot be looked into.",
    "stopped": "The code was stopped.",
    "failed": "The code could not be started.",
}


def _prepared(sandbox: Sandbox, job: Job, arguments: Sequence[str]) -> Command:
    command = sandbox.command(job, arguments)
    if command.owner is not None:
        give(job.workspace, command.owner)
        give(job.scratch, command.owner)
    return command


async def _started(command: Command, writing: int) -> asyncio.subprocess.Process:
    """Begin it in a session of its own. It has its pipe from us: asyncio's own would be waited for as long as any child holds it."""
    return await asyncio.create_subprocess_exec(
        *command.arguments,
        env=dict(command.environment),
        cwd=command.folder,
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=writing,
        start_new_session=True,
    )


async def _until_over(process: asyncio.subprocess.Process, job: Job, output: Output) -> Reason:
    exited = asyncio.create_task(process.wait())
    watching = asyncio.create_task(_until_too_much(process.pid, job, output))
    try:
        done, _ = await asyncio.wait({exited, watching}, timeout=job.limits.seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        exited.cancel()
        watching.cancel()
    if watching in done:
        return watching.result()
    return "exited" if done else "time"


async def _until_too_much(pid: int, job: Job, output: Output) -> Reason:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        reason: Reason | None = "flood" if output.is_flood else await asyncio.to_thread(_excess, pid, job)
        if reason:
            return reason


def _excess(pid: int, job: Job) -> Reason | None:
    """What the job has too much of by now, if anything."""
    limits, family = job.limits, processes.family(pid)
    if len(family) > limits.processes + WRAPPERS:
        return "number"
    if processes.use_more_memory(family, limits.memory_bytes):
        return "memory"
    used = [_used(folder, limits) for folder in (job.workspace, job.scratch)]
    if not all(each.is_readable for each in used):
        return "hidden"
    if sum(each.files for each in used) > limits.workspace_files:
        return "files"
    total = sum(each.bytes for each in used) + processes.unlinked_bytes(family)
    return "space" if total > limits.workspace_bytes else None


def _used(folder: Path, limits: Limits) -> Usage:
    return usage(folder, bytes_limit=limits.workspace_bytes, files_limit=limits.workspace_files)


async def _end(process: asyncio.subprocess.Process, command: Command, job: Job) -> None:
    """End what still runs, and make the workspace readable again."""
    await asyncio.to_thread(processes.kill, process.pid, job.mark)
    await process.wait()
    if command.ending:
        await _finish(command)
    await asyncio.to_thread(open_up, job.workspace)


async def _finish(command: Command) -> None:
    nothing = subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command.ending, env=dict(command.environment), stdin=nothing, stdout=nothing, stderr=nothing
    )
    with suppress(TimeoutError):
        async with asyncio.timeout(ENDING_SECONDS):
            await process.wait()
