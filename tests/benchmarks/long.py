"""A conversation of 1,000 turns on the disk, and what moving in it costs against one of 10."""

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from agents.memory import with_unfinished
from pages.ui.session import FIRST_SHOWN
from state import paths
from state.conversations import Beginning
from state.events import AgentMessage, RunEnded, Usage, UserMessage
from state.snapshots import State
from state.store import Store, Stores
from state.users import LOCAL_USER
from tests.benchmarks.results import Cell, Results, Scale, Table, ratio
from tests.benchmarks.texts import Words

FEW, MANY = 10, 1000
ROUNDS = 40
PROMPT_LENGTH, ANSWER_LENGTH = 100, 1000
PLACES = {"the beginning": 0.0, "the middle": 0.5, "the end": 1.0}


def fill(store: Store, turns: int) -> tuple[str, int]:
    """Put a conversation on disk, with the states that AutoGen would have left. Returns its id and the characters said."""
    writer, conversation, characters = Words(), None, 0
    messages: list[Mapping[str, object]] = []
    for _ in range(turns):
        prompt, answer = UserMessage(text=writer.text(PROMPT_LENGTH)), writer.text(ANSWER_LENGTH)
        run, _ = store.begin_run(conversation, "assistant", prompt, "openai · gpt-4.1-mini")
        usage = Usage(prompt_tokens=1000, completion_tokens=250)
        messages.append({"content": prompt.text, "source": "user", "type": "UserMessage"})
        messages.append({"content": answer, "thought": None, "source": "assistant", "type": "AssistantMessage"})
        state: State = {"type": "AssistantAgentState", "version": "1.0.0", "llm_context": {"messages": list(messages)}}
        said = AgentMessage(source="assistant", text=answer, usage=usage)
        store.end_run(run, [said], RunEnded(status="finished", seconds=3.2, usage=usage), state)
        conversation, characters = run.conversation, characters + len(prompt.text) + len(answer)
    assert conversation is not None
    return conversation, characters


def seconds_of(work: Callable[[], object]) -> float:
    """The median of what one of many rounds took."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def measure(turns: int) -> tuple[dict[str, float], float]:
    """Seconds by what was done, and bytes on disk for each of the text."""
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(Path(folder))
        store = stores.of(LOCAL_USER)
        conversation, characters = fill(store, turns)
        stores.close()
        size = paths.database_file(Path(folder), LOCAL_USER).stat().st_size
        store = stores.of(LOCAL_USER)
        runs = [run.id for run in store.runs(conversation)]
        took = {}
        for name, place in PLACES.items():
            run = runs[round(place * (turns - 1))]
            took[f"go back to {name} and draw it"] = seconds_of(lambda run=run: _go_and_draw(store, conversation, run))  # type: ignore[misc]
            took[f"load what the agent knows at {name}"] = seconds_of(lambda run=run: with_unfinished(*store.memory(conversation, run)))  # type: ignore[misc]
        run = runs[turns // 2]
        took["ask again in the middle"] = seconds_of(lambda: _ask_again(store, conversation, run))
        took["branch off in the middle"] = seconds_of(lambda: store.branch(conversation, run))
        stores.close()
        return took, size / characters


def _go_and_draw(store: Store, conversation: str, run: str) -> None:
    store.go_to(conversation, run)
    store.transcript(conversation, FIRST_SHOWN)


def _ask_again(store: Store, conversation: str, instead_of: str) -> None:
    """All that the store has to do for it: the memory included, the model not."""
    run, _ = store.begin_run(conversation, "assistant", UserMessage(text="Again"), "m", Beginning(instead_of=instead_of))
    state = with_unfinished(*store.memory(conversation, run.parent))
    store.end_run(run, [AgentMessage(source="assistant", text="Anew")], RunEnded(status="finished"), state)


def measure_moves(scale: Scale) -> Results:
    turns = scale.of(MANY, 50)
    (few, _), (many, size) = measure(FEW), measure(turns)
    rows: dict[str, tuple[Cell, ...]] = {f"{name}, ms": (1000 * few[name], 1000 * many[name], ratio(many[name], few[name])) for name in few}
    note = f"The conversation of {turns:,} turns has {size:.2f} bytes on disk for each character said."
    return Results([Table("Moving in a long conversation, in the store", ("", f"{FEW} turns", f"{turns:,} turns", "ratio"), rows, note)])
