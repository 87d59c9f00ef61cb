"""What code may use up at most."""

import math
from dataclasses import dataclass

from state.settings import Settings
from state.workspaces import FILE_BYTES, WORKSPACE_BYTES, WORKSPACE_FILES

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    seconds: float = 60.0
    """By the clock, for one block."""
    memory_bytes: int = 2048 * MEGABYTE
    """For all processes together; no single one may even reserve more."""
    processes: int = 64
    """Threads count too, as the system counts them."""
    open_files: int = 256
    """For each process."""
    file_bytes: int = FILE_BYTES
    workspace_bytes: int = WORKSPACE_BYTES
    workspace_files: int = WORKSPACE_FILES
    output_bytes: int = 200_000
    """What is kept of the output."""
    flood_bytes: int = 5 * MEGABYTE
    """So much output ends the code."""

    def resources(self, *, others: int = 0) -> dict[str, int]:
        """The limits the system holds a process to, by their names in `resource`.

        `others` are the tasks of the same user outside: where there is no user namespace, the system counts them in.
        """
        return {
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_CPU": math.ceil(self.seconds) + 1,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NPROC": self.processes + others,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
        }


def to_limits(settings: Settings) -> Limits:
    """The limits as the settings say."""
    return Limits(seconds=settings.code_seconds, memory_bytes=settings.code_memory_megabytes * MEGABYTE)
