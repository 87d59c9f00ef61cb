"""What a sandbox holds back, measured by trying it from inside: what pages show is this, and not what was promised."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.sandbox.interpreter import ROOT
from agents.sandbox.limits import MEGABYTE, Limits
from agents.sandbox.output import Output
from agents.sandbox.run import folder_for_a_while, job_in, run
from agents.sandbox.sandbox import Sandbox

Barrier = Literal["network", "home", "files", "environment", "processes", "root", "number", "memory"]
ESSENTIAL: frozenset[Barrier] = frozenset({"network", "home", "files", "environment", "processes"})
"""Without these it is no sandbox."""
TRIAL = Limits(seconds=20, memory_bytes=300 * MEGABYTE, processes=24)
"""Small, so that trying to pass them costs little."""
EXPECTED_VARIABLES = {"PWD", "HOSTNAME", "LC_CTYPE", "SHLVL", "_", "__CF_USER_TEXT_ENCODING"}
"""What shells, Docker, Python and macOS set by themselves."""


@dataclass(frozen=True)
class Finding:
    barrier: Barrier
    holds: bool
    sentence: str


@dataclass(frozen=True)
class Measurement:
    findings: tuple[Finding, ...]
    trouble: str = ""
    """Why nothing could be measured, in the words of whoever refused; no sentence of ours."""

    @property
    def is_closed(self) -> bool:
        """Whether all that makes it a sandbox holds."""
        return {finding.barrier for finding in self.findings if finding.holds} >= ESSENTIAL


class _Answer(BaseModel):
    """What `probe.py` prints."""

    model_config = ConfigDict(extra="forbid")

    network: bool
    seen: list[str]
    written: bool
    variables: list[str]
    strangers: int
    is_root: bool
    processes: int
    memory: bool


async def measure(sandbox: Sandbox, *, home: Path | None = None, server: Path = ROOT) -> Measurement:
    """Run a program in the sandbox that tries to get out, and tell what it managed. Takes less than a second, with Docker a few."""
    hidden = await asyncio.to_thread(lambda: _private(home or Path.home(), sandbox) + _private(server, sandbox))
    program = await asyncio.to_thread(Path(__file__).with_name("probe.py").read_text, encoding="utf-8")
    async with folder_for_a_while() as outside, folder_for_a_while() as workspace:
        asked = {
            "hidden": hidden,
            "canary": str(outside / "canary"),
            "processes": TRIAL.processes + 1,  # not more: whoever watches what runs would end the probe for it
            "memory": TRIAL.memory_bytes * 2,
        }
        async with _listening() as port, job_in(workspace, TRIAL) as job:
            output = Output(TRIAL.output_bytes, TRIAL.flood_bytes)
            ended = await run(sandbox, job, (sandbox.python, "-c", program, json.dumps(asked | {"port": port})), output)
            own = set(sandbox.command(job, ()).environment)
        try:
            answer = _Answer.model_validate_json(output.text)
        except ValidationError:
            return Measurement((), trouble=_first_line(output.text) or ended.sentence)
        return Measurement(_findings(answer, own, is_written=(outside / "canary").exists()))


def _findings(answer: _Answer, own: set[str], *, is_written: bool) -> tuple[Finding, ...]:
    inherited = set(answer.variables) & set(os.environ) - own - EXPECTED_VARIABLES
    holding: dict[Barrier, bool] = {
        "network": not answer.network,
        "home": not answer.seen,
        "files": not is_written and not answer.written,
        "environment": not inherited,
        "processes": not answer.strangers,
        "root": not answer.is_root,
        "number": answer.processes <= TRIAL.processes,
        "memory": not answer.memory,
    }
    return tuple(Finding(barrier, holds, _SENTENCES[barrier][0 if holds else 1]) for barrier, holds in holding.items())


_SENTENCES: dict[Barrier, tuple[str, str]] = {
    "network": ("The network is closed.", "The network is open."),
    "home": ("Your home folder and Roundtable's own files are hidden.", "Your home folder or Roundtable's own files can be read."),
    "files": ("Nothing outside the workspace can be written.", "Files outside the workspace can be written."),
    "environment": ("The environment is clean.", "Variables of the server's environment, maybe keys, reach the code."),
    "processes": ("Other processes are out of sight.", "Other processes can be looked into, the server with its keys among them."),
    "root": ("Code does not run as root.", "Code runs as root."),
    "number": ("The number of processes is limited.", "The number of processes is not limited."),
    "memory": ("Memory is limited.", "Memory is not limited by the system; it is watched while code runs."),
}
"""Said when it holds, and when not."""


def _private(folder: Path, sandbox: Sandbox) -> list[str]:
    """What lies in a folder that code should not see: all but the way to what it has to."""
    way = {path for shown in sandbox.shown for path in (shown, *shown.parents)}
    try:
        return [str(path) for path in folder.iterdir() if path not in way]
    except OSError:
        return []


@asynccontextmanager
async def _listening() -> AsyncIterator[int]:
    """A port on the loopback address that takes connections and hangs up."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def _first_line(text: str) -> str:
    """Without the names of programs before what they say, as in `docker: Cannot connect`."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return re.sub(r"^(?:(?:docker|bwrap|ERROR|Error response from daemon): +)+", "", first)
