"""What listing and searching cost with 5,000 conversations, against 50."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from agents.application import application, close_application
from state.events import AgentMessage, RunEnded, UserMessage
from state.store import Store
from state.users import LOCAL_USER
from tests.benchmarks.results import Cell, Results, Scale, Table, ratio
from tests.server import ROOT

FEW, MANY = 50, 5000
ROUNDS = 200
DELETED = 5
PAGES = 15
ANSWER = "The answer has about as many words as people read before they scroll, and some of them are rare. " * 6


def fill(store: Store, conversations: int) -> None:
    for number in range(conversations):
        run, _ = store.begin_run(
            None, "assistant", UserMessage(text=f"Question {number} about the lamp of floor{number}"), "demo · built-in"
        )
        store.end_run(run, [AgentMessage(source="assistant", text=ANSWER)], RunEnded(status="finished"))


def seconds_of(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median of what one of many rounds took."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def measure(conversations: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ROUNDTABLE_DATA_DIR": folder, "ROUNDTABLE_MODEL": "demo"}
        store = application().store(LOCAL_USER)
        fill(store, conversations)
        ids = iter([each.id for each in store.conversations(DELETED)])
        tab = AppTest.from_file(ROOT / "pages" / "main.py", default_timeout=60).run()
        tab.switch_page("conversations.py")
        took = {
            "open the page": seconds_of(tab.run, PAGES),
            "list the latest 30": seconds_of(lambda: store.conversations(30)),
            "list the latest 30 of a mode": seconds_of(lambda: store.conversations(30, mode="assistant")),
            "search a rare word": seconds_of(lambda: store.search("floor7")),
            "search a word of every conversation": seconds_of(lambda: store.search("lamp")),
            "delete one": seconds_of(lambda: store.delete(next(ids)), DELETED),
        }
        close_application()
        return took


def measure_listing(scale: Scale) -> Results:
    many = scale.of(MANY, 200)
    took = measure(FEW), measure(many)
    rows: dict[str, tuple[Cell, ...]] = {
        f"{name}, ms": (1000 * took[0][name], 1000 * took[1][name], ratio(took[1][name], took[0][name])) for name in took[0]
    }
    return Results([Table("Listing and searching", ("", f"{FEW} conversations", f"{many:,} conversations", "ratio"), rows)])
