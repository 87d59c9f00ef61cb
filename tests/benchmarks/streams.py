"""Answers being written: how soon, how late, at what cost, and how many at once."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.drive import Load
from tests.benchmarks.model import PACE
from tests.benchmarks.processes import Model, Process, chainlit, driving, modelling, roundtable
from tests.benchmarks.readers import Kind
from tests.benchmarks.results import Cell, Claim, Results, Scale, Table, ratio

KINDS: tuple[Kind, ...] = ("roundtable", "chainlit", "client")
NAMES: dict[Kind, str] = {"roundtable": "Roundtable", "chainlit": "Chainlit", "client": "bare client"}
MANY = 100
LATEST = 500
"""Milliseconds that 95 of 100 words may be late at most where streams are said to be held."""
SLOWEST = 1.15
"""And how much longer than at its pace an answer may take."""
FIRST_STEP, MOST = 8, 1024


@dataclass(frozen=True)
class Seen:
    """One load, as its driver saw it and as the server paid for it."""

    driver: dict[str, Any]
    milliseconds: float
    """Of processor time for a delta, while all streams were live."""
    processor: float
    """Share of one core meanwhile."""

    @property
    def first(self) -> float:
        return float(self.driver["first"].get("median", float("inf")))

    @property
    def p95(self) -> float:
        return float(self.driver["lag"].get("p95", float("inf")))


@contextmanager
def serving(kind: Kind, model: Model) -> Iterator[Process | None]:
    """Start what answers; the bare client answers by itself."""
    if kind == "roundtable":
        with roundtable(model) as server:
            yield server
    elif kind == "chainlit":
        with chainlit(model) as server:
            yield server
    else:
        yield None


def play(
    kind: Kind, server: Process | None, model: Model, streams: int, seconds: float, *, mode: str = "assistant", pace: int = PACE
) -> Seen:
    """Have so many answers written at once, each for so many seconds."""
    prompt, ramp = f"Plan a trip to Lisbon in May. deltas={int(pace * seconds)} pace={pace}", min(2.0, streams / 20)
    url = getattr(server, "url", model.url)
    with driving(Load(kind, url, streams, prompt, seconds, ramp=ramp, mode=mode)) as driver:
        driver.until("opened")
        driver.go()
        driver.until("streaming")
        milliseconds, processor = _spent(server or driver.process, model, max(1.0, seconds - ramp - 2))
        return Seen(driver.until("done"), milliseconds, processor)


def _spent(process: Process, model: Model, seconds: float) -> tuple[float, float]:
    began, cpu, sent = time.monotonic(), process.cpu, model.sent
    time.sleep(seconds)
    used, deltas = process.cpu - cpu, model.sent - sent
    return 1000 * ratio(used, deltas), used / (time.monotonic() - began)


def measure(scale: Scale) -> Results:
    """Some answers at once, taken in turns so that all have the same weather."""
    rounds, streams, seconds = scale.of(3, 1), scale.of(20, 5), scale.of(12, 5)
    seen: dict[Kind, list[Seen]] = {kind: [] for kind in KINDS}
    with modelling() as model:
        for _ in range(rounds):
            for kind in KINDS:
                with serving(kind, model) as server:
                    seen[kind].append(play(kind, server, model, streams, seconds))
    cost = {kind: statistics.median(each.milliseconds for each in seen[kind]) for kind in KINDS}
    rows: dict[str, tuple[Cell, ...]] = {}
    for what in ("first", "lag"):
        for figure in ("median", "p95"):
            name = {"first": "first text", "lag": "each delta"}[what]
            rows[f"{name}, {figure}, ms"] = tuple(statistics.median(each.driver[what][figure] for each in seen[kind]) for kind in KINDS)
    rows["processor time for a delta, ms"] = tuple(cost[kind] for kind in KINDS)
    rows["… as a multiple of the bare client's"] = tuple(ratio(cost[kind], cost["client"]) for kind in KINDS)
    note = f"From the provider's sending to the reader's hands; {streams} answers at once, {PACE} deltas a second each."
    claims = [
        Claim("processor time for a delta, as a multiple of the bare client's", ratio(cost["roundtable"], cost["client"]), 1.6),
        Claim("processor time for a delta, as a multiple of Chainlit's", ratio(cost["roundtable"], cost["chainlit"]), 0.5),
    ]
    bars = {"Processor time for a delta, ms": {NAMES[kind]: cost[kind] for kind in KINDS}}
    return Results([Table("An answer being written", ("", *NAMES.values()), rows, note)], claims, bars)


def measure_hundred(scale: Scale) -> Results:
    """The same load on both, a light one and a heavy one."""
    streams, seconds = scale.of(MANY, 10), scale.of(12, 5)
    kinds: tuple[Kind, ...] = ("roundtable", "chainlit")
    rows: dict[str, tuple[Cell, ...]] = {}
    claims = []
    with modelling() as model:
        for pace in (10, PACE):
            seen = {}
            for kind in kinds:
                with serving(kind, model) as server:
                    seen[kind] = play(kind, server, model, streams, seconds, pace=pace)
            ours, theirs = seen["roundtable"], seen["chainlit"]
            rows[f"first text at {pace} deltas a second, median, ms"] = (ours.first, theirs.first, ratio(ours.first, theirs.first))
            rows[f"each delta at {pace} a second, p95, ms"] = (ours.p95, theirs.p95, ratio(ours.p95, theirs.p95))
            rows[f"share of a core at {pace} a second"] = (ours.processor, theirs.processor, ratio(ours.processor, theirs.processor))
            if pace == PACE:
                claims = [
                    Claim(f"p95 lag with {streams} live streams, as a multiple of Chainlit's", ratio(ours.p95, theirs.p95), 1),
                    Claim(f"first text with {streams} live streams, as a multiple of Chainlit's", ratio(ours.first, theirs.first), 1),
                ]
    return Results([Table(f"{streams} live streams", ("", "Roundtable", "Chainlit", "ratio"), rows)], claims)


def measure_held(scale: Scale) -> Results:
    """The most streams that keep their pace and are not late, by doubling and then halving the step."""
    held = {}
    with modelling() as model:
        for name, kind, mode in (
            ("Roundtable", "roundtable", "assistant"),
            ("Chainlit", "chainlit", ""),
            ("travel team", "roundtable", "travel"),
        ):
            held[name] = _most_held(kind, mode, model, scale)  # type: ignore[arg-type]
        held["bare client"] = _most_held("client", "", model, scale)
    rows: dict[str, tuple[Cell, ...]] = {name: (float(count), ratio(count, held["Chainlit"])) for name, count in held.items()}
    note = f"{PACE} deltas a second each, 95 of 100 words at most {LATEST} ms late, and no answer much slower than its pace."
    claims = [Claim("streams held, as a multiple of Chainlit's", ratio(held["Roundtable"], held["Chainlit"]), 2, is_least=True)]
    table = Table("Streams held", ("", "streams", "as a multiple of Chainlit's"), rows, note)
    return Results([table], claims, {"Streams held": {name: float(count) for name, count in held.items()}})


def _most_held(kind: Kind, mode: str, model: Model, scale: Scale) -> int:
    seconds, finest = scale.of(10, 4), scale.of(8, 2)

    def holds(streams: int) -> bool:
        with serving(kind, model) as server:
            return _is_held(play(kind, server, model, streams, seconds, mode=mode or "assistant"), streams, seconds)

    least, most = 0, FIRST_STEP
    while most <= MOST and holds(most):
        least, most = most, 2 * most
    while most - least > max(1, most // finest):
        middle = (least + most) // 2
        least, most = (middle, most) if holds(middle) else (least, middle)
    return least


def _is_held(seen: Seen, streams: int, seconds: float) -> bool:
    done = seen.driver
    is_whole = not done["errors"] and done["deltas"] >= 0.95 * streams * PACE * seconds
    return bool(is_whole and seen.p95 <= LATEST and done["took"]["p95"] <= SLOWEST * seconds + 1)
