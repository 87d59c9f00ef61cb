"""A load that goes on and on, and what becomes of the memory: the slope of a straight line through it."""

import statistics
import time

from tests.benchmarks.drive import Load
from tests.benchmarks.processes import Process, driving, modelling, roundtable
from tests.benchmarks.results import Claim, Results, Scale, Table

PEOPLE = 10
ANSWER = 4
"""Seconds."""
WARM_UP = 1 / 4
EVERY = 2
"""Seconds between two looks at the memory."""


def measure(scale: Scale) -> Results:
    """People who ask one thing after another, ten in a conversation: what an endless one takes for each answer is no leak."""
    seconds = 20.0 if scale.is_quick else scale.soak_seconds
    prompt = f"Go. deltas={50 * ANSWER}"
    with modelling() as model, roundtable(model) as server:
        load = Load("roundtable", server.url, PEOPLE, prompt, ANSWER, ramp=2, rounds=10**6)
        with driving(load) as driver:
            driver.until("opened")
            driver.go()
            time.sleep(WARM_UP * seconds)
            sent, cpu = model.sent, server.cpu
            looks = _watched(server, (1 - WARM_UP) * seconds)
            deltas, used = model.sent - sent, server.cpu - cpu
    slope = statistics.linear_regression(*zip(*looks, strict=True)).slope * 60
    rows = {
        "seconds": (seconds,),
        "answers": (deltas / 50 / ANSWER,),
        "memory after the warm-up, MB": (looks[0][1],),
        "memory at the end, MB": (looks[-1][1],),
        "slope, MB a minute": (slope,),
        "processor time for a delta, ms": (1000 * used / deltas,),
    }
    per_answer = slope * 1000 / max(1.0, (deltas / 50 / ANSWER) / ((1 - WARM_UP) * seconds / 60))
    rows["slope, kB an answer"] = (per_answer,)
    return Results(
        [Table(f"{PEOPLE} people who ask without a pause", ("", "Roundtable"), rows)],
        [Claim("slope of memory under load, kB an answer", per_answer, 20)],
    )


def _watched(server: Process, seconds: float) -> list[tuple[float, float]]:
    began, looks = time.monotonic(), []
    while (passed := time.monotonic() - began) < seconds:
        looks.append((passed, server.megabytes))
        time.sleep(EVERY)
    return looks
