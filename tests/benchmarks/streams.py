"""Answers being written: how soon, how late, at what cost, and how many at once."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from agents.travel.ending import MOST_MESSAGES
from tests.benchmarks.drive import Load
from tests.benchmarks.model import PACE, THINKING
from tests.benchmarks.processes import Model, Process, chainlit, driving, modelling, roundtable
from tests.benchmarks.readers import Kind
from tests.benchmarks.results import Cell, Claim, Results, Scale, Table, ratio

KINDS: tuple[Kind, ...] = ("roundtable", "chainlit", "client")
NAMES: dict[Kind, str] = {"roundtable": "Roundtable", "chainlit": "Chainlit", "client": "bare client"}
MANY = 100
LATEST = 500
"""Milliseconds that 95 of 100 words may be late at most where streams are said to be held."""
SLOWER = 0.15
"""By how much of its length an answer may take longer than at its pace."""
PAUSE = THINKING + 0.2
"""Seconds before a message and after it that are no delay: thinking, choosing who speaks, putting it down, drawing it."""
WHOLE = 0.9
"""Of the words, how many must have come. A few that were sent in the same millisecond are counted as one."""
A_MESSAGE = 2.5
"""Seconds that one of a team speaks at least."""
LATE = 10
"""People who ask when all streams are live, twice a second: what they wait for is not the others' pages being drawn."""
STARTS = 8
"""Prompts a second, until all streams are live."""
FIRST_STEP, MOST = 16, 1024
FINEST = 6
"""The step is halved until it is such a part of the streams."""


@dataclass(frozen=True)
class Seen:
    """One load, as its driver saw it and as the server paid for it."""

    driver: dict[str, Any]
    milliseconds: float
    """Of processor time for a delta, while all streams were live."""
    processor: float
    """Share of one core meanwhile."""
    share: float
    """Of the words, how many came."""
    slower: float
    """By how much of its length an answer took longer than at its pace."""
    an_answer: float
    """Milliseconds of processor time for a whole one, with all that is drawn for it."""

    @property
    def first(self) -> float:
        return float(self.driver["first"].get("median", float("inf")))

    @property
    def late(self) -> float:
        """The first text of those who came when all were live."""
        return float(self.driver["late"].get("median", float("inf")))

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
    kind: Kind,
    server: Process | None,
    model: Model,
    streams: int,
    seconds: float,
    *,
    pace: int = PACE,
    mode: str = "assistant",
    late: int = 0,
) -> Seen:
    """Have so many answers written, all at once for so many seconds: they begin one after the other, and are that much longer."""
    ramp = streams / STARTS
    messages = MOST_MESSAGES - 1 if mode == "travel" else 1  # the prompt is one
    length = max(ramp + seconds, A_MESSAGE * messages)
    prompt = f"Plan a trip to Lisbon in May. deltas={int(pace * length / messages)} pace={pace}"
    url = getattr(server, "url", model.url)
    with driving(Load(kind, url, streams, prompt, length, ramp=ramp, mode=mode, late=late)) as driver:
        driver.until("opened")
        paying = server or driver.process
        before = paying.cpu
        driver.go()
        driver.until("streaming")
        milliseconds, processor = _spent(paying, model, seconds - 1)
        done = driver.until("done")
        an_answer = 1000 * (paying.cpu - before) / (streams + late)
    slower = done["took"].get("p95", float("inf")) - length - PAUSE * messages
    return Seen(done, milliseconds, processor, done["deltas"] / (streams * pace * length), slower / length, an_answer)


def _spent(process: Process, model: Model, seconds: float) -> tuple[float, float]:
    began, cpu, sent = time.monotonic(), process.cpu, model.sent
    time.sleep(seconds)
    used, deltas = process.cpu - cpu, model.sent - sent
    return 1000 * ratio(used, deltas), used / (time.monotonic() - began)


def measure(scale: Scale) -> Results:
    """Some answers at once, taken in turns so that all have the same weather."""
    rounds, streams, seconds = scale.of(3, 1), scale.of(20, 5), scale.of(8, 5)
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
    rows["processor time for an answer, all that is drawn for it included, ms"] = tuple(
        statistics.median(each.an_answer for each in seen[kind]) for kind in KINDS
    )
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
    streams, seconds = scale.of(MANY, 10), scale.of(8, 5)
    kinds: tuple[Kind, ...] = ("roundtable", "chainlit")
    rows: dict[str, tuple[Cell, ...]] = {}
    claims = []
    with modelling() as model:
        for pace in (10, PACE):
            seen = {}
            for kind in kinds:
                with serving(kind, model) as server:
                    seen[kind] = play(kind, server, model, streams, seconds, pace=pace, late=LATE)
            ours, theirs = seen["roundtable"], seen["chainlit"]
            rows[f"first text at {pace} deltas a second, median, ms"] = (ours.late, theirs.late, ratio(ours.late, theirs.late))
            rows[f"… while {STARTS} others a second begin too"] = (ours.first, theirs.first, ratio(ours.first, theirs.first))
            rows[f"each delta at {pace} a second, p95, ms"] = (ours.p95, theirs.p95, ratio(ours.p95, theirs.p95))
            rows[f"share of a core at {pace} a second"] = (ours.processor, theirs.processor, ratio(ours.processor, theirs.processor))
            if pace == PACE:
                claims = [
                    Claim(f"p95 lag with {streams} live streams, as a multiple of Chainlit's", ratio(ours.p95, theirs.p95), 1),
                    Claim(f"first text with {streams} live streams, as a multiple of Chainlit's", ratio(ours.late, theirs.late), 1),
                ]
    return Results([Table(f"{streams} live streams", ("", "Roundtable", "Chainlit", "ratio"), rows)], claims)


def measure_held(scale: Scale) -> Results:
    """The most streams that keep their pace and are not late, by doubling and then halving the step."""
    with modelling() as model:
        held = {
            "Roundtable": _most_held("roundtable", model, scale),
            "Chainlit": _most_held("chainlit", model, scale),
            "travel team": _most_held("roundtable", model, scale, mode="travel"),
        }
    rows: dict[str, tuple[Cell, ...]] = {name: (float(count), ratio(count, held["Chainlit"])) for name, count in held.items()}
    rows["travel team"] = (float(held["travel team"]), None)  # Chainlit's is one agent
    note = f"{PACE} deltas a second each, 95 of 100 words at most {LATEST} ms late, no answer much slower than its pace."
    claims = [Claim("streams held, as a multiple of Chainlit's", ratio(held["Roundtable"], held["Chainlit"]), 2, is_least=True)]
    table = Table("Streams held", ("", "streams", "as a multiple of Chainlit's"), rows, note)
    return Results([table], claims, {"Streams held": {name: float(count) for name, count in held.items()}})


def _most_held(kind: Kind, model: Model, scale: Scale, mode: str = "assistant") -> int:
    seconds, limit = scale.of(8, 4), scale.of(MOST, FIRST_STEP)
    with serving(kind, model) as server:

        def holds(streams: int) -> bool:
            return _is_held(play(kind, server, model, streams, seconds, mode=mode))

        least, most = 0, FIRST_STEP
        while most <= limit and holds(most):
            least, most = most, 2 * most
        while most <= limit and most - least > max(1, most // FINEST):
            middle = (least + most) // 2
            least, most = (middle, most) if holds(middle) else (least, middle)
        return least


def _is_held(seen: Seen) -> bool:
    return bool(not seen.driver["errors"] and seen.share >= WHOLE and seen.p95 <= LATEST and seen.slower <= SLOWER)
