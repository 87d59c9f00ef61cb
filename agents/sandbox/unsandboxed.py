"""No sandbox: code runs with the person's own rights. Only its environment is clean, and only some limits hold."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.sandbox.interpreter import Interpreter
from agents.sandbox.launching import launching
from agents.sandbox.processes import tasks_of
from agents.sandbox.sandbox import Command, Job, Places, SandboxKey, environment

PATH = "/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin" if sys.platform == "darwin" else "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Unsandboxed:
    interpreter: Interpreter
    key: SandboxKey = "unsandboxed"
    title: str = "No sandbox"

    @property
    def python(self) -> str:
        return str(self.interpreter.executable)

    @property
    def shown(self) -> tuple[Path, ...]:
        return self.interpreter.folders

    def places(self, job: Job) -> Places:
        return Places(workspace=str(job.workspace.absolute()), scratch=str(job.scratch))

    def command(self, job: Job, arguments: Sequence[str]) -> Command:
        places = self.places(job)
        limits = job.limits.resources(others=tasks_of(os.geteuid()))
        if sys.platform != "linux":
            del limits["RLIMIT_NPROC"]  # nothing here says how many the person has running already
        return Command(
            arguments=launching(self.python, arguments, places.workspace, limits, is_bound=True),
            environment=environment(job, places, f"{self.interpreter.executable.parent}:{PATH}"),
            folder=job.workspace,
        )
