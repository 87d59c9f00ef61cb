"""What the server costs while nothing is asked of it, and what each page and each run adds."""

import socket
import statistics
import tempfile
import time
from pathlib import Path

from pages.web.events import PING_SECONDS
from tests.benchmarks.drive import Load
from tests.benchmarks.processes import Measured, bare, chainlit, driving, modelling, roundtable
from tests.benchmarks.results import Cell, Claim, Results, Scale, Table, ratio
from tests.benchmarks.streams import STARTS
from tests.server import Server

SCRIPT = """import streamlit as st

st.title("Bare")
st.chat_message("assistant").write("Hello")
st.chat_input("Say something")
"""
PAGES = 100
RUNS = 20
TURNED = "One turn. deltas=5"


def measure_start(scale: Scale) -> Results:
    """From the command to the first healthy answer, with an Ollama address that swallows connections, and without."""
    with socket.socket() as black_hole:
        black_hole.bind(("127.0.0.1", 0))
        black_hole.listen(1)
        address = f"127.0.0.1:{black_hole.getsockname()[1]}"
        pairs = [(_start(OLLAMA_HOST=address), _start()) for _ in range(scale.of(5, 1))]
    silent, none = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    with modelling() as model:
        began = time.monotonic()
        with chainlit(model):
            theirs = time.monotonic() - began
    rows: dict[str, tuple[Cell, ...]] = {
        "start, s": (none, theirs),
        "start where Ollama's address swallows connections, s": (silent, None),
    }
    return Results([Table("Start", ("", "Roundtable", "Chainlit"), rows)])


def _start(**environment: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data", ROUNDTABLE_MODEL="auto", **environment)
        began = time.monotonic()
        server.start()
        took = time.monotonic() - began
        server.kill()
        return took


def measure_memory(scale: Scale) -> Results:
    """Each page is another user's, with a store of its own."""
    pages, runs = scale.of(PAGES, 10), scale.of(RUNS, 5)
    rows: dict[str, tuple[Cell, ...]] = {}
    taken = {}
    with modelling() as model, roundtable(model) as ours, chainlit(model) as theirs:
        for server in (ours, theirs):
            _warm(server)
            idle = server.megabytes
            a_run = _a_run(server, runs, scale)  # first: what a hundred pages leave free would be used again
            before = server.megabytes
            with driving(Load(server.kind, server.url, pages)) as driver:
                driver.until("opened")
                a_page = (server.megabytes - before) / pages
            taken[server.kind] = (idle, a_page, a_run)
    for number, what in enumerate(("idle, MB", "an open page, MB", "a live run, MB")):
        rows[what] = (taken["roundtable"][number], taken["chainlit"][number])
    claims = [
        Claim("memory of an open page, MB", taken["roundtable"][1], 1),
        Claim("memory of a live run, MB", taken["roundtable"][2], 2),
    ]
    return Results([Table("Memory", ("", "Roundtable", "Chainlit"), rows, "Idle is after the first answer.")], claims)


def _warm(server: Measured) -> None:
    with driving(Load(server.kind, server.url, 2, TURNED)) as driver:
        driver.until("opened")
        driver.go()
        driver.until("done")


def _a_run(server: Measured, runs: int, scale: Scale) -> float:
    """What a run adds to its open page while it is live."""
    with driving(Load(server.kind, server.url, runs, "Go deltas=400", 8)) as driver:
        driver.until("opened")
        before = server.megabytes
        driver.go()
        driver.until("streaming")
        time.sleep(scale.of(5, 2))
        return (server.megabytes - before) / runs


def measure_idle(scale: Scale) -> Results:
    """Pages that are only open: ours on a conversation, each listening, beside those of a script of four lines. All pings come twice.

    Both stand at the same time, so that the machine is as busy for one as for the other.
    """
    pages, seconds = scale.of(PAGES, 10), scale.of(2 * PING_SECONDS, 5)
    with modelling() as model, roundtable(model) as ours, bare(SCRIPT) as script:
        asking = Load(ours.kind, ours.url, pages, TURNED, ramp=pages / STARTS)
        with driving(asking) as driver, driving(Load(script.kind, script.url, pages, mode="")) as other:
            driver.until("opened")
            other.until("opened")
            driver.go()
            driver.until("done")
            time.sleep(2)
            before = ours.cpu, script.cpu
            time.sleep(seconds)
            one, two = ((after - cpu) / seconds for after, cpu in zip((ours.cpu, script.cpu), before, strict=True))
    rows: dict[str, tuple[Cell, ...]] = {"share of a core, %": (100 * one, 100 * two, ratio(one, two))}
    claims = [Claim(f"processor time of {pages} idle pages, as a multiple of a bare Streamlit script's", ratio(one, two), 1)]
    return Results([Table(f"{pages} idle pages", ("", "Roundtable", "bare Streamlit script", "ratio"), rows)], claims)
