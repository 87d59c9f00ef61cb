"""A turn to be driven: the prompt that was accepted, and what it is driven with."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

from agents.budget import Budget
from agents.feed import Feed
from agents.loop import BackgroundLoop
from agents.mode import Mode
from agents.models.clients import Clients
from agents.models.model import Model
from agents.places import Places
from agents.shares import Shares
from agents.tools.toolbox import Toolbox
from agents.workroom import Workrooms
from state.conversations import Options, RunRecord
from state.events import AgentMessage, Prompt, SavedEvent
from state.store import Store

T = TypeVar("T")


@dataclass(frozen=True)
class Surroundings:
    """What every run of the process shares."""

    loop: BackgroundLoop
    disk: Executor
    """Threads for the store, so that the loop never waits for the disk."""
    clients: Clients
    retries: int
    toolbox: Toolbox
    budget: Budget
    workrooms: Workrooms
    shares: Shares
    places: Places

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Work on a disk's thread and wait for it on the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.disk, work)


@dataclass(frozen=True)
class Turn:
    """A prompt that was accepted, and where its answer goes."""

    store: Store
    feed: Feed
    mode: Mode
    model: Model
    options: Options
    record: RunRecord
    prompt: Prompt
    head: int
    """The log's last sequence number: the run's start, one after the prompt."""
    lead: AgentMessage | None = None
    """The message to go on with."""
    is_fresh: bool = False
    """Whether the answer must be a new one, whatever the cache holds."""
    so_far: Sequence[SavedEvent] = ()
    """What the run had logged, when it is taken up again; empty for a new one."""
