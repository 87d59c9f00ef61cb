"""What of a run may be left behind when it is over: nothing. Tasks, threads and processes, counted before and after."""

import asyncio
import threading
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from agents.application import Application

POOLS = ("disk_", "asyncio_", "uvloop_")
"""Threads that wait for more work, ours and either kind of loop's; how many there are depends on how much came at once."""


@dataclass(frozen=True)
class Living:
    """What lives at one moment."""

    tasks: frozenset[str]
    threads: frozenset[str]
    processes: frozenset[int]

    def is_within(self, before: "Living") -> bool:
        """Whether nothing is new: what was there may have ended meanwhile."""
        return self.tasks <= before.tasks and self.threads <= before.threads and self.processes <= before.processes


def living(app: Application) -> Living:
    """Count what lives now in this process."""

    async def tasks() -> frozenset[str]:
        return frozenset(task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()})

    threads = (thread.name for thread in threading.enumerate() if not thread.name.startswith(POOLS))
    children = psutil.Process().children(recursive=True)
    return Living(app.loop.submit(tasks()).result(timeout=5), frozenset(threads), frozenset(child.pid for child in children))
