"""Docker: a container for each block of code, with the conversation's workspace mounted into it and nothing else of the machine.

A new one for each block, and not one for the conversation: then nothing can linger in it from one block to the next, and nothing has to
be cleared away when a conversation is left. What is meant to stay is in the workspace.
"""

import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.sandbox.bubblewrap import owner_of
from agents.sandbox.sandbox import Command, Job, Places, SandboxKey, environment

PLACES = Places(workspace="/workspace", scratch="/tmp")  # noqa: S108  # the container's own /tmp
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
GRACE_SECONDS = 5
"""How much longer than its time a container lasts when the server that would have ended it is gone."""
DAEMON_VARIABLES = ("HOME", "PATH", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")
"""What the docker command needs to find its daemon. They go to that command and not into the container."""


@dataclass(frozen=True)
class Docker:
    program: str
    image: str
    python: str = "python3"
    shown: tuple[Path, ...] = ()
    key: SandboxKey = "docker"
    title: str = "Docker"

    def places(self, job: Job) -> Places:  # the same for every job
        return PLACES

    def command(self, job: Job, arguments: Sequence[str]) -> Command:
        name = f"roundtable-{job.mark}"
        owner = owner_of(job.workspace)
        user = os.geteuid() if owner is None else owner
        lasting = ("timeout", "-s", "KILL", str(math.ceil(job.limits.seconds) + GRACE_SECONDS))
        return Command(
            arguments=(self.program, "run", "--name", name, *_walls(job, user), *_seen(job), self.image, *lasting, *arguments),
            environment={key: os.environ[key] for key in DAEMON_VARIABLES if key in os.environ},
            folder=job.workspace,
            owner=owner,
            ending=(self.program, "rm", "--force", "--volumes", name),
        )


def find_docker(image: str) -> Docker | None:
    """Where the command is installed; whether there is a daemon and the image has to be measured."""
    program = shutil.which("docker")
    return Docker(program, image) if program else None


def _walls(job: Job, user: int) -> tuple[str, ...]:
    limits = job.limits
    return (
        "--rm",
        "--init",
        "--pull=never",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        f"--user={user}:{user}",
        f"--memory={limits.memory_bytes}",
        f"--memory-swap={limits.memory_bytes}",
        f"--pids-limit={limits.processes}",
        "--cpus=1",
        f"--ulimit=fsize={limits.file_bytes}",
        f"--ulimit=nofile={limits.open_files}",
        "--ulimit=core=0",
    )


def _seen(job: Job) -> tuple[str, ...]:
    variables = environment(job, PLACES, PATH)
    return (
        *(argument for name, value in variables.items() for argument in ("--env", f"{name}={value}")),
        f"--volume={_mountable(job.scratch)}:{PLACES.scratch}",
        f"--volume={_mountable(job.workspace)}:{PLACES.workspace}",
        f"--workdir={PLACES.workspace}",
    )


def _mountable(folder: Path) -> str:
    return str(folder.absolute())
