"""Many people at once, in a process of its own: `python -m tests.benchmarks.drive '{"kind": "roundtable", "url": …}'`.

It opens all pages and says `opened`; on a line from its standard input it sends the prompts, says `streaming` when the first text has come
to all of them, and `done` with what it saw when all answers are whole. Then it keeps the pages open until its input ends.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.readers import Kind, Reader, reader

AT_ONCE = 8
"""Pages being opened at a time."""
LATE_EVERY = 0.5
"""Seconds between two who come late."""
PATIENCE = 60
"""Seconds beyond an answer's own length after which it is given up."""


@dataclass(frozen=True)
class Load:
    kind: Kind
    url: str
    readers: int
    prompt: str = ""
    seconds: float = 0
    """How long an answer takes if it keeps its pace."""
    ramp: float = 0
    """Seconds over which the prompts are sent."""
    mode: str = "assistant"
    query: str = ""
    rounds: int = 1
    """How many prompts each sends, one after the other."""
    late: int = 0
    """How many more people there are, who send theirs one after the other once all answers of the others are being written."""


class Crowd:
    def __init__(self, load: Load) -> None:
        self._load = load
        people = [reader(load.kind, load.url, number, load.mode, load.query) for number in range(load.readers + load.late)]
        self._readers, self._late = people[: load.readers], people[load.readers :]
        self._errors: list[str] = []
        self._took: list[float] = []

    async def play(self) -> None:
        opening = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._open(each, opening) for each in self._everybody))
        report(at="opened", errors=self._errors, sizes=self._sizes())
        if not await line():
            return
        everybody = asyncio.create_task(self._answer_all())
        started = asyncio.create_task(self._hear_all())
        await asyncio.wait({everybody, started}, return_when=asyncio.FIRST_COMPLETED)
        report(at="streaming")
        coming = asyncio.create_task(self._come_late())
        await everybody
        await coming
        started.cancel()
        report(at="done", **self._seen())
        await line()
        await asyncio.gather(*(each.close() for each in self._everybody), return_exceptions=True)

    @property
    def _everybody(self) -> list[Reader]:
        return [*self._readers, *self._late]

    async def _come_late(self) -> None:
        await asyncio.gather(*(self._converse(each, LATE_EVERY * number) for number, each in enumerate(self._late)))

    async def _answer_all(self) -> None:
        await asyncio.gather(
            *(self._converse(each, self._load.ramp * number / len(self._readers)) for number, each in enumerate(self._readers))
        )

    async def _hear_all(self) -> None:
        await asyncio.gather(*(each.lags.began.wait() for each in self._readers))

    async def _open(self, each: Reader, opening: asyncio.Semaphore) -> None:
        async with opening:
            try:
                await asyncio.wait_for(each.open(), PATIENCE)
            except Exception as error:
                self._errors.append(repr(error))

    async def _converse(self, each: Reader, wait: float) -> None:
        await asyncio.sleep(wait)
        for _ in range(self._load.rounds):
            began = time.monotonic()
            try:
                await asyncio.wait_for(each.ask(self._load.prompt), self._load.seconds + PATIENCE)
            except Exception as error:
                self._errors.append(repr(error))
                return
            self._took.append(time.monotonic() - began)

    def _seen(self) -> dict[str, Any]:
        lags = [lag for each in self._readers for lag in each.lags.each]
        return {
            "first": spread(_firsts(self._readers)),
            "late": spread(_firsts(self._late)),
            "lag": spread(lags),
            "deltas": len(lags),
            "took": spread(self._took),
            "sizes": self._sizes(),
            "errors": self._errors,
        }

    def _sizes(self) -> dict[str, float]:
        sizes = [each.sizes for each in self._readers]
        return {way: statistics.mean(size[way] for size in sizes) for way in sizes[0]}


def _firsts(readers: list[Reader]) -> list[float]:
    return [each.lags.first for each in readers if each.lags.first is not None]


def spread(values: list[float]) -> dict[str, float]:
    """The median, the 95th of a hundred, and the largest."""
    if not values:
        return {}
    ordered = sorted(values)
    return {"median": statistics.median(ordered), "p95": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], "most": ordered[-1]}


async def line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def report(**said: Any) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def argument(load: Load) -> str:
    return json.dumps(asdict(load))


if __name__ == "__main__":
    asyncio.run(Crowd(Load(**json.loads(sys.argv[1]))).play())
