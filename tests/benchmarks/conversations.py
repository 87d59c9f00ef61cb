"""Opening and rerunning long conversations, on the server and in a browser."""

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from agents.images.preparing import prepare
from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Store, Stores
from state.users import LOCAL_USER
from tests.agents.images.pictures import photo, saved
from tests.benchmarks.long import fill
from tests.benchmarks.page import Page
from tests.benchmarks.processes import Measured, modelling, roundtable
from tests.benchmarks.results import Cell, Claim, Results, Scale, Table, ratio
from tests.browser.chat import Chat
from tests.browser.chromium import system_chromium
from tests.browser.conftest import ARGUMENTS

SIZES = (10, 100, 1000)
"""Messages."""
PICTURES = 100
PICTURES_OF_A_PROMPT = 10
WATCH = """() => {
  window.longTasks = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.longTasks += entry.duration; })
    .observe({ type: "longtask", buffered: true });
}"""
INTERACTIVE = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app?.dataset.testScriptState === "notRunning" && document.querySelectorAll('[data-testid="stChatMessage"]').length > 0;
}"""
HEARD = """() => {
  window.longTasks = 0;
  window.heard = new Promise((resolve) => new MutationObserver(() => {
    const text = document.querySelector(".is-writing .live-text");
    if (text && text.textContent.trim()) resolve(performance.now());
  }).observe(document.body, { subtree: true, childList: true, characterData: true }));
}"""


@dataclass
class Took:
    """Milliseconds, by what was done, one a round."""

    opened: list[float]
    rerun: list[float]
    processor: list[float]
    kilobytes: list[float]
    interactive: list[float]
    long_tasks: list[float]
    first_text: list[float]
    turn_tasks: list[float]


ROWS = {
    "server: open, ms": "opened",
    "server: rerun, ms": "rerun",
    "server: rerun, processor ms": "processor",
    "server: rerun, kB to the browser": "kilobytes",
    "browser: open until it can be used, ms": "interactive",
    "browser: long tasks while opening, ms": "long_tasks",
    "browser: a prompt sent until its first text, ms": "first_text",
    "browser: long tasks of a turn, ms": "turn_tasks",
}


def measure(scale: Scale) -> Results:
    with tempfile.TemporaryDirectory() as folder, modelling() as model:
        settings = {"ROUNDTABLE_DATA_DIR": f"{folder}/data", "ROUNDTABLE_AUTH": "local"}
        with roundtable(model, **settings):
            pass  # makes the folder
        stores = Stores(Path(folder) / "data")
        ids = _filled(stores.of(LOCAL_USER), scale)
        stores.close()
        took = {name: _nothing_yet() for name in ids}
        with roundtable(model, **settings) as server:
            for mode, id in ids.values():  # a server's first pages are slow
                asyncio.run(_visit(server, mode, id, _nothing_yet()))
            for _ in range(2 * scale.of(5, 1)):
                for name, (mode, id) in ids.items():
                    asyncio.run(_visit(server, mode, id, took[name]))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=system_chromium(), args=ARGUMENTS)
                _look(browser, server, *next(iter(ids.values())), _nothing_yet())  # and so is a browser's
                for _ in range(scale.of(3, 1)):
                    for name, (mode, id) in ids.items():
                        _look(browser, server, mode, id, took[name])
                browser.close()
    return _results(took)


def _results(took: dict[str, Took]) -> Results:
    medians = {name: {row: statistics.median(getattr(each, field)) for row, field in ROWS.items()} for name, each in took.items()}
    few, many = f"{SIZES[0]} messages", next(name for name in reversed(medians) if "messages" in name)
    rows: dict[str, tuple[Cell, ...]] = {
        row: (*(medians[name][row] for name in medians), ratio(medians[many][row], medians[few][row])) for row in ROWS
    }
    heading = f"ratio {many.split()[0]} to {few.split(maxsplit=1)[0]}"
    bounded = [row for row in ROWS if row.endswith(", ms") and "long tasks" not in row]
    claims = [
        Claim(f"{row.removesuffix(', ms')}: {many}, as a multiple of {few}", ratio(medians[many][row], medians[few][row]), 1.5)
        for row in bounded
    ]
    return Results([Table("Long conversations", ("", *medians, heading), rows)], claims)


def _nothing_yet() -> Took:
    return Took([], [], [], [], [], [], [], [])


def _filled(store: Store, scale: Scale) -> dict[str, tuple[str, str]]:
    """Modes and ids of conversations, by what is in them."""
    ids = {f"{size:,} messages": ("assistant", fill(store, size // 2)[0]) for size in SIZES[: scale.of(3, 2)]}
    return ids | {f"{PICTURES} pictures": ("images", _illustrated(store))}


def _illustrated(store: Store) -> str:
    id: str | None = None
    for turn in range(PICTURES // PICTURES_OF_A_PROMPT):
        sizes = [640 + 10 * turn + number for number in range(PICTURES_OF_A_PROMPT)]
        pictures = [prepare(saved(photo(width, 480), "JPEG"), "photo.jpg") for width in sizes]
        prompt = UserMessage(text="Look", images=tuple(picture.stored for picture in pictures))
        run, _ = store.begin_run(id, "images", prompt, "openai", images={each.stored.id: each.data for each in pictures})
        store.end_run(run, [AgentMessage(source="assistant", text="I see.")], RunEnded(status="finished"))
        id = run.conversation
    assert id is not None
    return id


async def _visit(server: Measured, mode: str, id: str, took: Took) -> None:
    """Open it in a new tab and have it drawn once more."""
    page = Page(server.url, {})
    began = time.perf_counter()
    await page.open(mode, f"conversation={id}")
    took.opened.append(1000 * (time.perf_counter() - began))
    async with page:
        began, cpu, size = time.perf_counter(), server.cpu, page.page_bytes
        await page.rerun()
        took.rerun.append(1000 * (time.perf_counter() - began))
        took.processor.append(1000 * (server.cpu - cpu))
        took.kilobytes.append((page.page_bytes - size) / 1000)


def _look(browser: Browser, server: Measured, mode: str, id: str, took: Took) -> None:
    """Open it in a browser, and have it answer a short prompt."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(f"({WATCH})()")
    page.goto(f"{server.url}/{mode}?conversation={id}")
    page.wait_for_function(INTERACTIVE, timeout=60_000)
    took.interactive.append(float(page.evaluate("() => performance.now()")))
    page.wait_for_timeout(500)  # a long task is told when it is over
    took.long_tasks.append(float(page.evaluate("() => window.longTasks")))
    page.evaluate(HEARD)
    chat = Chat(page, server.url)
    began = page.evaluate("() => performance.now()")
    chat.send("Briefly. deltas=40")
    took.first_text.append(float(page.evaluate("() => window.heard")) - began)
    page.wait_for_selector(".st-key-stop", state="detached")
    page.wait_for_timeout(500)
    took.turn_tasks.append(float(page.evaluate("() => window.longTasks")))
    page.close()
