"""What a sandbox is: it turns a program's arguments into a command that runs them closed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from agents.sandbox.limits import Limits

SandboxKey = Literal["docker", "bubblewrap", "unsandboxed"]
MARK = "ROUNDTABLE_RUN"
"""The variable that marks every process of a run, so that none is overlooked when it ends."""


@dataclass(frozen=True)
class Job:
    """One program to be run."""

    workspace: Path
    """The conversation's files: kept, and all the code may write for good."""
    scratch: Path
    """A folder for this run alone; inside it is where temporary files go."""
    mark: str
    """Unlike any other run's."""
    limits: Limits


@dataclass(frozen=True)
class Places:
    """Where a job's folders are, as its code sees them."""

    workspace: str
    scratch: str


@dataclass(frozen=True)
class Command:
    """What the server starts for a job."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    """All of it: nothing is inherited."""
    folder: Path
    owner: int | None = None
    """The user that has to own the job's folders, where it is not the server's own."""
    ending: tuple[str, ...] = field(default=())
    """A command that ends what killing the processes would leave, if there is such."""


class Sandbox(Protocol):
    @property
    def key(self) -> SandboxKey: ...

    @property
    def title(self) -> str: ...

    @property
    def python(self) -> str:
        """The Python inside."""

    @property
    def shown(self) -> tuple[Path, ...]:
        """What of the machine is meant to be seen, beside the system: where Python lies."""

    def places(self, job: Job) -> Places: ...

    def command(self, job: Job, arguments: Sequence[str]) -> Command: ...


def environment(job: Job, places: Places, path: str) -> dict[str, str]:
    """The clean environment: nothing of the server's own, so no key.

    Libraries that do sums take a thread for each core unless told; a big machine's would not fit under the limit of processes.
    """
    return {
        MARK: job.mark,
        "PATH": path,
        "HOME": places.scratch,
        "TMPDIR": places.scratch,
        "USER": "coder",
        "LANG": "C.UTF-8",
        "PYTHONPATH": places.workspace,
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
    }
