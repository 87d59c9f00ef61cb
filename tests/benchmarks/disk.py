"""What a turn writes: transactions, statements and bytes on the disk."""

import os
import tempfile
from collections import Counter
from pathlib import Path

from sqlalchemy import Engine, event

from agents.application import application, close_application
from agents.assistant import ASSISTANT
from state import paths, timing
from state.events import UserMessage
from state.store import Store
from state.users import User
from tests.benchmarks.model import PIECE
from tests.benchmarks.processes import modelling
from tests.benchmarks.readers import header_environment
from tests.benchmarks.results import Cell, Results, Scale, Table

SECONDS = 8
LETTERS = 1000


def measure(scale: Scale) -> Results:
    transactions, statements = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder, modelling() as model:
        os.environ |= header_environment(model.url) | {"ROUNDTABLE_DATA_DIR": folder}
        store = application().store(User("writer"))
        _turn(store, "First. deltas=5")
        end = timing.listen(lambda kind, _: transactions.update([kind]))
        event.listen(Engine, "before_cursor_execute", lambda *arguments: statements.update([arguments[2].split()[0]]))
        _turn(store, f"Go. deltas={50 * SECONDS}")
        end()
        transacted, stated = dict(transactions), float(statements.total())
        close_application()  # which puts all into the one file
        before, turns, store = _size(Path(folder), store.user), scale.of(40, 10), application().store(store.user)
        for _ in range(turns):
            _turn(store, f"Go. letters={LETTERS} pace=2000")
        close_application()
        grown = (_size(Path(folder), store.user) - before) / (turns * LETTERS)
    rows: dict[str, tuple[Cell, ...]] = {
        f"transactions that write, of an answer of {SECONDS} s": (float(transacted["write"]),),
        "transactions that read": (float(transacted["read"]),),
        "statements besides those that save pieces": (stated,),
        f"bytes of the file for a character, one-turn conversations of {LETTERS // PIECE} deltas": (grown,),
    }
    return Results([Table("What a turn writes", ("", "Roundtable"), rows)])


def _turn(store: Store, prompt: str) -> None:
    run = application().runner.start(store, ASSISTANT, UserMessage(text=prompt))
    while not run.is_over:
        run.wait(10**9, 1)


def _size(folder: Path, user: User) -> int:
    file = paths.database_file(folder, user)
    return sum(each.stat().st_size for each in file.parent.glob(f"{file.name}*"))
