"""Bubblewrap: Linux namespaces. No network, a read-only system of its own, and no way to see or reach anything else."""

import os
import platform
import re
import shutil
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents.sandbox.interpreter import Interpreter
from agents.sandbox.launching import launching
from agents.sandbox.processes import tasks_of
from agents.sandbox.sandbox import Command, Job, Places, SandboxKey, environment

PLACES = Places(workspace="/workspace", scratch="/tmp")  # noqa: S108  # the sandbox's own /tmp
SYSTEM = ("/usr", "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime")
"""All of the system that is seen: programs and libraries, and what these read to find each other. No accounts, no settings, no data."""
ROOT_LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
WALLS = (
    *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
    *("--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
)
OWNERS = range(1_700_000_000, 1_800_000_000)
"""Users that nobody is, for a server that runs as root: root's own processes are not held to a limit of their number."""
KEPT_BY_ROOT = ("CAP_SETUID", "CAP_SETGID", "CAP_DAC_READ_SEARCH")
"""What the launcher needs to become another user, and to be found where the interpreter lies below /tmp. It loses them in doing so."""
COUNTS_BY_NAMESPACE = (5, 14)
"""The Linux since which RLIMIT_NPROC counts the processes of a user namespace by themselves: commit 21d1c5e386bc."""


@dataclass(frozen=True)
class Bubblewrap:
    program: str
    interpreter: Interpreter
    key: SandboxKey = "bubblewrap"
    title: str = "Bubblewrap"

    @property
    def python(self) -> str:
        return str(self.interpreter.executable)

    @property
    def shown(self) -> tuple[Path, ...]:
        return self.interpreter.folders

    def places(self, job: Job) -> Places:  # the same for every job
        return PLACES

    def command(self, job: Job, arguments: Sequence[str]) -> Command:
        owner = owner_of(job.workspace)
        limits = job.limits.resources(others=_counted_in(owner))
        launched = launching(self.python, arguments, PLACES.workspace, limits, owner=owner)
        return Command(
            arguments=(self.program, *_walls(owner), *self._seen(job), "--", *launched),
            environment=environment(job, PLACES, f"{self.interpreter.executable.parent}:/usr/local/bin:/usr/bin:/bin"),
            folder=job.workspace,
            owner=owner,
        )

    def _seen(self, job: Job) -> tuple[str, ...]:
        """The file system inside. It is closed for writing last, when all places in it are made."""
        scratch, workspace = str(job.scratch), str(job.workspace.absolute())
        seen = [*_system(), "--proc", "/proc", "--dev", "/dev"]
        seen += ["--bind", scratch, PLACES.scratch, "--bind", scratch, "/dev/shm"]  # noqa: S108  # the sandbox's own
        for folder in self.interpreter.folders:  # after /tmp, which may be where it lies
            seen += [*_way_to(folder), "--ro-bind", str(folder), str(folder)]
        seen += ["--bind", workspace, PLACES.workspace]
        return (*seen, "--remount-ro", "/dev", "--remount-ro", "/")


def _way_to(folder: Path) -> list[str]:
    """Empty folders that anyone may pass: left to itself, Bubblewrap makes them for their owner alone, which the launcher's user is not."""
    return [argument for parent in reversed(folder.parents) for argument in ("--dir", str(parent))]


def find_bubblewrap(interpreter: Interpreter) -> Bubblewrap | None:
    """Where it is installed; whether it works here has to be measured."""
    program = shutil.which("bwrap")
    return Bubblewrap(program, interpreter) if program else None


def owner_of(workspace: Path) -> int | None:
    """The user that code of a workspace runs as: for a server that is not root, the server's own."""
    return OWNERS[zlib.crc32(os.fsencode(workspace.absolute())) % len(OWNERS)] if os.geteuid() == 0 else None


def _walls(owner: int | None) -> tuple[str, ...]:
    """The namespaces. Root makes them without one for users, so that the launcher can become another user; then all is given up."""
    if owner is not None:
        return (*WALLS, *(argument for name in KEPT_BY_ROOT for argument in ("--cap-add", name)))
    return (*WALLS, "--unshare-user", *(("--disable-userns",) if _can_disable_userns() else ()))


@cache
def _can_disable_userns() -> bool:
    """Bubblewrap 0.8 and later."""
    told = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False)  # noqa: S607  # found on the same PATH
    return "--disable-userns" in told.stdout + told.stderr


def _counted_in(owner: int | None) -> int:
    release = tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
    return 0 if owner is not None or release >= COUNTS_BY_NAMESPACE else tasks_of(os.geteuid())


@cache
def _system() -> tuple[str, ...]:
    """The system's own places: links as links (/bin is one into /usr on all newer systems), folders as they are."""
    arguments: list[str] = []
    for path in map(Path, ROOT_LINKS):
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        else:
            arguments += ["--ro-bind-try", str(path), str(path)]
    arguments += ["--dir", "/etc"]
    for place in SYSTEM:
        arguments += ["--ro-bind-try", place, place]
    return tuple(arguments)
