"""What an answer weighs on its way to the browser."""

from contextlib import ExitStack
from typing import Any

from tests.benchmarks.drive import Load
from tests.benchmarks.model import PACE, PIECE
from tests.benchmarks.processes import Driver, Measured, chainlit, driving, modelling, roundtable
from tests.benchmarks.results import Cell, Claim, Results, Scale, Table, ratio

SHORT, LONG = 4_000, 16_000


def measure(scale: Scale) -> Results:
    """All of them at once: so few streams do not disturb one another."""
    pace = PACE * scale.of(1, 8)
    with ExitStack() as stack:
        model = stack.enter_context(modelling())
        servers = (stack.enter_context(roundtable(model)), stack.enter_context(chainlit(model)))
        drivers = {
            (server.kind, letters): stack.enter_context(driving(_load(server, letters, pace)))
            for server in servers
            for letters in (SHORT, LONG)
        }
        for driver in drivers.values():
            driver.until("opened")
        opened = {key: _sizes(driver) for key, driver in drivers.items()}
        for driver in drivers.values():
            driver.go()
        done = {key: driver.until("done")["sizes"] for key, driver in drivers.items()}
    live = {key: (sizes["live"] - opened[key]["live"]) / key[1] for key, sizes in done.items()}
    whole = {key: (sizes["live"] + sizes["page"] - opened[key]["live"] - opened[key]["page"]) / key[1] for key, sizes in done.items()}
    rows: dict[str, tuple[Cell, ...]] = {}
    for letters in (SHORT, LONG):
        rows[f"live text, {letters:,} characters"] = (live["roundtable", letters], live["chainlit", letters])
        rows[f"with the page that is drawn at its end, {letters:,} characters"] = (whole["roundtable", letters], whole["chainlit", letters])
    growth = ratio(live["roundtable", LONG], live["roundtable", SHORT])
    claims = [
        Claim(f"bytes of live text for a character of {LONG:,}", live["roundtable", LONG], 7),
        Claim(f"… as a multiple of those for a character of {SHORT:,}", growth, 1.05),
    ]
    note = f"Paragraphs and code, {PIECE} characters a delta, {pace} deltas a second."
    bars = {f"Bytes for a character of {LONG:,}": {"Roundtable": live["roundtable", LONG], "Chainlit": live["chainlit", LONG]}}
    return Results([Table("Bytes to the browser, for each character", ("", "Roundtable", "Chainlit"), rows, note)], claims, bars)


def _load(server: Measured, letters: int, pace: int) -> Load:
    return Load(server.kind, server.url, 1, f"Write. letters={letters} pace={pace}", letters / PIECE / pace)


def _sizes(driver: Driver) -> dict[str, Any]:
    """Before the prompt there is a page, but no answer."""
    return dict(driver.opened["sizes"])
